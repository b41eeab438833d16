"""Reads prices as sources write them, in micro-dollars per million tokens, and whole price catalogues."""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import SourceKey, SourceModelName
from pipeline.domain.observation import Capture, Entry, Price, PriceStep, Reading
from pipeline.sources.parsing.fields import (
    FieldError,
    Row,
    confusable_keys,
    is_plain,
    number,
    take_field,
    value_text,
)
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error
from pipeline.sources.parsing.row_issues import RowIssues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date


DEAREST_USD_PER_MTOK = 10_000
"""Above every list price seen (600, o1-pro) by a factor of 16; dearer is a unit slip."""

MTOK = 10**6
"""Tokens in a million."""

_MICRO = Decimal(10**6)
_DECIMAL = re.compile(r"-?\d{1,9}(\.\d{1,30})?([eE][-+]?\d{1,2})?")


def microusd(usd_per_mtok: Decimal) -> int:
    """Round dollars per million tokens to whole micro-dollars, half to even."""
    return int((usd_per_mtok * _MICRO).to_integral_value(ROUND_HALF_EVEN))


def from_number(row: Row, field: str, *, tokens: int = MTOK) -> int | None:
    """Read dollars per `tokens` tokens from a JSON number; null is unknown.

    The shortest decimal that reads back as the same float is what the source wrote.

    Raises:
        FieldError: Not a number, negative, or above the cap.
    """
    if take_field(row, field) is None:
        return None
    return _check_price(Decimal(repr(number(row, field))) * MTOK / tokens, field)


def from_text(row: Row, field: str, *, tokens: int) -> int | None:
    """Read dollars per `tokens` tokens from a decimal string; null is unknown.

    Raises:
        FieldError: Not a decimal string, negative, or above the cap.
    """
    value = take_field(row, field)
    if value is None:
        return None
    if type(value) is not str or not value.isascii() or not _DECIMAL.fullmatch(value):
        raise FieldError(field, f"should be a decimal number as text, is {value_text(value)}")
    return _from_decimal(value, field, tokens)


@functools.lru_cache(maxsize=4096)
def _from_decimal(value: str, field: str, tokens: int) -> int:
    """Read a decimal; a catalogue has some hundred prices, each for many models."""
    return _check_price(Decimal(value) * MTOK / tokens, field)


def _check_price(usd_per_mtok: Decimal, field: str) -> int:
    if not 0 <= usd_per_mtok <= DEAREST_USD_PER_MTOK:
        raise FieldError(
            field, f"is {usd_per_mtok:f} dollars per million tokens, outside 0 to {DEAREST_USD_PER_MTOK}"
        )
    return microusd(usd_per_mtok)


PEAK: Final = "peak hours"
"""What a note says of a price that holds at some hours only: it counts for every hour."""


def schedule_price(base: PriceStep, others: Iterable[PriceStep]) -> tuple[PriceStep, tuple[PriceStep, ...]]:
    """Reduce the prices of hours and sizes to the dearest hour of each size.

    Args:
        base: At any hour and from the first token on.
        others: Each from so many tokens on, at some hours or all; of one size the dearest axis counts.

    Returns:
        The prices of small prompts, and the steps above it, the smallest size first. An hour's price that
        states no size holds for small prompts; a step is never cheaper than what is below it.
    """
    by_size: dict[int, PriceStep] = {0: replace(base, from_tokens=0)}
    for one in others:
        by_size[one.from_tokens] = _dearer_of(one, by_size.get(one.from_tokens, one))
    steps: list[PriceStep] = []
    for size in sorted(by_size):
        steps.append(_dearer_of(by_size[size], steps[-1]) if steps else by_size[size])
    first, *rest = steps
    return first, tuple(rest)


def _dearer_of(one: PriceStep, other: PriceStep) -> PriceStep:
    """Take the dearer of two on each axis, at the size of the first."""
    known = None not in {one.cached, other.cached}
    return PriceStep(
        from_tokens=one.from_tokens,
        input=max(one.input, other.input),
        output=max(one.output, other.output),
        cached=max(one.cached or 0, other.cached or 0) if known else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueFacts:
    """What one row says; None where it says nothing."""

    provider: str | None
    amounts: tuple[int | None, int | None, int | None]
    """Input, output and cache-read micro-dollars per million tokens."""
    context_tokens: int | None
    input_modalities: tuple[str, ...] | None
    tools: bool | None
    retires_on: date | None = None


def amount(row: Row, field: str, *, tokens: int) -> int | None:
    """Read dollars per `tokens` tokens; absent, null and zero are no price: subscriptions are listed at zero.

    Raises:
        FieldError: Not a number, negative, or above the cap.
    """
    value = row.get(field)
    if value is None:
        return None
    if type(value) is not float:
        return from_number(row, field, tokens=tokens) or None
    return _amount(value, field, tokens)


@lru_cache(maxsize=4096)
def _amount(value: float, field: str, tokens: int) -> int | None:
    """Convert once what resellers repeat in thousands of rows."""
    return from_number({field: value}, field, tokens=tokens) or None


def read_keyed(
    capture: Capture, rows: Iterable[tuple[str, object]], read: Callable[[str, Row], CatalogueFacts]
) -> Reading:
    """Read every row; one that cannot be used is left out with a finding.

    Raises:
        SourceHeldError: No rows, or too many that cannot be used.
    """
    issues = RowIssues(capture.source)
    facts: dict[str, CatalogueFacts] = {}
    odd: dict[str, str] = {}
    for key, row in rows:
        try:
            facts[_plain(key)] = read(key, _object(row))
        except FieldError as error:
            odd[key] = str(error)
    if not facts and not odd:
        raise held_error(capture.source, "a list without chat models")
    count = len(facts) + len(odd)
    for key, other in confusable_keys((key, key) for key in facts).items():
        issues.refuse("twin-name", key, f"it differs from {value_text(other)} in case or width only")
        del facts[key]
    _refuse(odd, issues)
    issues.check(count)
    return _reading(capture, facts, issues)


def _refuse(odd: Mapping[str, str], issues: RowIssues) -> None:
    """Report all odd rows of one provider in one finding: a reseller with another unit has a dozen."""
    sizes = Counter(key.partition("/")[0] for key in odd)
    for key, message in odd.items():
        kind = "bad-value" if is_plain(key) else "unsafe-name"
        provider, slash, _ = key.partition("/")
        if slash and sizes[provider] > 1:
            issues.refuse(kind, f"{provider}/...", f"{value_text(key)}: {message}")
        else:
            issues.refuse(kind, key, message)


def _plain(key: str) -> str:
    if not is_plain(key):
        raise FieldError("key", f"holds more than plain characters: {value_text(key)}")
    return key


def _object(row: object) -> Row:
    if not isinstance(row, dict):
        raise FieldError("row", f"should be one object, is {value_text(row)}")
    return row


def _reading(capture: Capture, facts: Mapping[str, CatalogueFacts], issues: RowIssues) -> Reading:
    stamp = CaptureOrigin.of(capture)
    return Reading(
        source=capture.source,
        scale="",
        published_on=None,
        fetched_at=capture.fetched_at,
        captures=(stamp.capture,),
        prices=tuple(
            Price(
                source=capture.source,
                key=SourceKey(key),
                name=SourceModelName(key),
                input_microusd_per_mtok=facts[key].amounts[0],
                output_microusd_per_mtok=facts[key].amounts[1],
                cache_read_microusd_per_mtok=facts[key].amounts[2],
                observed_on=stamp.observed_on,
                capture=stamp.capture,
            )
            for key in sorted(facts)
            if facts[key].amounts[:2] != (None, None)
        ),
        entries=tuple(_entry(capture, key, facts[key]) for key in sorted(facts)),
        findings=issues.findings(),
    )


def _entry(capture: Capture, key: str, facts: CatalogueFacts) -> Entry:
    return Entry(
        source=capture.source,
        key=SourceKey(key),
        name=SourceModelName(key),
        organization=facts.provider,
        context_tokens=facts.context_tokens,
        input_modalities=facts.input_modalities,
        tools=facts.tools,
        retires_on=facts.retires_on,
    )
