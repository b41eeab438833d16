"""Every real capture, parsed once, and the weeks of the public history as readings."""

from __future__ import annotations

import csv
import gzip
import hashlib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pipeline.checks.expectations import SourceExpectation, load_expectations
from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    ARTIFICIAL_ANALYSIS,
    LMARENA_TEXT,
    Sha256,
    SourceKey,
    SourceModelName,
    SourceName,
    arena_metric,
)
from pipeline.domain.observation import Entry, Observation, Price, Reading
from pipeline.flow.record.config import built_in_expectations
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
EXPECTATIONS = load_expectations(
    ROOT / "data" / "policy" / "expectations.toml", built_in_expectations()
).expectations
OVERALL = arena_metric("text", "overall")
NOW = datetime(2026, 8, 22, tzinfo=UTC)
PATTERNS = {
    "lmarena-text": "arena/hf-leaderboard-dataset/*text_style_control*",
    "lmarena-webdev": "arena/hf-leaderboard-dataset/*webdev*",
    "artificial-analysis": "artificial-analysis/api-legacy-v2-data/*",
    "openrouter": "openrouter/api-v1-models/*",
}
_REWRAPPED = "2026-03-11-"
"""A copy whose rows were renamed by its keeper: not what the source serves."""


HELD_CLEAN = {("lmarena-text", "2025-02-10"): {"vanished"}, ("lmarena-text", "2025-07-21"): {"rows-moved"}}
"""A clean-up of 31 of 196 old names, and the re-weighting that LMArena announced: a person accepts both."""


class Step(NamedTuple):
    """A reading and the one before it, with what is expected of its source."""

    last: Reading
    now: Reading
    expectation: SourceExpectation

    @property
    def name(self) -> tuple[str, str]:
        """Source and day."""
        return (self.now.source, self.now.fetched_at.date().isoformat())


@cache
def captured(folder: Path) -> dict[str, tuple[Reading, ...]]:
    """Parse every real capture once, by source, in date order."""
    found = {}
    for name, pattern in PATTERNS.items():
        source = SourceName(name)
        files = [path for path in sorted(folder.glob(pattern)) if not path.name.startswith(_REWRAPPED)]
        found[name] = tuple(
            SOURCES[source].parse(read_captures([f"{name}={path}"], now=NOW)[source]) for path in files
        )
    return found


@cache
def seven_weeks(folder: Path) -> tuple[Reading, ...]:
    """Parse what Artificial Analysis said in each of the seven weeks."""
    if not folder.is_dir():
        pytest.skip("no folder ../shared/weeks with seven real weeks beside the project")
    found = []
    for week in sorted(folder.glob("2026-W*")):
        saturday = date.fromisocalendar(2026, int(week.name[-2:]), 6)
        now = datetime(saturday.year, saturday.month, saturday.day, 12, tzinfo=UTC)
        captures = read_captures([str(week)], now=now)
        found.append(SOURCES[ARTIFICIAL_ANALYSIS].parse(captures[ARTIFICIAL_ANALYSIS]))
    return tuple(found)


def steps_of_captures(folder: Path) -> list[Step]:
    """Pair every real capture with the one before."""
    found = captured(folder)
    return [
        Step(last, now, EXPECTATIONS.of(now.source))
        for line in found.values()
        for last, now in pairwise(line)
    ]


@cache
def steps_of_history(folder: Path) -> tuple[Step, ...]:
    """Pair every week since 2025 with the week before; canaries are of 2026, so they are not asked here."""
    boards = [_board(day, rows) for day, rows in _weeks(folder / "arena_text_weekly_published_names.csv.gz")]
    indices = [_index(day, rows) for day, rows in _weeks(folder / "aa_weekly.csv.gz")]
    return tuple(
        Step(last, now, EXPECTATIONS.of(now.source).model_copy(update={"canaries": (), "min_canaries": 0}))
        for line in (boards, indices)
        for last, now in pairwise(line)
        if now.fetched_at - last.fetched_at <= timedelta(days=10)
    )


def _weeks(path: Path) -> list[tuple[date, list[dict[str, str]]]]:
    weeks: dict[str, list[dict[str, str]]] = {}
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            if row["week"] >= "2025":
                weeks.setdefault(row["week"], []).append(row)
    return [(date.fromisoformat(week), rows) for week, rows in sorted(weeks.items())]


def _board(day: date, rows: Iterable[dict[str, str]]) -> Reading:
    digest = Sha256(hashlib.sha256(f"board {day}".encode()).hexdigest())
    observations, entries = [], []
    for row in rows:
        key, name = SourceKey(row["model"]), SourceModelName(row["model"])
        entries.append(Entry(source=LMARENA_TEXT, key=key, name=name))
        observations.append(
            Observation(
                source=LMARENA_TEXT,
                key=key,
                name=name,
                metric=OVERALL,
                scale="arena-text-style-control",
                value=float(row["score"]),
                low=float(row["ci_low"] or row["score"]),
                high=float(row["ci_high"] or row["score"]),
                votes=int(float(row["votes"] or 0)),
                observed_on=day,
                capture=digest,
            )
        )
    return Reading(
        source=LMARENA_TEXT,
        scale="arena-text-style-control",
        published_on=day,
        fetched_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        captures=(digest,),
        observations=tuple(observations),
        entries=tuple(entries),
    )


def _index(day: date, rows: Iterable[dict[str, str]]) -> Reading:
    digest = Sha256(hashlib.sha256(f"index {day}".encode()).hexdigest())
    observations, prices, entries = [], [], []
    for row in rows:
        key, name = SourceKey(row["slug"]), SourceModelName(row["name"])
        entries.append(Entry(source=ARTIFICIAL_ANALYSIS, key=key, name=name))
        if row["index"]:
            observations.append(
                Observation(
                    source=ARTIFICIAL_ANALYSIS,
                    key=key,
                    name=name,
                    metric=AA_INTELLIGENCE,
                    scale="aa-4.0",
                    value=float(row["index"]),
                    low=None,
                    high=None,
                    votes=None,
                    observed_on=day,
                    capture=digest,
                )
            )
        prices.append(
            Price(
                source=ARTIFICIAL_ANALYSIS,
                key=key,
                name=name,
                input_microusd_per_mtok=_microusd(row["input_price"]),
                output_microusd_per_mtok=_microusd(row["output_price"]),
                cache_read_microusd_per_mtok=None,
                observed_on=day,
                capture=digest,
            )
        )
    return Reading(
        source=ARTIFICIAL_ANALYSIS,
        scale="aa-4.0",
        published_on=None,
        fetched_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        captures=(digest,),
        observations=tuple(observations),
        prices=tuple(prices),
        entries=tuple(entries),
    )


def _microusd(usd: str) -> int | None:
    """As the old shape is read: zero is unknown."""
    return round(float(usd) * 1e6) or None if usd else None
