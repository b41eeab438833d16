"""OpenRouter's catalogue, `/api/v1/models` (no key): prices, context and abilities by callable id.

Stored copies are `{"data": [...]}` as served, the bare list, or a wrapper with `models`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pipeline.domain.ids import OPENROUTER, SourceName
from pipeline.domain.observation import Capture, Entry, Price, PriceRole, Reading
from pipeline.sources.http.request import Request
from pipeline.sources.openrouter.rows import read_entry, read_price
from pipeline.sources.parsing.fields import FieldError, confusable_keys, is_plain, value_text, whole
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error, only, read_json
from pipeline.sources.parsing.row_issues import RowIssues
from pipeline.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.sources.http.session import SourceSession

_URL = "https://openrouter.ai/api/v1/models"
_ENVELOPE = {"data", "models", "source", "endpoints", "collected_at", "fetched_at", "count"}


@dataclass(frozen=True, slots=True)
class OpenRouter:
    """The public catalogue."""

    name: ClassVar[SourceName] = OPENROUTER
    patterns: ClassVar[tuple[str, ...]] = (
        "*openrouter*.json",
        "*openrouter*.json.gz",
        "api-v1-models/*.json",
        "api-v1-models/*.json.gz",
    )

    def fetch(self, visit: SourceSession) -> tuple[Capture, ...]:
        """Ask for the catalogue.

        Raises:
            SourceHeldError: No complete answer with status 200.
        """
        return (visit.ask(Request(url=_URL)).capture,)

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read entries and list prices (of the default endpoint).

        Raises:
            SourceHeldError: Not this catalogue, or too many rows that cannot be used.
        """
        capture = only(self.name, captures)
        sieve = RowIssues(self.name)
        stamp = CaptureOrigin.of(capture)
        listed = _listed(_rows(capture, sieve), stamp, sieve)
        return Reading(
            source=self.name,
            scale="",
            published_on=None,
            fetched_at=capture.fetched_at,
            captures=(stamp.capture,),
            prices=tuple(price for _, price in listed if price is not None),
            entries=tuple(entry for entry, _ in listed),
            findings=sieve.findings(),
        )


def _rows(capture: Capture, sieve: RowIssues) -> list[object]:
    value = read_json(capture)
    rows: object = value
    if isinstance(value, dict):
        if "error" in value:
            raise held_error(capture.source, f"an error message: {value_text(value['error'])}")
        rows = value.get("data", value.get("models"))
        sieve.drift(value.keys() - _ENVELOPE)
    if not isinstance(rows, list):
        raise held_error(capture.source, f"no list of models, but {value_text(value)}")
    if not rows:
        raise held_error(capture.source, "a catalogue without models")
    try:
        if isinstance(value, dict) and "count" in value and whole(value, "count") != len(rows):
            raise held_error(
                capture.source, f"it says it has {value_text(value['count'])} models and holds {len(rows)}"
            )
    except FieldError as error:
        raise held_error(capture.source, str(error)) from None
    return rows


def _listed(rows: list[object], stamp: CaptureOrigin, sieve: RowIssues) -> list[tuple[Entry, Price | None]]:
    listed: dict[str, tuple[Entry, Price | None]] = {}
    for row in rows:
        if not isinstance(row, dict):
            sieve.refuse("bad-value", value_text(row), "a row should be an object")
            continue
        try:
            entry, price = read_entry(row, sieve), read_price(row, stamp, sieve)
        except FieldError as error:
            sieve.refuse(*_odd(row, error))
            continue
        if entry.key in listed:
            raise held_error(OPENROUTER, f"the id {entry.key} twice")
        listed[entry.key] = (entry, price)
    for key, other in confusable_keys((key, key) for key in listed).items():
        sieve.refuse("twin-name", key, f"it differs from {value_text(other)} in case or width only")
        del listed[key]
    sieve.check(len(rows))
    return [listed[key] for key in sorted(listed)]


def _odd(row: dict[str, object], error: FieldError) -> tuple[str, object, str]:
    key = row.get("id", row.get("name"))
    unsafe = any(
        isinstance(word, str) and word.strip() and not is_plain(word) for word in (key, row.get("name"))
    )
    return ("unsafe-name" if unsafe else "bad-value", key, str(error))


CATALOGUE = SourceSpec(
    source=OpenRouter(),
    summary="`/api/v1/models`",
    attribution="Catalogue prices by OpenRouter (https://openrouter.ai/)",
    price_role=PriceRole.FIRST_HAND,
)
