"""Fetches a board in one of three ways: the official file, its rows page by page, the site's page.

A way counts only when its answer can be read, so that a web page in place of the file leads on to the next.
Which way was taken stands in the capture and is told as a finding; when all fail, each says why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pipeline.errors import SourceHeldError
from pipeline.sources.http.request import Request
from pipeline.sources.lmarena.table import PAGE_ROWS, PUBLISHED, joined_pages, row_count
from pipeline.sources.lmarena.website import is_page
from pipeline.sources.parsing.fields import optional_day
from pipeline.sources.parsing.json_body import held_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.domain.ids import MetricName, SourceName
    from pipeline.domain.observation import Capture
    from pipeline.sources.http.session import SourceSession
    from pipeline.sources.parsing.row_issues import RowIssues


FILE = "latest-00000-of-00001.parquet"

_DATASET = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
_STORAGE = ("huggingface.co", "hf.co")
"""The dataset's host answers with a redirect to its own storage hosts; nowhere else may it lead."""
_ROWS = "https://datasets-server.huggingface.co/rows"
_SITE = "https://arena.ai/leaderboard"
_MOST_ROWS = 40_000
"""Four times the largest board; that many rows are 400 requests."""


def fetch_board(
    session: SourceSession, config: str, slug: str, check: Callable[[Capture], object]
) -> Capture:
    """Ask for a board, one way after the other.

    Args:
        session: To the board's source.
        config: The dataset's word for it, e.g. `text_style_control`.
        slug: The site's word for it, e.g. `text`.
        check: Reads a capture; raises when it is not the board.

    Raises:
        SourceHeldError: No way led to the board.
    """
    ways: tuple[tuple[str, Callable[[], Capture]], ...] = (
        ("the dataset's file", lambda: _file(session, config)),
        ("its rows", lambda: _rows(session, config)),
        ("the site's page", lambda: _page(session, slug)),
    )
    problems, hints = [], []
    for name, ask in ways:
        try:
            capture = ask()
            check(capture)
        except SourceHeldError as error:
            problems.append(f"{name}: {error.found}")
            hints.append(error.hint)
        else:
            return capture
    raise SourceHeldError(session.source, "; ".join(problems), hint=hints[0])


def _file(session: SourceSession, config: str) -> Capture:
    return session.ask(Request(url=f"{_DATASET}/{config}/{FILE}", hosts=_STORAGE)).capture


def _page(session: SourceSession, slug: str) -> Capture:
    capture = session.ask(Request(url=f"{_SITE}/{slug}", page=True)).capture
    if not is_page(capture.body):
        raise held_error(session.source, "an answer that is no page")
    return capture


def _rows(session: SourceSession, config: str) -> Capture:
    """Ask for all pages of rows and keep them as one capture, since none says anything alone."""
    query = {"dataset": "lmarena-ai/leaderboard-dataset", "config": config, "split": "latest"}
    url = f"{_ROWS}?{urlencode(query)}"
    first = session.ask(Request(url=f"{url}&offset=0&length={PAGE_ROWS}")).capture
    count = row_count(first)
    if count > _MOST_ROWS:
        raise held_error(session.source, f"{count} rows, more than {_MOST_ROWS}")
    offsets = range(PAGE_ROWS, count, PAGE_ROWS)
    rest = [
        session.ask(Request(url=f"{url}&offset={offset}&length={PAGE_ROWS}")).capture for offset in offsets
    ]
    address = first.url.partition("&offset=")[0]
    return replace(first, url=address, body=joined_pages([first, *rest]), etag=None, last_modified=None)


def day_of(value: object) -> date | None:
    """Read a publish date: parquet holds a date or a moment, a dump its text."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else optional_day({PUBLISHED: value}, PUBLISHED)


def published_days(
    days: Mapping[MetricName, set[date | None]], source: SourceName, issues: RowIssues
) -> Mapping[MetricName, date]:
    """Give the one day of each category: `latest` holds the newest day of each, and they differ by days.

    Raises:
        SourceHeldError: A category has several, as the split with past weeks has.
    """
    for metric, found in sorted(days.items()):
        if len(found) > 1:
            raise held_error(
                source, f"{len(found)} publish dates within {metric}, so it is not the split `latest`"
            )
    published = {metric: day for metric, (day,) in sorted(days.items()) if day is not None}
    usual = overall_day(published)
    if other := [f"{metric} {day}" for metric, day in published.items() if day != usual]:
        issues.note("other-days", source, f"{source}: published on {usual}, except {', '.join(other)}")
    return published


def overall_day(published: Mapping[MetricName, date]) -> date | None:
    """Give the day of the overall category, by which a board is described; None where it has none."""
    return next((day for metric, day in published.items() if metric.endswith("/overall")), None)
