"""What the tests of identity share: a small crosswalk folder, and a builder of domain values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import Crosswalk, Judgement, Variant
from pipeline.domain.ids import LMARENA_TEXT, Sha256, SourceKey, SourceModelName, SourceName, VariantId
from pipeline.domain.observation import Entry, Observation, Price, Reading
from pipeline.identity.crosswalk.load import JUDGEMENT_COLUMNS, PRICE_COLUMNS
from pipeline.identity.crosswalk.variants import VARIANT_COLUMNS
from pipeline.identity.names.source_names import MAIN_METRIC

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Amounts = tuple[int | None, int | None, int | None]

LINES = {
    "variants.csv": (
        VARIANT_COLUMNS,
        (
            "qwen3.7@default,alibaba,qwen3.7,qwen3.7,default,,yes,,,,,,,,,",
            "sol-5.6@high,openai,sol-5.6,sol-5.6,high,2026-07-09,no,400000,openai/sol,openai/s,openai:s,KEY,2027-01-31,high,high,",
        ),
    ),
    "judgements.csv": (
        JUDGEMENT_COLUMNS,
        (
            'lmarena-text,"sol (High, ""new"")","sol (High, ""new"")",sol-5.6@high,2026-08-01,Reviewer,same',
            "artificial-analysis,0b6f,Old Thing,,2026-08-01,Reviewer,withdrawn",
        ),
    ),
    "prices.csv": (
        PRICE_COLUMNS,
        ("sol-5.6,5,30,0.5,2026-07-09,https://vendor.example/pricing,Reviewer,vendor page",),
    ),
}
"""File to its header and its right lines."""


@pytest.fixture(scope="session")
def right_lines() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """The lines that `write_crosswalk` writes where it is told nothing else."""
    return LINES


@pytest.fixture(scope="session")
def write_crosswalk() -> Callable[..., Path]:
    """A function that writes the three files; `name=("line", ...)` replaces a file's lines."""

    def write(folder: Path, **replaced: tuple[str, ...]) -> Path:
        for name, (columns, lines) in LINES.items():
            used = replaced.get(name.removesuffix(".csv"), lines)
            (folder / name).write_text("".join(f"{line}\n" for line in (",".join(columns), *used)))
        return folder

    return write


DAY = date(2026, 8, 13)


class Shelf:
    """Builds domain values with what a test does not care about filled in."""

    def row(self, key: str, value: float = 1400.0, source: SourceName = LMARENA_TEXT) -> Observation:
        """One score row on the source's main metric."""
        return Observation(
            source=source,
            key=SourceKey(key),
            name=SourceModelName(key),
            metric=MAIN_METRIC[source],
            scale="any",
            value=value,
            low=None,
            high=None,
            votes=None,
            observed_on=DAY,
            capture=Sha256("0" * 64),
        )

    def price(self, source: SourceName, key: str, amounts: Amounts) -> Price:
        """One price row: input, output and cache-read micro-dollars."""
        return Price(
            source=source,
            key=SourceKey(key),
            name=SourceModelName(key),
            input_microusd_per_mtok=amounts[0],
            output_microusd_per_mtok=amounts[1],
            cache_read_microusd_per_mtok=amounts[2],
            observed_on=DAY,
            capture=Sha256("0" * 64),
        )

    def entry(self, source: SourceName, key: str) -> Entry:
        """One catalogue entry."""
        return Entry(source=source, key=SourceKey(key), name=SourceModelName(key))

    def reading(self, *rows: Observation | Price | Entry) -> Reading:
        """One reading of the source its rows are of."""
        return Reading(
            source=rows[0].source,
            scale="any",
            published_on=DAY,
            fetched_at=datetime(2026, 8, 15, 12, tzinfo=UTC),
            captures=(Sha256("0" * 64),),
            observations=tuple(row for row in rows if isinstance(row, Observation)),
            prices=tuple(row for row in rows if isinstance(row, Price)),
            entries=tuple(row for row in rows if isinstance(row, Entry)),
        )

    def variant(self, name: str) -> Variant:
        """One variant, `release@effort`."""
        release, _, effort = name.partition("@")
        return Variant(
            id=VariantId(name),
            vendor="vendor",
            family=release,
            release=release,
            effort=effort,
        )

    def judgement(self, source: SourceName, key: str, variant: str | None, name: str = "") -> Judgement:
        """One judgement; the judged name is the key unless said."""
        return Judgement(
            source=source,
            key=SourceKey(key),
            name=SourceModelName(name or key),
            variant=None if variant is None else VariantId(variant),
            decided_on=DAY,
            decided_by="Reviewer",
            reason="same",
        )

    def crosswalk(self, *lines: Variant | Judgement) -> Crosswalk:
        """A crosswalk of variants and judgements."""
        judgements = [line for line in lines if isinstance(line, Judgement)]
        return Crosswalk(
            variants={line.id: line for line in lines if isinstance(line, Variant)},
            judgements={(line.source, line.key): line for line in judgements},
            prices={},
            sha256=Sha256("0" * 64),
        )


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """The builder of domain values."""
    return Shelf()
