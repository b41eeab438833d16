"""The site's own page of a board: found by its shape, believed only when it is all there."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import LMARENA_TEXT, arena_metric
from pipeline.domain.observation import Capture, Reading, Severity
from pipeline.errors import SourceHeldError
from pipeline.sources.lmarena.source import TEXT, WEBDEV
from pipeline.sources.lmarena.website import is_page
from pipeline.sources.parsing.nextjs_flight import FlightError, read_flight
from tests.replica.sessions import NOW
from tests.replica.stored import board_page, from_sample, parquet

if TYPE_CHECKING:
    from pathlib import Path


STORED = from_sample()
ROWS = STORED.boards["text_style_control"]
PAGE = board_page(ROWS, "text", published="2026-08-12").decode()
HTML = "arena/html"


def read(body: bytes | str) -> Reading:
    found = body.encode() if isinstance(body, str) else body
    url = "https://arena.ai/leaderboard/text"
    return TEXT.parse((Capture(source=LMARENA_TEXT, url=url, fetched_at=NOW, status=200, body=found),))


def refused(body: bytes | str) -> str:
    with pytest.raises(SourceHeldError) as held:
        read(body)
    return held.value.found


def test_a_page_gives_what_the_file_gives_for_its_one_category() -> None:
    from_page = read(PAGE)
    from_file = read(parquet(ROWS, "2026-08-12"))
    overall = [one for one in from_file.observations if one.metric == arena_metric("text", "overall")]
    assert [(one.name, one.value, one.votes, one.low) for one in from_page.observations] == [
        (one.name, one.value, one.votes, one.low) for one in overall
    ]
    assert from_page.published_on == from_file.published_on
    (told,) = (finding for finding in from_page.findings if finding.kind == "other-way")
    assert told.severity is Severity.WARN


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('\\"totalModels\\": 144', '\\"totalModels\\": 145', "a board of 145 models that shows 144"),
        ('\\"totalModels\\": 144', '\\"totalModels\\": null', "`totalModels` should be a number"),
        ("totalModels", "modelsTotal", "without a board"),
        ("$19:0:1", "$19:0:7", "a reference into line 19 that leads nowhere"),
        ("$19:0:1", "$1f:0:1", "a reference to line 1f, which is not there"),
        ("$19:0:1", "coding", "the board 'text', 'coding'"),
        ('\\"arenaSlug\\": \\"text\\"', '\\"arenaSlug\\": \\"code\\"', "the board 'code', 'overall'"),
        ('\\"styleControl\\": true', '\\"styleControl\\": false', "without style control"),
        ("2026-08-12T13", "12 August T13", "should be a day"),
    ],
)
def test_another_board_or_not_all_of_it_is_refused(old: str, new: str, message: str) -> None:
    whole = PAGE.replace("</script><script>self.__next_f.push([1, ", "").replace('"])"', "")
    assert old in whole or old in PAGE
    stream = "".join(json.loads(piece.rpartition(")</script>")[0])[1] for piece in PAGE.split("push(")[1:])
    plain_old, plain_new = old.replace('\\"', '"'), new.replace('\\"', '"')
    assert plain_old in stream
    assert message in refused(stream.replace(plain_old, plain_new))


def test_a_page_without_one_of_its_pieces_is_refused() -> None:
    pieces = PAGE.split("<script>")
    for number in range(1, len(pieces)):
        assert refused("<script>".join(pieces[:number] + pieces[number + 1 :]))


@pytest.mark.parametrize("percent", range(0, 100, 5))
def test_a_page_that_is_cut_off_is_refused(percent: int) -> None:
    assert refused(PAGE[: len(PAGE) * percent // 100])


def test_models_of_a_plot_are_not_rows() -> None:
    assert PAGE.count("ratingUpper") > len(read(PAGE).entries) == 144


def test_text_lines_may_hold_anything_and_are_as_long_as_they_say() -> None:
    flight = read_flight(b'1:T5,a\nb:c2:{"a":"$1"}\n3:["$","p",null,{"x":"$2:a"}]')
    assert flight.values["1"] == "a\nb:c"
    assert flight.resolve("$3:props:x") == "a\nb:c"
    assert flight.resolve("$undefined") == "$undefined"


@pytest.mark.parametrize(
    ("stream", "reference"), [('1:["$2:0"]\n2:["$1:0"]', "$1:0"), ('1:["a"]', "$1:5"), ('1:{"a":1}', "$1:b")]
)
def test_a_reference_that_leads_nowhere_is_an_error(stream: str, reference: str) -> None:
    with pytest.raises(FlightError):
        read_flight(stream.encode()).resolve(reference)


@pytest.mark.parametrize("stream", ["1:T5,abc", '1:{"a":', '<script>self.__next_f.push([1,"\\q"])</script>'])
def test_a_damaged_stream_is_an_error(stream: str) -> None:
    with pytest.raises(FlightError):
        read_flight(stream.encode())


def test_a_page_is_told_from_a_table() -> None:
    assert is_page(PAGE.encode())
    assert is_page(b'2:I[1,[],"default"]\n')
    assert not is_page(b'{"rows": []}')
    assert not is_page(b'[{"rank": 1}]')
    assert not is_page(parquet(ROWS, "2026-08-12"))


def test_the_real_page_gives_its_302_models_and_no_more(real_captures: Path) -> None:
    reading = read((real_captures / HTML / "2026-02-09-rakium-text-overall.html").read_bytes())
    first = min(reading.observations, key=lambda one: -one.value)
    assert (len(reading.entries), str(reading.published_on)) == (302, "2026-02-06")
    assert (first.name, first.value, first.low, first.high) == ("claude-opus-4-6", 1496.22, 1485.1, 1507.34)
    assert [finding.kind for finding in reading.findings] == ["other-way"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("2026-01-03-showdown-cloudflare-challenge.html", "a challenge page that asks for a person"),
        ("2026-02-08-rakium-wrong-url-homepage.html", "without a board: the shell of the site"),
        ("2026-02-09-rakium-overview.html.gz", "with 8 boards, an overview of their first rows"),
    ],
)
def test_a_real_page_of_another_kind_is_named(real_captures: Path, file: str, message: str) -> None:
    body = (real_captures / HTML / file).read_bytes()
    assert message in refused(gzip.decompress(body) if file.endswith(".gz") else body)


def test_the_row_shape_of_late_2026_is_read_and_its_odd_row_left_out(real_captures: Path) -> None:
    (path,) = (real_captures / "arena/flight-format").glob("*.txt")
    line = next(line for line in path.read_text().splitlines() if line.startswith("41:"))
    board = json.loads(line.partition(":")[2])["leaderboard"]
    quoted = board["entries"]
    stream = "".join(json.loads(piece.rpartition(")</script>")[0])[1] for piece in PAGE.split("push(")[1:])
    fields = quoted[0].keys()
    head, _, tail = stream.partition('"entries": [')
    added = ", ".join(json.dumps(entry) for entry in quoted)
    renamed = added.replace("gpt-5.2", "gpt-5.2-quoted").replace("claude-opus-4-7-high", "claude-quoted-high")
    reading = read(f'{head}"entries": [{renamed}, {tail}'.replace('"totalModels": 144', '"totalModels": 147'))
    assert "modelKey" in fields
    assert {"gpt-5.2-quoted", "claude-quoted-high"} <= {entry.name for entry in reading.entries}
    assert len(reading.entries) == 146
    assert {finding.kind for finding in reading.findings} == {"bad-value", "other-way"}


def test_the_second_board_is_asked_for_under_the_sites_word() -> None:
    assert (TEXT.shown.slug, WEBDEV.shown.slug) == ("text", "code")
