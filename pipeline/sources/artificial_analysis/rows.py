"""Reads one row of Artificial Analysis, in today's shape and in the shape served until November 2026.

The two differ in where a field sits and in what zero means. Today null is "not measured" and a zero price is
a claim; in the old shape null did not exist for prices and speeds, and zero was written for "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import (
    AA_AGENTIC,
    AA_CODING,
    AA_INTELLIGENCE,
    AA_TOKENS_PER_SECOND,
    AA_USD_PER_TASK,
    MetricName,
)
from pipeline.sources.parsing.fields import (
    FieldError,
    is_plain,
    optional_day,
    optional_number,
    optional_part,
    part,
    plain_or_none,
    text,
    value_text,
)
from pipeline.sources.parsing.prices import from_number

if TYPE_CHECKING:
    from datetime import date

    from pipeline.sources.parsing.fields import Row
    from pipeline.sources.parsing.row_issues import RowIssues

_INDEX_TOP = 100.0
_ROW = {"id", "name", "slug", "release_date", "model_creator", "evaluations", "pricing"}
_INDICES = {
    "artificial_analysis_intelligence_index": AA_INTELLIGENCE,
    "artificial_analysis_coding_index": AA_CODING,
    "artificial_analysis_agentic_index": AA_AGENTIC,
}
_COST = "artificial_analysis_intelligence_index_cost"
_SPEED = "median_output_tokens_per_second"
_INPUT, _OUTPUT, _CACHE = "price_1m_input_tokens", "price_1m_output_tokens", "price_1m_cache_hit_tokens"
_TIMES = {
    "median_time_to_first_token_seconds",
    "median_time_to_first_answer_token_seconds",
    "median_end_to_end_response_time_seconds",
}
_OLD_EVALUATIONS = {
    *list(_INDICES)[:2],
    "artificial_analysis_math_index",
    *("mmlu_pro", "gpqa", "hle", "livecodebench", "scicode", "math_500", "aime", "aime_25", "ifbench", "lcr"),
    *("terminalbench_hard", "terminalbench_v2_1", "tau2", "tau_banking"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model as Artificial Analysis lists it."""

    id: str
    name: str
    organization: str | None
    released_on: date | None
    measures: tuple[tuple[MetricName, float], ...]
    input_microusd_per_mtok: int | None
    output_microusd_per_mtok: int | None
    cache_read_microusd_per_mtok: int | None


def current_row(row: Row, issues: RowIssues) -> Model:
    """Read a row of `/language/models/free`.

    Raises:
        FieldError: A used field is missing, retyped or out of range.
    """
    key, name = _who(row)
    issues.drift(row.keys() - {*_ROW, _COST, "performance"})
    evaluations, pricing, performance = (
        part(row, "evaluations"),
        part(row, "pricing"),
        part(row, "performance"),
    )
    issues.drift(evaluations.keys() - _INDICES.keys(), "evaluations.")
    issues.drift(pricing.keys() - {_INPUT, _OUTPUT, _CACHE, "price_1m_cache_write_tokens"}, "pricing.")
    issues.drift(performance.keys() - {_SPEED, *_TIMES}, "performance.")
    measures = {metric: _index(evaluations, field) for field, metric in _INDICES.items()}
    measures[AA_USD_PER_TASK] = _usd_per_task(row)
    measures[AA_TOKENS_PER_SECOND] = _not_negative(performance, _SPEED)
    return Model(
        id=key,
        name=name,
        organization=_creator(row),
        released_on=optional_day(row, "release_date"),
        measures=_measured(measures),
        input_microusd_per_mtok=from_number(pricing, _INPUT),
        output_microusd_per_mtok=from_number(pricing, _OUTPUT),
        cache_read_microusd_per_mtok=from_number(pricing, _CACHE),
    )


def legacy_row(row: Row, issues: RowIssues) -> Model:
    """Read a row of the retired `/data/llms/models`; a price or a speed of zero is unknown.

    Raises:
        FieldError: A used field is missing, retyped or out of range.
    """
    key, name = _who(row)
    issues.drift(row.keys() - {*_ROW, *_TIMES, _SPEED, "median_time_to_first_answer_token"})
    evaluations, pricing = part(row, "evaluations"), part(row, "pricing")
    issues.drift(evaluations.keys() - _OLD_EVALUATIONS, "evaluations.")
    issues.drift(pricing.keys() - {_INPUT, _OUTPUT, "price_1m_blended_3_to_1"}, "pricing.")
    measures = {metric: _index(evaluations, field) for field, metric in list(_INDICES.items())[:2]}
    measures[AA_TOKENS_PER_SECOND] = _not_negative(row, _SPEED)
    return Model(
        id=key,
        name=name,
        organization=_creator(row),
        released_on=optional_day(row, "release_date"),
        measures=_measured(measures),
        input_microusd_per_mtok=from_number(pricing, _INPUT) or None,
        output_microusd_per_mtok=from_number(pricing, _OUTPUT) or None,
        cache_read_microusd_per_mtok=None,
    )


def _who(row: Row) -> tuple[str, str]:
    key, name = text(row, "id"), text(row, "name")
    if not is_plain(key):
        raise FieldError("id", f"holds more than plain characters: {value_text(key)}")
    if not is_plain(name):
        raise FieldError("name", f"holds more than plain characters: {value_text(name)}")
    return key, name


def _creator(row: Row) -> str | None:
    creator = optional_part(row, "model_creator")
    return None if creator is None else plain_or_none(text(creator, "name"))


def _index(evaluations: Row, field: str) -> float | None:
    value = optional_number(evaluations, field)
    if value is not None and not 0 <= value <= _INDEX_TOP:
        raise FieldError(field, f"is {value}, outside 0 to 100")
    return value


def _not_negative(row: Row, field: str) -> float | None:
    value = optional_number(row, field)
    if value is not None and value < 0:
        raise FieldError(field, f"is {value}")
    return value


def _usd_per_task(row: Row) -> float | None:
    cost = optional_part(row, _COST)
    per_task = None if cost is None else optional_part(cost, "cost_per_task")
    return None if per_task is None else _not_negative(per_task, "total_cost")


def _measured(measures: dict[MetricName, float | None]) -> tuple[tuple[MetricName, float], ...]:
    """Keep what was measured, which zero never is, whatever the shape.

    At most two old models of 500 have an index of exactly 0; readers of it took its zeros for scores.
    """
    return tuple((metric, value) for metric, value in measures.items() if value)
