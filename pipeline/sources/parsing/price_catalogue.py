"""Reads a price catalogue that is an object by key, row by row, as third-party price lists are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.domain.ids import SourceKey, SourceModelName
from pipeline.domain.observation import Capture, Entry, Price, Reading
from pipeline.sources.parsing.fields import FieldError, Row, confusable_keys, is_plain, value_text
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error
from pipeline.sources.parsing.prices import from_number
from pipeline.sources.parsing.row_issues import RowIssues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date


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
