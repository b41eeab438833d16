"""Three ways to one board, in this order: the official file, the same rows page by page, the site's own page.

A way counts only when its answer can be read, so that a web page in place of the file leads on to the next.
Which way was taken stands in the capture and is told as a finding; when all fail, each says why.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pipeline.errors import SourceHeldError
from pipeline.sources.arena_page import is_page
from pipeline.sources.asking import Ask
from pipeline.sources.body import held
from pipeline.sources.lmarena_pages import PAGE_ROWS, joined_pages, row_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.observation import Capture
    from pipeline.sources.client import Visit

FILE = "latest-00000-of-00001.parquet"

_DATASET = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
_STORAGE = ("huggingface.co", "hf.co")
"""The dataset's host answers with a redirect to its own storage hosts; nowhere else may it lead."""
_ROWS = "https://datasets-server.huggingface.co/rows"
_SITE = "https://arena.ai/leaderboard"
_MOST_ROWS = 40_000
"""Four times the largest board; that many rows are 400 requests."""


def fetch_board(visit: Visit, config: str, slug: str, check: Callable[[Capture], object]) -> Capture:
    """Ask for a board, one way after the other.

    Args:
        visit: To the board's source.
        config: The dataset's word for it, e.g. `text_style_control`.
        slug: The site's word for it, e.g. `text`.
        check: Reads a capture; raises when it is not the board.

    Raises:
        SourceHeldError: No way led to the board.
    """
    ways: tuple[tuple[str, Callable[[], Capture]], ...] = (
        ("the dataset's file", lambda: _file(visit, config)),
        ("its rows", lambda: _rows(visit, config)),
        ("the site's page", lambda: _page(visit, slug)),
    )
    problems = []
    for name, ask in ways:
        try:
            capture = ask()
            check(capture)
        except SourceHeldError as error:
            problems.append(f"{name}: {error.found}")
        else:
            return capture
    raise held(visit.source, "; ".join(problems))


def _file(visit: Visit, config: str) -> Capture:
    return visit.ask(Ask(url=f"{_DATASET}/{config}/{FILE}", hosts=_STORAGE)).capture


def _page(visit: Visit, slug: str) -> Capture:
    capture = visit.ask(Ask(url=f"{_SITE}/{slug}", page=True)).capture
    if not is_page(capture.body):
        raise held(visit.source, "an answer that is no page")
    return capture


def _rows(visit: Visit, config: str) -> Capture:
    """Ask for all pages of rows and keep them as one capture, since none says anything alone."""
    query = {"dataset": "lmarena-ai/leaderboard-dataset", "config": config, "split": "latest"}
    url = f"{_ROWS}?{urlencode(query)}"
    first = visit.ask(Ask(url=f"{url}&offset=0&length={PAGE_ROWS}")).capture
    count = row_count(first)
    if count > _MOST_ROWS:
        raise held(visit.source, f"{count} rows, more than {_MOST_ROWS}")
    offsets = range(PAGE_ROWS, count, PAGE_ROWS)
    rest = [visit.ask(Ask(url=f"{url}&offset={offset}&length={PAGE_ROWS}")).capture for offset in offsets]
    address = first.url.partition("&offset=")[0]
    return replace(first, url=address, body=joined_pages([first, *rest]), etag=None, last_modified=None)
