"""Reads a board from the page of arena.ai, for when the official dataset does not answer.

It holds one category only, ratings rounded to two decimals, and the day of the last counted vote in place
of a publish date. The board is found by its shape, and must hold as many rows as it says it has: the page
also carries plots that name models, an overview shows ten rows of each board, and a wrong path answers 200
with the shell of the application and no board at all. A challenge page is reported, never worked around.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.sources.http.http_errors import CHALLENGED, is_challenge
from pipeline.sources.lmarena.table import PUBLISHED, Table
from pipeline.sources.parsing.fields import FieldError, text, value_text, whole_number
from pipeline.sources.parsing.json_body import check_answer, held_error, web_page
from pipeline.sources.parsing.nextjs_flight import Flight, FlightError, read_flight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.observation import Capture

_BOARD = frozenset({"entries", "totalModels", "voteCutoffISOString"})
_FIELDS = {
    "rank": "rank",
    "modelDisplayName": "model_name",
    "modelOrganization": "organization",
    "license": "license",
    "rating": "rating",
    "ratingLower": "rating_lower",
    "ratingUpper": "rating_upper",
    "votes": "vote_count",
}
"""The page's words, and the dataset's for the same."""
_ASIDE = frozenset(
    {
        *("rankUpper", "rankLower", "rankStyleControl", "modelUrl", "modelKey", "inputPricePerMillion"),
        *("outputPricePerMillion", "contextLength", "pricePerImage", "pricePerSecond", "releaseType"),
    }
)
"""Known and not used; any other field is drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebsiteBoard:
    """Which board of the site is ours."""

    slug: str
    """The site's word, e.g. `text`."""
    style_control: bool
    """The board has numbers with and without style control, and only those with it are ours."""


def is_page(body: bytes) -> bool:
    """Return whether a body is a web page, or its bare stream, rather than a table."""
    head = body[:64].lstrip()
    return head.startswith(b"<") or (head[:1] not in b"{[P" and b":" in head and not head.startswith(b"PAR1"))


def read_page(capture: Capture, board: WebsiteBoard) -> Table:
    """Read the board of a page as rows of the dataset.

    Raises:
        SourceHeldError: A challenge, a page without a board or with several, or not all rows of ours.
    """
    check_answer(capture)
    if is_challenge(capture.body, {}):
        raise held_error(capture.source, CHALLENGED.found)
    try:
        return _table(capture, read_flight(capture.body), board)
    except FlightError as error:
        raise held_error(capture.source, f"{_page_name(capture)}: {error}") from None
    except FieldError as error:
        raise held_error(capture.source, f"a board whose {error}") from None


def _table(capture: Capture, flight: Flight, board: WebsiteBoard) -> Table:
    found = flight.find(_BOARD)
    if not found:
        raise held_error(
            capture.source,
            f"{_page_name(capture)} without a board: the shell of the site, or a path that is not one",
        )
    if len(found) > 1:
        raise held_error(
            capture.source, f"{_page_name(capture)} with {len(found)} boards, an overview of their first rows"
        )
    (only,) = found
    _check_board(capture, flight, only, board)
    entries = flight.resolve(only["entries"])
    if not isinstance(entries, list) or whole_number(only, "totalModels") != len(entries):
        count = len(entries) if isinstance(entries, list) else 0
        raise held_error(
            capture.source, f"a board of {value_text(only['totalModels'])} models that shows {count}"
        )
    day = text(only, "voteCutoffISOString")[:10]
    unknown: set[str] = set()
    rows = [_row(flight, flight.resolve(entry), day, unknown) for entry in entries]
    return Table(
        rows=rows, subset=None, published_on=None, unknown_meta=frozenset(unknown), by="the site's page"
    )


def _check_board(capture: Capture, flight: Flight, found: Mapping[str, object], board: WebsiteBoard) -> None:
    slug, category = found.get("arenaSlug"), flight.resolve(found.get("category"))
    name = category.get("name") if isinstance(category, dict) else category
    if slug != board.slug or name != "overall":
        raise held_error(
            capture.source,
            f"the board {value_text(slug)}, {value_text(name)}; `{board.slug}`, `overall` is expected",
        )
    params = flight.resolve(found.get("params"))
    control = params.get("styleControl") if isinstance(params, dict) else None
    if board.style_control and control is False:
        raise held_error(capture.source, "the board without style control, which is another scale")


def _row(flight: Flight, entry: object, day: str, unknown: set[str]) -> object:
    if not isinstance(entry, dict):
        return entry
    unknown |= {f"entries.{field}" for field in entry.keys() - _FIELDS.keys() - _ASIDE}
    row = {ours: flight.resolve(entry[theirs]) for theirs, ours in _FIELDS.items() if theirs in entry}
    return row | {"category": "overall", PUBLISHED: day}


def _page_name(capture: Capture) -> str:
    return web_page(capture.body) or "a stream of page data"
