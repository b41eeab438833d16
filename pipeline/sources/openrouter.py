"""Reads OpenRouter's catalogue, `/api/v1/models` (no key): prices, context and abilities by callable id.

Stored copies are `{"data": [...]}` as served, the bare list, or a wrapper with `models`. Quirks: prices are
strings in dollars per token; "-1" means variable; `pricing.overrides` is a list (prices by hour or size);
`:free` and `:batch` rows are other offers of the same model; `~vendor/x-latest` rows, and any with an
`alias_target`, change what they mean. A stored copy may lack `architecture` and `supported_parameters`:
nothing is known then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pipeline.domain.ids import OPENROUTER, SourceKey, SourceModelName
from pipeline.domain.observation import Capture, Entry, Price, PriceRole, PriceStep, Reading
from pipeline.sources.parsing.fields import (
    FieldError,
    confusable_keys,
    end_day,
    is_plain,
    part,
    plain_or_none,
    take_field,
    text,
    token_count,
    value_text,
    whole_number,
    words,
)
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error, read_json
from pipeline.sources.parsing.prices import PEAK, from_text, schedule_price
from pipeline.sources.parsing.row_issues import RowIssues
from pipeline.sources.spec import SingleRequestSource, SourceSpec

if TYPE_CHECKING:
    from pipeline.sources.parsing.fields import Row


_VARIABLE = "-1"
_OTHER_OFFERS = {"free", "batch"}
_CACHE = "input_cache_read"
_ROW = {
    *(
        "id",
        "canonical_slug",
        "hugging_face_id",
        "name",
        "created",
        "description",
        "context_length",
        "architecture",
    ),
    *(
        "pricing",
        "top_provider",
        "per_request_limits",
        "supported_parameters",
        "default_parameters",
        "endpoints",
    ),
    *(
        "supported_voices",
        "expiration_date",
        "knowledge_cutoff",
        "links",
        "reasoning",
        "benchmarks",
        "alias_target",
    ),
}
_PRICING = {
    *("prompt", "completion", "request", "image", "audio", "web_search", "internal_reasoning", _CACHE),
    *("input_cache_write", "input_cache_write_1h", "input_audio_cache", "overrides"),
    *("image_output", "audio_output"),
}
_OVERRIDE = _PRICING | {"min_prompt_tokens", "utc_start", "utc_end"}


def read_entry(row: Row, issues: RowIssues) -> Entry:
    """Read who it is and what it can do.

    Raises:
        FieldError: A used field is missing, retyped or out of range.
    """
    key, name = text(row, "id"), text(row, "name")
    if not (is_plain(key) and is_plain(name)):
        raise FieldError(
            "id", f"or name holds more than plain characters: {value_text(key)}, {value_text(name)}"
        )
    issues.drift(row.keys() - _ROW)
    return Entry(
        source=OPENROUTER,
        key=SourceKey(key),
        name=SourceModelName(name),
        organization=plain_or_none(key.removeprefix("~").partition("/")[0]),
        released_on=_creation_day(row),
        context_tokens=token_count(row, "context_length"),
        input_modalities=_modalities(row),
        tools=_tools(row),
        retires_on=end_day(row, "expiration_date"),
    )


def read_price(row: Row, stamp: CaptureOrigin, issues: RowIssues) -> Price | None:
    """Read the list price; an alias, a free or a batch offer has none that could stand for a model.

    Raises:
        FieldError: A used price is missing, retyped, negative or beyond belief.
    """
    key = text(row, "id")
    pricing = part(row, "pricing")
    if key.startswith("~") or row.get("alias_target") or not _OTHER_OFFERS.isdisjoint(key.split(":")[1:]):
        return None
    issues.drift(pricing.keys() - _PRICING, "pricing.")
    variable = any(take_field(pricing, field) == _VARIABLE for field in ("prompt", "completion"))
    notes = ["variable price"] if variable else []
    base = None if variable else _amounts(pricing, pricing, issues)
    peak, steps = (None, ()) if base is None else schedule_price(base, _overrides(pricing, base, issues))
    if base is not None and peak != base:
        notes.append(PEAK)
    if steps:
        notes.append("dearer for long prompts")
    return Price(
        source=OPENROUTER,
        key=SourceKey(key),
        name=SourceModelName(text(row, "name")),
        input_microusd_per_mtok=peak.input if peak else None,
        output_microusd_per_mtok=peak.output if peak else None,
        cache_read_microusd_per_mtok=peak.cached if peak else None,
        observed_on=stamp.observed_on,
        capture=stamp.capture,
        note="; ".join(notes),
        steps=steps,
    )


def _amounts(stated: Row, pricing: Row, issues: RowIssues) -> PriceStep:
    """Read the prices of an override, or the base ones; what an override leaves out is as in the base."""
    return PriceStep(
        from_tokens=0,
        input=_required_price(stated if "prompt" in stated else pricing, "prompt"),
        output=_required_price(stated if "completion" in stated else pricing, "completion"),
        cached=_cache(stated if _CACHE in stated else pricing, issues),
    )


def _overrides(pricing: Row, base: PriceStep, issues: RowIssues) -> list[PriceStep]:
    """Read prices by hour (`utc_start`, `utc_end`) and by size (`min_prompt_tokens`)."""
    stated = pricing.get("overrides")
    found: list[PriceStep] = []
    for one in stated if isinstance(stated, list) else ():
        if not isinstance(one, dict):
            issues.drift({f"overrides as {type(one).__name__}"}, "pricing.")
            continue
        issues.drift(one.keys() - _OVERRIDE, "pricing.overrides.")
        size = whole_number(one, "min_prompt_tokens") if "min_prompt_tokens" in one else base.from_tokens
        found.append(replace(_amounts(one, pricing, issues), from_tokens=size))
    return found


def _required_price(pricing: Row, field: str) -> int:
    amount = from_text(pricing, field, tokens=1)
    if amount is None:
        raise FieldError(field, "is null")
    return amount


def _cache(pricing: Row, issues: RowIssues) -> int | None:
    """Read the cache price; an unknown one means that cached input is billed as input: never cheap."""
    value = pricing.get(_CACHE)
    if value is None or value == _VARIABLE:
        return None
    if not isinstance(value, str):
        issues.drift({f"{_CACHE} as {type(value).__name__}"}, "pricing.")
        return None
    return from_text(pricing, _CACHE, tokens=1)


def _creation_day(row: Row) -> date | None:
    if row.get("created") is None:
        return None
    seconds = whole_number(row, "created")
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).date()
    except (ValueError, OverflowError, OSError):
        raise FieldError("created", f"should be seconds since 1970, is {seconds}") from None


def _modalities(row: Row) -> tuple[str, ...] | None:
    if row.get("architecture") is None:
        return None
    stated = take_field(part(row, "architecture"), "input_modalities")
    return tuple(sorted(words(stated, "input_modalities")))


def _tools(row: Row) -> bool | None:
    stated = row.get("supported_parameters")
    return None if stated is None else "tools" in words(stated, "supported_parameters")


_URL = "https://openrouter.ai/api/v1/models"
_ENVELOPE = {"data", "models", "source", "endpoints", "collected_at", "fetched_at", "count"}


def read_catalogue(capture: Capture) -> Reading:
    """Read entries and list prices (of the default endpoint).

    Raises:
        SourceHeldError: Not this catalogue, or too many rows that cannot be used.
    """
    issues = RowIssues(capture.source)
    stamp = CaptureOrigin.of(capture)
    listed = _listed_rows(_rows(capture, issues), stamp, issues)
    return Reading(
        source=capture.source,
        scale="",
        published_on=None,
        fetched_at=capture.fetched_at,
        captures=(stamp.capture,),
        prices=tuple(price for _, price in listed if price is not None),
        entries=tuple(entry for entry, _ in listed),
        findings=issues.findings(),
    )


def _rows(capture: Capture, issues: RowIssues) -> list[object]:
    value = read_json(capture)
    rows: object = value
    if isinstance(value, dict):
        if "error" in value:
            raise held_error(capture.source, f"an error message: {value_text(value['error'])}")
        rows = value.get("data", value.get("models"))
        issues.drift(value.keys() - _ENVELOPE)
    if not isinstance(rows, list):
        raise held_error(capture.source, f"no list of models, but {value_text(value)}")
    if not rows:
        raise held_error(capture.source, "a catalogue without models")
    try:
        if isinstance(value, dict) and "count" in value and whole_number(value, "count") != len(rows):
            raise held_error(
                capture.source, f"it says it has {value_text(value['count'])} models and holds {len(rows)}"
            )
    except FieldError as error:
        raise held_error(capture.source, str(error)) from None
    return rows


def _listed_rows(
    rows: list[object], stamp: CaptureOrigin, issues: RowIssues
) -> list[tuple[Entry, Price | None]]:
    listed: dict[str, tuple[Entry, Price | None]] = {}
    for row in rows:
        if not isinstance(row, dict):
            issues.refuse("bad-value", value_text(row), "a row should be an object")
            continue
        try:
            entry, price = read_entry(row, issues), read_price(row, stamp, issues)
        except FieldError as error:
            issues.refuse(*_odd_row(row, error))
            continue
        if entry.key in listed:
            raise held_error(OPENROUTER, f"the id {entry.key} twice")
        listed[entry.key] = (entry, price)
    for key, other in confusable_keys((key, key) for key in listed).items():
        issues.refuse("twin-name", key, f"it differs from {value_text(other)} in case or width only")
        del listed[key]
    issues.check(len(rows))
    return [listed[key] for key in sorted(listed)]


def _odd_row(row: dict[str, object], error: FieldError) -> tuple[str, object, str]:
    key = row.get("id", row.get("name"))
    unsafe = any(
        isinstance(word, str) and word.strip() and not is_plain(word) for word in (key, row.get("name"))
    )
    return ("unsafe-name" if unsafe else "bad-value", key, str(error))


CATALOGUE = SourceSpec(
    source=SingleRequestSource(
        name=OPENROUTER,
        patterns=(
            "*openrouter*.json",
            "*openrouter*.json.gz",
            "api-v1-models/*.json",
            "api-v1-models/*.json.gz",
        ),
        url=_URL,
        read=read_catalogue,
    ),
    summary="`/api/v1/models`",
    attribution="Catalogue prices by OpenRouter (https://openrouter.ai/)",
    price_role=PriceRole.FIRST_HAND,
)
