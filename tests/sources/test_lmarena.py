"""The official Arena dataset: what is read, what is set aside, what is refused."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import LMARENA_TEXT, arena_metric
from pipeline.domain.observation import Capture, Reading, Severity
from pipeline.errors import SourceHeldError
from pipeline.sources.lmarena.source import TEXT, WEBDEV, LMArena

FETCHED = datetime(2026, 8, 13, 3, 26, tzinfo=UTC)


def row(name: str, rating: float = 1400.0, category: str = "overall", **more: object) -> dict[str, object]:
    return {
        "category": category,
        "rank": 1,
        "model_name": name,
        "organization": "openai",
        "license": "Proprietary",
        "rating": rating,
        "rating_lower": rating - 5,
        "rating_upper": rating + 5,
        "variance": 6.5,
        "vote_count": 2740.0,
        **more,
    }


def dump(rows: list[dict[str, object]], **meta: object) -> bytes:
    stated: dict[str, object] = {"subset": "text_style_control", "leaderboard_publish_date": "2026-08-12"}
    return json.dumps({"meta": {**stated, **meta}, "rows": rows}).encode()


def parquet(rows: list[dict[str, object]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def parse(body: bytes, source: LMArena = TEXT, url: str = "file:x.json") -> Reading:
    return source.parse([Capture(source=source.name, url=url, fetched_at=FETCHED, status=200, body=body)])


def refused(body: bytes, source: LMArena = TEXT, url: str = "file:x.json") -> str:
    with pytest.raises(SourceHeldError) as held:
        parse(body, source, url)
    assert held.value.source == source.name
    return held.value.found


MANY = [row(f"model-{number:02}", 1300.0 + number) for number in range(40)]


def test_a_row_becomes_an_observation_with_its_interval_and_votes() -> None:
    reading = parse(dump([row("gpt-5.5-high", 1490.25)]))
    (one,) = reading.observations
    assert (one.key, one.metric, one.value, one.low, one.high) == (
        "gpt-5.5-high",
        arena_metric("text", "overall"),
        1490.25,
        1485.25,
        1495.25,
    )
    assert one.votes == 2740
    assert (one.scale, one.observed_on, one.source) == (
        "arena-text-style-control",
        date(2026, 8, 12),
        LMARENA_TEXT,
    )
    assert one.capture == reading.captures[0]
    assert reading.published_on == date(2026, 8, 12)
    assert reading.findings == ()


def test_every_category_is_read_under_its_own_metric() -> None:
    reading = parse(dump([row("a"), row("a", category="coding"), row("b"), row("b", category="math")]))
    assert [(one.metric, one.key) for one in reading.observations] == [
        ("arena-text/coding", "a"),
        ("arena-text/math", "b"),
        ("arena-text/overall", "a"),
        ("arena-text/overall", "b"),
    ]
    assert [entry.key for entry in reading.entries] == ["a", "b"]


def test_an_empty_organisation_is_unknown() -> None:
    (entry,) = parse(dump([row("a", organization="", license="Apache 2.0")])).entries
    assert entry.organization is None
    assert entry.licence == "Apache 2.0"


def test_a_bare_list_of_rows_is_of_the_day_it_was_fetched() -> None:
    reading = parse(json.dumps([row("a")]).encode())
    assert reading.published_on is None
    assert reading.observations[0].observed_on == date(2026, 8, 13)


@pytest.mark.parametrize("day", [date(2026, 8, 12), datetime(2026, 8, 12, tzinfo=UTC), "2026-08-12"])
def test_the_parquet_file_reads_as_its_json_dump_does(day: object) -> None:
    rows = [row("a", 1410.5), row("b", vote_count=107.0), row("a", category="coding")]
    reading = parse(parquet([{**one, "leaderboard_publish_date": day} for one in rows]))
    plain = parse(dump(rows))
    assert reading.published_on == date(2026, 8, 12)
    assert [(o.key, o.metric, o.value, o.votes) for o in reading.observations] == [
        (o.key, o.metric, o.value, o.votes) for o in plain.observations
    ]


def test_a_preliminary_row_is_marked_as_estimated() -> None:
    reading = parse(dump([row("a", preliminary=True), row("b", preliminary=False), row("c")]))
    assert [(one.key, one.estimated) for one in reading.observations] == [
        ("a", True),
        ("b", False),
        ("c", False),
    ]


def test_the_board_without_style_control_is_refused() -> None:
    assert "the table `text`, where `text_style_control` is expected" in refused(
        dump([row("a")], subset="text")
    )


def test_another_board_is_refused_by_its_address_or_its_categories() -> None:
    body = parquet([row("a")])
    url = "https://huggingface.co/datasets/x/y/resolve/main/text/latest-00000-of-00001.parquet"
    assert "the table `text`" in refused(body, url=url)
    webdev = parquet([row("a"), row("a", category="webdev-html")])
    assert "categories of another board" in refused(webdev)
    assert len(parse(webdev, WEBDEV).observations) == 2
    assert "categories of another board" in refused(parquet([row("a"), row("a", category="math")]), WEBDEV)


def test_a_name_given_twice_is_set_aside_on_the_whole_board_and_never_quietly() -> None:
    rows = [*MANY, row("twice", 1408.6), row("twice", 1369.3), row("twice", 1500.0, category="coding")]
    reading = parse(dump(rows))
    assert {one.key for one in reading.observations} == {one["model_name"] for one in MANY}
    assert "twice" not in {entry.key for entry in reading.entries}
    (finding,) = reading.findings
    assert (finding.kind, finding.severity, finding.subject) == ("duplicate-name", Severity.WARN, "twice")
    assert "1369.3 to 1408.6" in finding.message


def test_a_publish_that_repeats_its_names_is_refused() -> None:
    rows = [row(f"m{model}", 1300.0 + copy) for model in range(32) for copy in range(6)][:182]
    assert "182 rows for 31 models in `overall`: a faulty publish" in refused(dump(rows))


def test_two_repeated_names_of_forty_are_too_many() -> None:
    rows = [*MANY, row("model-00"), row("model-01")]
    assert "42 rows for 40 models" in refused(dump(rows))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rating": 9000.0, "rating_upper": 9001.0}, "`rating` is 9000.0"),
        ({"rating_lower": 1500.0}, "with bounds 1500.0"),
        ({"rating": True}, "`rating` should be a number, is True"),
        ({"rating": "1e3"}, "`rating` should be a number, is '1e3'"),
        ({"rating": ""}, "`rating` should be a number, is ''"),
        ({"rating": None}, "`rating` should be a number, is null"),
        ({"vote_count": -1}, "`vote_count` is -1"),
        ({"vote_count": 10.5}, "`vote_count` should be a whole number"),
        ({"vote_count": None}, "`vote_count` should be a number"),
        ({"organization": 7}, "`organization` should be text"),
        ({"preliminary": "yes"}, "`preliminary` should be true or false"),
        ({"leaderboard_publish_date": ["x"]}, "should be a day like"),
    ],
)
def test_a_single_odd_row_is_left_out_with_its_field_and_value(
    change: dict[str, object], message: str
) -> None:
    reading = parse(dump([*MANY, {**row("odd"), **change}]))
    (finding,) = reading.findings
    assert (finding.kind, finding.severity, finding.subject) == ("bad-value", Severity.WARN, "odd")
    assert message in finding.message
    if "leaderboard_publish_date" not in change:
        assert "odd" not in {one.key for one in reading.observations}


@pytest.mark.parametrize(
    "field", ["rating", "rating_lower", "vote_count", "model_name", "category", "license"]
)
def test_a_column_that_is_gone_holds_the_source_and_is_named(field: str) -> None:
    rows = [{key: value for key, value in one.items() if key != field} for one in MANY]
    assert f"`{field}` is missing" in refused(dump(rows))


def test_a_name_beyond_plain_ascii_is_left_out_and_shown_escaped() -> None:
    reading = parse(dump([*MANY, row("gpt-5\u200b.5")]))
    (finding,) = reading.findings
    assert (finding.kind, finding.subject) == ("unsafe-name", "'gpt-5\\u200b.5'")
    assert finding.message.isascii()


def test_names_that_differ_in_case_only_are_left_out_both() -> None:
    reading = parse(dump([*MANY, row("GPT-5"), row("gpt-5")]))
    assert [finding.kind for finding in reading.findings] == ["twin-name", "twin-name"]
    assert {"GPT-5", "gpt-5"}.isdisjoint({one.key for one in reading.observations})


def test_an_unknown_column_is_told_once_and_stops_nothing() -> None:
    reading = parse(dump([{**one, "new_column": 1} for one in MANY], colour="red"))
    assert [(finding.kind, finding.severity) for finding in reading.findings] == [
        ("drift", Severity.NOTE)
    ] * 2
    assert "'meta.colour'" in reading.findings[0].message
    assert len(reading.observations) == len(MANY)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (dump([]), "a leaderboard without rows"),
        (dump([row("a")], subset="\ud800"), "the table `'\\ud800'`, where"),
        (dump([row("a")], n_rows=2), "it says it has 2 rows and holds 1"),
        (dump([row("a")], leaderboard_publish_date="soon"), "should be a day like 2026-08-13, is 'soon'"),
        (dump([row("a", category="math")]), "no category `overall`"),
        (b'{"meta": 1, "rows": []}', "`meta` should be an object"),
        (b'{"models": []}', "no list of leaderboard rows, but an object with the fields 'models'"),
        (b"{}", "an empty object"),
        (b"7", "no list of leaderboard rows, but 7"),
        (b"[7]", "1 of 1 rows cannot be used"),
        (b"PAR1" + b"\0" * 40, "a parquet file that is cut off after 44 bytes"),
        (b"PAR1" + b"\0" * 40 + b"PAR1", "a damaged parquet file"),
        (parquet([row("a")])[:-9], "a parquet file that is cut off"),
    ],
)
def test_another_schema_is_said_in_words(body: bytes, message: str) -> None:
    assert message in refused(body)


def test_the_split_with_past_weeks_is_refused() -> None:
    rows = [{**one, "leaderboard_publish_date": f"2026-08-{10 + n % 2}"} for n, one in enumerate(MANY)]
    assert "2 publish dates within arena-text/overall" in refused(parquet(rows))
    one_category = [{**one, "category": "coding"} for one in rows]
    whole = [{**one, "leaderboard_publish_date": "2026-08-10"} for one in MANY]
    assert "2 publish dates within arena-text/coding" in refused(parquet([*whole, *one_category]))


def test_each_category_has_its_own_day() -> None:
    """As in October 2026: one category of `latest` was published a day after the rest."""
    days = {"overall": "2026-10-08", "coding": "2026-10-09", "math": "2026-10-08"}
    rows = [
        {**row(f"m{n}", category=category), "leaderboard_publish_date": day}
        for category, day in days.items()
        for n in range(3)
    ]
    reading = parse(parquet(rows))
    assert reading.published_on == date(2026, 10, 8)
    found = {one.metric: one.observed_on.isoformat() for one in reading.observations}
    assert found == {arena_metric("text", category): day for category, day in days.items()}
    (told,) = reading.findings
    assert (told.kind, told.severity) == ("other-days", Severity.NOTE)
    assert told.message == "lmarena-text: published on 2026-10-08, except arena-text/coding 2026-10-09"
    same = parse(parquet([{**one, "leaderboard_publish_date": "2026-10-08"} for one in rows]))
    assert same.findings == ()


def test_one_capture_is_expected() -> None:
    with pytest.raises(SourceHeldError, match="one capture is expected, there are 0"):
        TEXT.parse([])


@given(st.permutations(MANY[:8]))
def test_the_order_of_rows_does_not_matter(rows: list[dict[str, object]]) -> None:
    expected, found = parse(dump(MANY[:8])), parse(dump(rows))
    assert [(o.key, o.value) for o in found.observations] == [(o.key, o.value) for o in expected.observations]
    assert found.entries == expected.entries
