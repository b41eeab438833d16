"""Three ways to a board: the file, its rows, the page; each only when the one before it failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from pipeline.domain.ids import LMARENA_TEXT
from pipeline.domain.observation import Capture
from pipeline.errors import SourceHeldError
from pipeline.sources.lmarena.source import TEXT
from tests.replica.sessions import NOW, open_session
from tests.replica.stored import board_page, from_sample, parquet, rows_page

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = from_sample().boards["text_style_control"]
PUBLISHED = "2026-08-12"

Page = dict[str, object]


def served(
    asked: list[str], *, file: bytes | None = None, page: Callable[[int], bytes] | None = None
) -> Callable[[httpx.Request], httpx.Response]:
    site = board_page(ROWS, "text", published=PUBLISHED)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        body = file if request.url.host == "huggingface.co" else site
        if request.url.host == "datasets-server.huggingface.co":
            body = page(int(request.url.params["offset"])) if page else None
        return httpx.Response(200 if body else 404, content=iter([body or b""]))

    return answer


def rows(offset: int) -> bytes:
    return rows_page(ROWS, PUBLISHED, offset, 100)


def fetch(answer: Callable[[httpx.Request], httpx.Response]) -> Capture:
    with open_session(LMARENA_TEXT, transport=httpx.MockTransport(answer)) as session:
        (capture,) = TEXT.fetch(session)
    return capture


def changed(offset: int, at: int, change: Callable[[Page], Page]) -> bytes:
    body = rows(offset)
    return body if offset != at else json.dumps(change(json.loads(body))).encode()


def test_the_file_is_enough() -> None:
    asked: list[str] = []
    fetch(served(asked, file=parquet(ROWS, PUBLISHED), page=rows))
    assert asked == ["huggingface.co"]


def test_rows_give_what_the_file_gives() -> None:
    asked: list[str] = []
    by_rows = fetch(served(asked, page=rows))
    by_file = fetch(served([], file=parquet(ROWS, PUBLISHED)))
    assert asked == ["huggingface.co"] + ["datasets-server.huggingface.co"] * 5
    one, other = TEXT.parse((by_rows,)), TEXT.parse((by_file,))
    assert [(o.name, o.metric, o.value) for o in one.observations] == [
        (o.name, o.metric, o.value) for o in other.observations
    ]
    assert [finding.kind for finding in one.findings] == ["other-way"]
    assert (one.published_on, one.entries) == (other.published_on, other.entries)


def test_a_web_page_in_place_of_the_file_leads_on_to_the_rows() -> None:
    asked: list[str] = []
    fetch(served(asked, file=b"<!DOCTYPE html><title>Hello</title>", page=rows))
    assert "datasets-server.huggingface.co" in asked


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda page: page | {"partial": True}, "only in part"),
        (lambda page: page | {"num_rows_total": 431}, "432 rows of a table of 431, 432"),
        (lambda page: page | {"rows": page["rows"][1:]}, "row 201 where row 200 is expected"),
        (lambda page: page | {"rows": page["rows"][:-1]}, "row 300 where row 299 is expected"),
        (lambda page: page | {"rows": "none"}, "`rows` should be a list"),
        (lambda _: {"error": "busy"}, "`num_rows_total` is missing"),
        (
            lambda page: (
                page | {"rows": [{**page["rows"][0], "truncated_cells": ["license"]}, *page["rows"][1:]]}
            ),
            "values that the server cut",
        ),
    ],
)
def test_pages_of_rows_that_do_not_fit_together_lead_on_to_the_page(
    change: Callable[[Page], Page], message: str
) -> None:
    asked: list[str] = []
    capture = fetch(served(asked, page=lambda offset: changed(offset, 200, change)))
    assert asked[-1] == "arena.ai"
    assert capture.url == "https://arena.ai/leaderboard/text"
    bodies = [changed(offset, 200, change) for offset in range(0, 432, 100)]
    joined = b'{"pages": [' + b", ".join(bodies) + b"]}"
    with pytest.raises(SourceHeldError) as held:
        TEXT.parse((Capture(source=LMARENA_TEXT, url="x", fetched_at=NOW, status=200, body=joined),))
    assert message in held.value.found


def test_when_no_way_leads_there_each_says_why() -> None:
    with pytest.raises(SourceHeldError) as held:
        fetch(lambda _: httpx.Response(404, content=iter([b""])))
    assert held.value.found == (
        "the dataset's file: HTTP status 404; its rows: HTTP status 404; the site's page: HTTP status 404"
    )


def test_rows_of_another_config_are_refused() -> None:
    capture = fetch(served([], page=rows))
    other = Capture(
        source=LMARENA_TEXT,
        url=capture.url.replace("config=text_style_control", "config=text"),
        fetched_at=NOW,
        status=200,
        body=capture.body,
    )
    with pytest.raises(SourceHeldError, match="`text`, where `text_style_control` is expected"):
        TEXT.parse((other,))


def test_a_table_of_a_million_rows_is_not_asked_for() -> None:
    asked: list[str] = []
    huge = lambda offset: changed(offset, 0, lambda page: page | {"num_rows_total": 10**6})  # noqa: E731 - short
    fetch(served(asked, page=huge))
    assert asked.count("datasets-server.huggingface.co") == 1


def test_data_in_place_of_the_page_is_not_taken_for_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        found = request.url.host == "arena.ai"
        return httpx.Response(200 if found else 404, content=iter([rows_dump if found else b""]))

    rows_dump = json.dumps(list(ROWS)).encode()
    with pytest.raises(SourceHeldError, match="the site's page: an answer that is no page"):
        fetch(answer)


@pytest.mark.parametrize("names", [[b"a" * 10], [["a"]]])
def test_a_column_whose_values_have_no_bound_is_not_unfolded(names: list[object]) -> None:
    table = [{**row, "model_name": names[0]} for row in ROWS[:2]]
    capture = Capture(
        source=LMARENA_TEXT, url="x", fetched_at=NOW, status=200, body=parquet(table, PUBLISHED)
    )
    with pytest.raises(SourceHeldError, match="values of unbounded size"):
        TEXT.parse((capture,))
