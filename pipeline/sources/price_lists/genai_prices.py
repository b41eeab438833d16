"""Reads genai-prices: list prices from a package (MIT) that people review; it works without a network.

A capture is the table we write from the installed package (`genai_table`); a stored one reads the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from genai_prices.data import providers
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from pipeline.domain.document import canonical_json
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
    whole,
)
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error, only, read_json
from pipeline.sources.parsing.prices import MTOK, from_text
from pipeline.sources.parsing.row_issues import RowIssues
from pipeline.sources.price_lists import ATTRIBUTION
from pipeline.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

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
        from pipeline.sources.price_lists.genai_prices import table

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
        capture = only(self.name, captures)
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


def rewrite_ids(url: str, now: datetime) -> bytes | None:
    """Write the table at a `package:` address out again; None where another version is installed.

    Args:
        url: Of the capture.
        now: The moment the capture bears.
    """
    installed = version(_PACKAGE)
    if url != f"package:{_PACKAGE}=={installed}":
        return None
    from pipeline.sources.price_lists.genai_prices import table

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
        later=tuple(one for one in map(_later, _list(row, "later")) if one is not None),
    )


def _steps(row: Row) -> tuple[PriceStep, ...]:
    """Read the prices of larger prompts; one without input and output is left out."""
    found = []
    for one in _list(row, "steps"):
        per_in, per_out = from_text(one, _INPUT, tokens=MTOK), from_text(one, _OUTPUT, tokens=MTOK)
        if per_in is not None and per_out is not None:
            cached = from_text(one, _CACHE, tokens=MTOK)
            size = whole(one, "from_tokens")
            found.append(PriceStep(from_tokens=size, input=per_in, output=per_out, cached=cached))
    return tuple(sorted(found, key=lambda step: step.from_tokens))


def _later(row: Row) -> LaterPrice | None:
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


Line: TypeAlias = "dict[str, JsonValue]"

PEAK = "peak hours"
BASE_TIER = "base tier"

_FIELDS = ("input_mtok", "output_mtok", "cache_read_mtok")


def table(version: str, now: datetime) -> bytes:
    """Write the prices in force at `now`: the same bytes for the same package and day.

    Args:
        version: Of the package, as installed.
        now: A moment with time zone; only its day in UTC counts, since hours are peak hours.
    """
    lines: dict[tuple[str, str, str], Line] = {}
    for provider in providers:
        for model in provider.models:
            line = _line(provider.id, model, now)
            if line is not None:
                lines[provider.id, model.id, str(line)] = line
    rows: list[JsonValue] = [lines[key] for key in sorted(lines)]
    return canonical_json(
        {
            "format": 1,
            "package": "genai-prices",
            "version": version,
            "dated": newest_day(now).isoformat(),
            "prices": rows,
        }
    )


def newest_day(now: datetime) -> date:
    """Return the newest day up to `now` from which a price of the table holds: it was released since."""
    days = (
        conditional.constraint.start_date
        for provider in providers
        for model in provider.models
        if not isinstance(model.prices, ModelPrice)
        for conditional in model.prices
        if isinstance(conditional.constraint, StartDateConstraint)
    )
    return max((day for day in days if day <= now.date()), default=now.date())


def prices_in_force(model: ModelInfo, now: datetime) -> tuple[ModelPrice, bool]:
    """Return the prices of a day, and whether they are those of its peak hours.

    The table is read last to first, as the package reads it: prices bound to hours are candidates until the
    first one that holds all day, which is the last candidate.
    """
    if isinstance(model.prices, ModelPrice):
        return model.prices, False
    today = now.astimezone(UTC)
    candidates: list[ModelPrice] = []
    by_hour = False
    for conditional in reversed(model.prices):
        constraint = conditional.constraint
        if isinstance(constraint, TimeOfDateConstraint):
            candidates.append(conditional.prices)
            by_hour = True
        elif constraint is None or constraint.active(today):
            candidates.append(conditional.prices)
            break
    if not candidates:
        return (model.prices[0].prices if model.prices else ModelPrice()), False
    return max(candidates, key=_dearness), by_hour


def _dearness(price: ModelPrice) -> tuple[Decimal, Decimal]:
    source, target = _base(price.output_mtok), _base(price.input_mtok)
    return source or Decimal(0), target or Decimal(0)


def _base(price: Decimal | TieredPrices | None) -> Decimal | None:
    return price.base if isinstance(price, TieredPrices) else price


def _line(provider: str, model: ModelInfo, now: datetime) -> Line | None:
    price, peak = prices_in_force(model, now)
    stated = _stated(price)
    if stated["usd_per_input_mtok"] is None and stated["usd_per_output_mtok"] is None:
        return None
    notes = [PEAK] if peak else []
    if "steps" in stated:
        notes.append(BASE_TIER)
    line: Line = {"provider": provider, "model": model.id, "note": "; ".join(notes), **stated}
    if coming := _coming(model, now):
        line["later"] = coming
    return line


def _stated(price: ModelPrice) -> Line:
    """Write input, output and cache-read prices, with those of larger prompts below `steps`."""
    line: Line = {f"usd_per_{field}": _text(_base(getattr(price, field))) for field in _FIELDS}
    sizes = {
        tier.start
        for field in _FIELDS
        if isinstance(value := getattr(price, field), TieredPrices)
        for tier in value.tiers
    }
    if sizes:
        line["steps"] = [
            {
                "from_tokens": size,
                **{f"usd_per_{field}": _text(_at(getattr(price, field), size)) for field in _FIELDS},
            }
            for size in sorted(sizes)
        ]
    return line


def _coming(model: ModelInfo, now: datetime) -> list[JsonValue]:
    """Return the prices that begin on a day after `now`, each with its day."""
    conditional = [] if isinstance(model.prices, ModelPrice) else model.prices
    days = {
        one.constraint.start_date
        for one in conditional
        if isinstance(one.constraint, StartDateConstraint) and one.constraint.start_date > now.date()
    }
    found: list[JsonValue] = []
    for day in sorted(days):
        then = datetime.combine(day, time(12), tzinfo=UTC)
        found.append({"on": day.isoformat(), **_stated(prices_in_force(model, then)[0])})
    return found


def _at(price: Decimal | TieredPrices | None, size: int) -> Decimal | None:
    if not isinstance(price, TieredPrices):
        return price
    return next((tier.price for tier in reversed(price.tiers) if tier.start <= size), price.base)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


VENDOR_TABLE = SourceSpec(
    source=GenaiPrices(),
    summary="the table of the installed package",
    attribution=ATTRIBUTION,
    price_role=PriceRole.FIRST_HAND,
    installed=True,
)
