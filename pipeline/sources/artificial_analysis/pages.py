"""Reads the pages of an answer of Artificial Analysis and their rows, in today's shape and the retired one.

The two differ in where a field sits and in what zero means. Today null is "not measured" and a zero price is
a claim; in the old shape null did not exist for prices and speeds, and zero was written for "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

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
    Row,
    is_plain,
    number,
    optional_day,
    optional_number,
    optional_part,
    part,
    plain_or_none,
    take_field,
    text,
    value_text,
    whole_number,
)
from pipeline.sources.parsing.json_body import held_error, read_json
from pipeline.sources.parsing.prices import from_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.domain.ids import Sha256, SourceName
    from pipeline.domain.observation import Capture
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
    key, name = _creator_of(row)
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
        measures=_measured_values(measures),
        input_microusd_per_mtok=from_number(pricing, _INPUT),
        output_microusd_per_mtok=from_number(pricing, _OUTPUT),
        cache_read_microusd_per_mtok=from_number(pricing, _CACHE),
    )


def legacy_row(row: Row, issues: RowIssues) -> Model:
    """Read a row of the retired `/data/llms/models`; a price or a speed of zero is unknown.

    Raises:
        FieldError: A used field is missing, retyped or out of range.
    """
    key, name = _creator_of(row)
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
        measures=_measured_values(measures),
        input_microusd_per_mtok=from_number(pricing, _INPUT) or None,
        output_microusd_per_mtok=from_number(pricing, _OUTPUT) or None,
        cache_read_microusd_per_mtok=None,
    )


def _creator_of(row: Row) -> tuple[str, str]:
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


def _measured_values(measures: dict[MetricName, float | None]) -> tuple[tuple[MetricName, float], ...]:
    """Keep what was measured, which zero never is, whatever the shape.

    At most two old models of 500 have an index of exactly 0; readers of it took its zeros for scores.
    """
    return tuple((metric, value) for metric, value in measures.items() if value)


UNKNOWN_VERSION: Final = "aa-unknown"
"""The scale of an index whose version neither the answer nor a date tells."""
LAST_CHANGE: Final = date(2026, 9, 7)
"""The last known change of the index: version 4.3 was announced, and what followed nobody wrote down."""
_CHANGELOG = (
    (LAST_CHANGE, UNKNOWN_VERSION),
    (date(2026, 9, 4), "aa-4.2"),
    (date(2026, 6, 16), "aa-4.1"),
    (date.min, "aa-4.0"),
)
"""Since when which index version was served, which the old shape does not say; known while its end is."""
_ENVELOPE = {"tier", "intelligence_index_version", "pagination", "data"}
_OLD_ENVELOPE = {
    "status",
    "prompt_options",
    "data",
    "models",
    "fetched_at",
    "collected_at",
    "source",
    "count",
}
_OLD_ENVELOPE_URLS = {"endpoint", "metadata_endpoint"}
_HIGHEST_VERSION = 1000
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """A complete answer: its rows by the page they came from, and how to read one."""

    scale: str
    observed_on: date
    pages: tuple[tuple[Sha256, Sequence[object]], ...]
    read: Callable[[Row, RowIssues], Model]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    number: int
    of: int
    size: int
    more: bool
    version: str
    rows: list[object]
    capture: Capture
    unknown: frozenset[str]


def read_index_page(source: SourceName, captures: Sequence[Capture]) -> IndexPage:
    """Read all captures of one answer.

    Raises:
        SourceHeldError: Not JSON, not this source's envelope, or not all pages of one state.
    """
    if not captures:
        raise held_error(source, "nothing was captured")
    values = [(capture, _envelope(capture)) for capture in captures]
    try:
        if len(values) == 1 and "pagination" not in values[0][1]:
            return _read_legacy(*values[0])
        return _complete([_page(capture, value) for capture, value in values])
    except FieldError as error:
        raise held_error(source, str(error)) from None


def page_count(capture: Capture) -> int:
    """Return how many pages there are, as a page says.

    Raises:
        SourceHeldError: It is not a page.
    """
    try:
        return _page(capture, _envelope(capture)).of
    except FieldError as error:
        raise held_error(capture.source, str(error)) from None


def _envelope(capture: Capture) -> Row:
    value = read_json(capture)
    if not isinstance(value, dict):
        raise held_error(capture.source, f"no envelope with models, but {value_text(value)}")
    if "error" in value:
        raise held_error(capture.source, f"an error message: {value_text(value['error'])}")
    return value


def _page(capture: Capture, value: Row) -> _Page:
    pagination = part(value, "pagination")
    more = take_field(pagination, "has_more")
    if not isinstance(more, bool):
        raise FieldError("has_more", f"should be true or false, is {value_text(more)}")
    version = number(value, "intelligence_index_version")
    if not 0 < version < _HIGHEST_VERSION:
        raise FieldError("intelligence_index_version", f"is {version}")
    return _Page(
        number=whole_number(pagination, "page"),
        of=whole_number(pagination, "total_pages"),
        size=whole_number(pagination, "page_size"),
        more=more,
        version=f"aa-{version!r}",
        rows=_rows(value, "data"),
        capture=capture,
        unknown=frozenset(value.keys() - _ENVELOPE),
    )


def _complete(pages: list[_Page]) -> IndexPage:
    """Pages have no common snapshot: what they repeat must agree, and nothing may be missing."""
    pages = sorted(pages, key=lambda page: page.number)
    first, last, source = pages[0], pages[-1], pages[0].capture.source
    if len({page.version for page in pages}) > 1:
        raise held_error(
            source, f"pages of different index versions: {', '.join(sorted({p.version for p in pages}))}"
        )
    if len({(page.of, page.size) for page in pages}) > 1:
        raise held_error(source, "pages that disagree about how many pages there are")
    numbers = [page.number for page in pages]
    if len(pages) != first.of or numbers != list(range(1, len(pages) + 1)):
        raise held_error(source, f"page {', '.join(map(str, numbers[:5]))} only of {first.of}")
    if last.more or not all(page.more for page in pages[:-1]):
        raise held_error(source, f"{first.of} pages, but `has_more` says otherwise")
    if any(len(page.rows) != page.size for page in pages[:-1]) or len(last.rows) > last.size:
        raise held_error(source, f"a page that does not hold {first.size} rows")
    return IndexPage(
        scale=first.version,
        observed_on=min(page.capture.fetched_at for page in pages).astimezone(UTC).date(),
        pages=tuple((page.capture.sha256, page.rows) for page in pages),
        read=current_row,
        unknown=frozenset[str]().union(*(page.unknown for page in pages)),
    )


def _read_legacy(capture: Capture, value: Row) -> IndexPage:
    if "status" in value and take_field(value, "status") != _OK:
        raise held_error(capture.source, f"an answer with status {value_text(value['status'])}")
    rows = _rows(value, "data" if "data" in value else "models")
    if "count" in value and whole_number(value, "count") != len(rows):
        raise held_error(
            capture.source, f"it says it has {value_text(value['count'])} models and holds {len(rows)}"
        )
    observed_on = _collected_on(capture, value)
    return IndexPage(
        scale=next(scale for since, scale in _CHANGELOG if observed_on >= since),
        observed_on=observed_on,
        pages=((capture.sha256, rows),),
        read=legacy_row,
        unknown=frozenset(value.keys() - _OLD_ENVELOPE - _OLD_ENVELOPE_URLS),
    )


def _collected_on(capture: Capture, value: Row) -> date:
    """The day a stored answer was collected: what its wrapper says, else the day of the capture."""
    field = next((name for name in ("fetched_at", "collected_at") if name in value), None)
    if field is None:
        return capture.fetched_at.astimezone(UTC).date()
    stated = text(value, field)
    try:
        moment = datetime.fromisoformat(stated)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise FieldError(
            field, f"should be a moment like 2026-06-22T05:00:00Z, is {value_text(stated)}"
        ) from None


def _rows(value: Row, field: str) -> list[object]:
    rows = take_field(value, field)
    if not isinstance(rows, list):
        raise FieldError(field, f"should be a list of models, is {value_text(rows)}")
    return rows
