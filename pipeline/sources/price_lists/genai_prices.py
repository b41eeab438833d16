"""Reads genai-prices: list prices from a package (MIT) that people review; it works without a network.

A capture is the table we write from the installed package (`genai_table`); a stored one reads the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar

from pipeline.domain.ids import GENAI_PRICES, SourceKey, SourceModelName, SourceName
from pipeline.domain.observation import Capture, Entry, LaterPrice, Price, PriceRole, PriceStep, Reading
from pipeline.sources.parsing.fields import (
    FieldError,
    confusable_keys,
    is_plain,
    optional_day,
    plain_or_none,
    take_field,
    text,
    value_text,
    whole_number,
)
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error, only_capture, read_json
from pipeline.sources.parsing.prices import MTOK, from_text
from pipeline.sources.parsing.row_issues import RowIssues
from pipeline.sources.price_lists import ATTRIBUTION
from pipeline.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from pipeline.sources.http.session import SourceSession
    from pipeline.sources.parsing.fields import Row


_PACKAGE = "genai-prices"
_FORMAT = 1
_ENVELOPE = {"format", "package", "version", "dated", "prices"}
_INPUT, _OUTPUT, _CACHE = "usd_per_input_mtok", "usd_per_output_mtok", "usd_per_cache_read_mtok"
_ROW = {"provider", "model", "note", _INPUT, _OUTPUT, _CACHE, "steps", "later"}


@dataclass(frozen=True, slots=True)
class GenaiPrices:
    """The table of the installed package."""

    name: ClassVar[SourceName] = GENAI_PRICES
    patterns: ClassVar[tuple[str, ...]] = ("*genai-prices*.json", "*genai-prices*.json.gz")

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        """Write out the installed table; nothing is requested."""
        from pipeline.sources.price_lists.genai_table import table

        installed = version(_PACKAGE)
        url = f"package:{_PACKAGE}=={installed}"
        return (
            Capture(
                source=self.name,
                url=url,
                fetched_at=session.now,
                status=200,
                body=table(installed, session.now),
            ),
        )

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read the prices, keyed `provider:model`.

        Raises:
            SourceHeldError: Not such a table, or too many rows that cannot be used.
        """
        capture = only_capture(self.name, captures)
        issues = RowIssues(self.name)
        stamp = CaptureOrigin.of(capture)
        rows, dated = _rows(capture, issues)
        stamp = stamp._replace(observed_on=dated or stamp.observed_on)
        prices = _prices(rows, stamp, issues)
        return Reading(
            source=self.name,
            scale="",
            published_on=None,
            fetched_at=capture.fetched_at,
            captures=(stamp.capture,),
            prices=tuple(prices),
            entries=tuple(
                Entry(
                    source=self.name,
                    key=p.key,
                    name=p.name,
                    organization=plain_or_none(p.key.partition(":")[0]),
                )
                for p in prices
            ),
            findings=issues.findings(),
        )


def installed_table_bytes(url: str, now: datetime) -> bytes | None:
    """Write the table at a `package:` address out again; None where another version is installed.

    Args:
        url: Of the capture.
        now: The moment the capture bears.
    """
    installed = version(_PACKAGE)
    if url != f"package:{_PACKAGE}=={installed}":
        return None
    from pipeline.sources.price_lists.genai_table import table

    return table(installed, now)


def _rows(capture: Capture, issues: RowIssues) -> tuple[list[object], date | None]:
    """Return the rows, and the newest day the table knows of; None where an older one does not say."""
    value = read_json(capture)
    if not isinstance(value, dict) or not isinstance(value.get("prices"), list):
        raise held_error(capture.source, f"no price table, but {value_text(value)}")
    if value.get("format") != _FORMAT or isinstance(value["format"], bool):
        raise held_error(
            capture.source, f"`format` should be {_FORMAT}, is {value_text(value.get('format'))}"
        )
    if not value["prices"]:
        raise held_error(capture.source, "a price table without prices")
    issues.drift(value.keys() - _ENVELOPE)
    rows: list[object] = value["prices"]
    try:
        return rows, optional_day(value, "dated") if "dated" in value else None
    except FieldError as error:
        raise held_error(capture.source, str(error)) from None


def _prices(rows: list[object], stamp: CaptureOrigin, issues: RowIssues) -> list[Price]:
    prices: dict[str, Price] = {}
    repeated: set[str] = set()
    for row in rows:
        if not isinstance(row, dict):
            issues.refuse("bad-value", value_text(row), "a row should be an object")
            continue
        try:
            price = _price(row, stamp)
        except FieldError as error:
            issues.refuse("bad-value", row.get("model"), str(error))
            continue
        issues.drift(row.keys() - _ROW)
        if price.key in prices:
            repeated.add(price.key)
        prices[price.key] = price
    for key in repeated:
        issues.refuse("duplicate-name", key, "it has two different prices")
        del prices[key]
    for key, other in confusable_keys((key, key) for key in prices).items():
        issues.refuse("twin-name", key, f"it differs from {value_text(other)} in case or width only")
        del prices[key]
    issues.check(len(rows))
    return [prices[key] for key in sorted(prices)]


def _price(row: Row, stamp: CaptureOrigin) -> Price:
    provider, model = text(row, "provider"), text(row, "model")
    note = take_field(row, "note")
    if not isinstance(note, str) or not (
        is_plain(provider) and is_plain(model) and (not note or is_plain(note))
    ):
        raise FieldError("model", f"or its provider or note is not plain text: {value_text(model)}")
    key = f"{provider}:{model}"
    return Price(
        source=GENAI_PRICES,
        key=SourceKey(key),
        name=SourceModelName(key),
        input_microusd_per_mtok=from_text(row, _INPUT, tokens=MTOK),
        output_microusd_per_mtok=from_text(row, _OUTPUT, tokens=MTOK),
        cache_read_microusd_per_mtok=from_text(row, _CACHE, tokens=MTOK),
        observed_on=stamp.observed_on,
        capture=stamp.capture,
        note=note,
        steps=_steps(row),
        later=tuple(one for one in map(_later_price, _list(row, "later")) if one is not None),
    )


def _steps(row: Row) -> tuple[PriceStep, ...]:
    """Read the prices of larger prompts; one without input and output is left out."""
    found = []
    for one in _list(row, "steps"):
        per_in, per_out = from_text(one, _INPUT, tokens=MTOK), from_text(one, _OUTPUT, tokens=MTOK)
        if per_in is not None and per_out is not None:
            cached = from_text(one, _CACHE, tokens=MTOK)
            size = whole_number(one, "from_tokens")
            found.append(PriceStep(from_tokens=size, input=per_in, output=per_out, cached=cached))
    return tuple(sorted(found, key=lambda step: step.from_tokens))


def _later_price(row: Row) -> LaterPrice | None:
    """Read a price that begins on a later day; None where input or output is unknown."""
    per_in, per_out = from_text(row, _INPUT, tokens=MTOK), from_text(row, _OUTPUT, tokens=MTOK)
    day = optional_day(row, "on")
    if per_in is None or per_out is None or day is None:
        return None
    cached = from_text(row, _CACHE, tokens=MTOK)
    return LaterPrice(on=day, input=per_in, output=per_out, cached=cached, steps=_steps(row))


def _list(row: Row, field: str) -> list[dict[str, object]]:
    stated = row.get(field, [])
    if not isinstance(stated, list) or not all(isinstance(one, dict) for one in stated):
        raise FieldError(field, f"should be a list of objects, is {value_text(stated)}")
    return stated


VENDOR_TABLE = SourceSpec(
    source=GenaiPrices(),
    summary="the table of the installed package",
    attribution=ATTRIBUTION,
    price_role=PriceRole.FIRST_HAND,
    installed=True,
)
