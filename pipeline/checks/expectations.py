"""Reads what people expect of each source: `data/policy/expectations.toml`, typed and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, JsonValue, ValidationError, model_validator

from pipeline.domain.document import Document, sha256_hex
from pipeline.domain.observation import Finding, Severity
from pipeline.toml_fields import explain_error
from pipeline.toml_file import broken_at, line_of, read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from pipeline.domain.ids import Sha256, SourceName
    from pipeline.errors import UsageError

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class MovementLimit(Document):
    """How much of a board may move a little at once."""

    by: Positive
    """A move larger than this counts, in the unit of the metric."""
    share: Share
    """More of the common names than this holds the source, unless they moved together."""
    min_rank_correlation: Share | None = None
    """Least rank correlation at which all moved together; None: a board that moves is never let through."""
    max_residual: Positive | None = None
    """Largest move, in the unit of the metric, that equating leaves to 95 % of the names; None: the same."""


class PriceExpectation(Document):
    """What list prices must look like as a whole."""

    median_input_usd: Annotated[tuple[Positive, ...], Field(min_length=2, max_length=2)]
    """The median input price lies between these, in dollars per million tokens; outside is a unit slip."""
    min_output_not_cheaper: Share
    """Least share of the priced names whose output costs at least what their input costs."""
    max_zero: Share
    """Most of the known prices that may be zero."""
    max_median_factor: Annotated[float, Field(gt=1)]
    """By which factor the prices of the common names may move in the median, up or down."""


class RowExpectation(Document):
    """How far one name may be from what was approved before its approved value is kept instead."""

    shift: dict[str, Positive]
    """Metric to the largest believable move since the last approval, in its unit."""
    creep: dict[str, Positive]
    """The same since any approval of the last 8 weeks."""
    factor: dict[str, Positive]
    """Metric to the largest believable factor since the last approval; `price` of older files is ignored."""
    creep_factor: dict[str, Positive]
    """The same since any approval of the last 8 weeks."""


class SourceExpectation(Document):
    """The least a source must deliver before it may replace its last good data."""

    min_names: Annotated[int, Field(ge=1)]
    """Model names."""
    min_rows: Annotated[int, Field(ge=1)]
    """Observations and prices together."""
    coverage: dict[str, Share]
    """Least share of the names that have this metric; `price` means both an input and an output price.

    `votes` and `interval` are shares of the observations, `context` of the names.
    """
    max_coverage_drop: Share
    """How far the share of a metric in `coverage` may fall below the last good reading; others only warn."""
    canaries: tuple[str, ...]
    """Source keys that have been there in every capture seen."""
    min_canaries: Count
    """How many of them must be there: names are renamed, though never many in one week."""
    max_vanished: Share
    """Share of the names that may be gone: of the last good reading, or of the median of the last 8 weeks."""
    max_shift: dict[str, Positive]
    """Largest believable median move of a metric within one scale, in its unit; more holds the source."""
    warn_shift: dict[str, Positive]
    """The same for metrics whose move alone does not hold the source."""
    max_moved: dict[str, MovementLimit]
    """A silent rescoring: many names move while the median stays."""
    max_age_days: Annotated[int, Field(ge=1, le=36_500)]
    """Age of the content from which a person is warned."""
    warn_unchanged: Annotated[int, Field(ge=2)]
    """Weekly runs in a row with the same numbers, this one included, from which a person is warned."""
    hold_unchanged: Annotated[int, Field(ge=2)]
    """The same, from which the source is held as frozen."""
    prices: PriceExpectation | None = None
    """None for a source without prices."""
    rows: RowExpectation

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.min_canaries > len(self.canaries):
            raise ValueError(f"min_canaries is {self.min_canaries}, but only {len(self.canaries)} are listed")
        return self


class Expectations(Document):
    """The whole file."""

    format: Annotated[int, Field(ge=1, le=1)]
    sources: dict[str, SourceExpectation]

    def of(self, source: SourceName) -> SourceExpectation:
        """Return what is expected of one source."""
        return self.sources[source]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedExpectations:
    """What the file says, and where it and the program know different sources."""

    expectations: Expectations
    sha256: Sha256
    """Of the bytes of the file."""
    findings: tuple[Finding, ...]


def load_expectations(
    path: Path, built_in: Mapping[SourceName, Mapping[str, JsonValue]]
) -> LoadedExpectations:
    """Read the file; a source it has no table for has its built-in one, and a strange source is left out.

    Args:
        path: The file.
        built_in: A table for each source of the program, in the form of the file.

    Raises:
        UsageError: The file is missing, is not TOML, or a field is not of the form that is expected.
    """
    body, text, value = read_toml(path)
    written = value.get("sources")
    own = written if isinstance(written, dict) else {}
    tables = {name: own.get(name, table) for name, table in built_in.items()}
    try:
        expectations = Expectations.model_validate(_tuples(value | {"sources": tables}))
    except ValidationError as error:
        raise _broken_field(path, text, error) from None
    findings = tuple(_differences(path.name, own.keys(), built_in.keys()))
    return LoadedExpectations(expectations=expectations, sha256=sha256_hex(body), findings=findings)


def _differences(name: str, written: Collection[str], known: Collection[SourceName]) -> Iterator[Finding]:
    for source in known:
        if source not in written:
            yield Finding(
                kind="built-in-expectations",
                severity=Severity.NOTE,
                subject=source,
                message=f"{source} has no table in {name}; what the program expects of it is used",
            )
    for strange in sorted(set(written) - set(known)):
        yield Finding(
            kind="strange-source",
            severity=Severity.WARN,
            subject=strange,
            message=f"{name} has a table for {strange}, which is no source here: check its spelling "
            f"(known are {', '.join(known)})",
        )


def _tuples(value: object) -> object:
    """Turn TOML's arrays into tuples, which is what strict documents hold."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _broken_field(path: Path, text: str, error: ValidationError) -> UsageError:
    problem = min(error.errors(), key=lambda one: tuple(map(str, one["loc"])))
    found, expected = explain_error(Expectations, problem["loc"], problem)
    return broken_at(path, line_of(text, problem["loc"]), found, expected)
