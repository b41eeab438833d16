"""Measure what one board tells of the other: `python -m tests.bench.board_targets`.

Every variant that two merged boards judge loses one of them in turn; the rest of the week stays, and theta is
predicted. Truth is its theta on both. Bias and RMSE are in Elo; `covers` is the share within 1.96 of the
stated SD, whose mean is `half-width` / 1.96. Candidates, from the code of a run except the first two:

- as published: the board's own number, the between-board SD tau in the band;
- mean of all: shrunk to the mean of the shared variants by the boards' reliability, the same band;
- regression: shrunk to what the other board is expected to say, its residual SD in the band;
- siblings: the same, and rows of other efforts on the missing board where there are some (what a run does).

`leaders` are the best sixth on the board that is left, `with siblings` those that the ladder speaks for. The
weeks are the history of both boards and the seven weeks, general evidence. It takes some minutes.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.domain.crosswalk import Crosswalk, Measure, Variant
from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    ARTIFICIAL_ANALYSIS,
    LMARENA_TEXT,
    Sha256,
    SourceKey,
    SourceModelName,
    VariantId,
    arena_metric,
)
from pipeline.domain.observation import Observation
from pipeline.flow.record.config import read_config
from pipeline.flow.run.score import score_readings
from pipeline.identity.crosswalk.load import valid_on
from pipeline.identity.names.name_parser import parse_name
from pipeline.scoring.quality.boards import read_boards
from pipeline.scoring.quality.equate import LOGITS_PER_ELO, Z95
from pipeline.scoring.quality.expected_boards import BoardPredictor
from pipeline.scoring.quality.rating import Rater, combine
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.domain.ids import MetricName
    from pipeline.domain.policy import Policy
    from pipeline.domain.score import BoardScore
    from pipeline.scoring.quality.boards import Boards
    from pipeline.scoring.quality.rating import RatedVariant

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
OVERALL = arena_metric("text", "overall")
NOWHERE = Sha256("0" * 64)
LEADERS = 6
"""One in so many leads."""
CANDIDATES = ("as published", "mean of all", "regression", "siblings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One prediction of a variant's theta from one board, in Elo."""

    left: str
    """The board that was left."""
    candidate: str
    error: float
    sd: float
    leads: bool
    has_siblings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWeek:
    """Both boards of a week."""

    measures: tuple[Measure, ...]
    crosswalk: Crosswalk


def main() -> None:
    """Print a table for each part of the history and of the seven weeks."""
    policy = read_config(Workspace(ROOT)).policy
    for name, found in {"history": list(history()), "weeks": list(weeks())}.items():
        told = [one for week in found for one in HeldOut(week, policy).told()]
        for label, chosen in _parts(told).items():
            table(f"{name}, {len(found)} weeks, {label}", chosen)
        gaps = [one for week in found if (one := lead_gap(week, policy)) is not None]
        spoken("ten leaders on the index: Elo on the Arena minus the index, by week", gaps)


def _parts(told: Sequence[Told]) -> Mapping[str, list[Told]]:
    return {
        "all": list(told),
        "leaders": [one for one in told if one.leads],
        "with siblings": [one for one in told if one.has_siblings],
        "leaders with siblings": [one for one in told if one.leads and one.has_siblings],
    }


def table(title: str, told: Sequence[Told]) -> None:
    """Print bias, RMSE and coverage of each candidate by the board that was left."""
    heading = f"{'left':22}{'candidate':16}{'n':>6}{'bias':>8}{'RMSE':>8}{'covers':>8}{'half-width':>12}"
    print(f"\n{title}\n{heading}")  # noqa: T201 - a report for a person
    for left in sorted({one.left for one in told}):
        for candidate in CANDIDATES:
            found = [one for one in told if (one.left, one.candidate) == (left, candidate)]
            error, sd = np.array([one.error for one in found]), np.array([one.sd for one in found])
            covers = float((np.abs(error) <= Z95 * sd).mean())
            rmse = math.sqrt(float((error**2).mean()))
            figures = f"{error.mean():+8.1f}{rmse:8.1f}{covers:8.2f}{Z95 * sd.mean():12.1f}"
            print(f"{left:22}{candidate:16}{len(found):6}{figures}")  # noqa: T201 - a report for a person


def spoken(what: str, values: Sequence[float]) -> None:
    """Print some figures in one line."""
    print(f"\n{what}: {', '.join(f'{value:+.0f}' for value in values)}")  # noqa: T201 - a report for a person


def lead_gap(week: BoardWeek, policy: Policy) -> float | None:
    """Give how much higher the index's ten leaders of both boards stand on the Arena than on the index."""
    boards = _boards(week.measures, policy)
    if boards is None:
        return None
    both = boards.arena.keys() & boards.index.keys()
    pairs = [(boards.index[name][0].theta, boards.arena[name].theta) for name in both]
    leaders = sorted(pairs, reverse=True)[:10]
    return sum(arena - index for index, arena in leaders) / len(leaders) / LOGITS_PER_ELO


class HeldOut:
    """One week, from which each variant on both boards loses one of them in turn."""

    def __init__(self, week: BoardWeek, policy: Policy) -> None:
        self._week, self._policy = week, policy
        boards = _boards(week.measures, policy)
        whole = Rater(boards, week.crosswalk, policy).rate() if boards else {}
        self._both = {name: rated for name, rated in whole.items() if len(rated.speaking) > 1}

    def told(self) -> Iterator[Told]:
        """Predict every variant's theta from either board."""
        for place in (0, 1):
            order = sorted(self._both, key=lambda name: -self._both[name].boards[place].theta)
            leaders = frozenset(order[: len(order) // LEADERS])
            for name in order:
                yield from self._predicted(name, self._both[name].boards[1 - place].metric, leaders)

    def _predicted(self, name: VariantId, gone: str, leaders: frozenset[VariantId]) -> Iterator[Told]:
        kept = [one for one in self._week.measures if (one.variant, one.observation.metric) != (name, gone)]
        boards, truth = _boards(kept, self._policy), self._both[name]
        if boards is None:
            return
        rated = Rater(boards, self._week.crosswalk, self._policy).rate()[name]
        for candidate, (theta, sd) in _candidates(boards, rated).items():
            yield Told(
                left=rated.boards[0].metric,
                candidate=candidate,
                error=(theta - truth.combined.theta + _shift(boards, truth)) / LOGITS_PER_ELO,
                sd=sd / LOGITS_PER_ELO,
                leads=name in leaders,
                has_siblings=bool(rated.expected and rated.expected.siblings),
            )


def _candidates(boards: Boards, rated: RatedVariant) -> Mapping[str, tuple[float, float]]:
    """Give theta and the SD in the band by candidate, in logits."""
    fit, said = boards.fits[0], rated.boards[0]
    alone = BoardPredictor(arena=boards.metric, fit=fit, ladders={}, variants={}, efforts={})
    reliable = fit.spread**2 / (fit.spread**2 + fit.tau**2)
    regression = combine((said,), fit.tau, alone.of(VariantId(""), said))
    return {
        "as published": (said.theta, fit.tau),
        "mean of all": (fit.centre + reliable * (said.theta - fit.centre), fit.tau),
        "regression": (regression.theta, regression.between),
        "siblings": (rated.combined.theta, rated.combined.between),
    }


def _boards(measures: Sequence[Measure], policy: Policy) -> Boards | None:
    boards = read_boards(measures, policy.evidence["general"], policy.quality)
    return boards if boards is not None and boards.fits and boards.fits[0].merged else None


def _shift(boards: Boards, truth: RatedVariant) -> float:
    """Give what the anchor moved by when a row left the Arena, in logits."""
    arena: BoardScore = truth.boards[0]
    return (boards.anchor.rating - arena.published) * LOGITS_PER_ELO + arena.theta


def weeks() -> Iterator[BoardWeek]:
    """Read the seven weeks as a run does."""
    rules = read_config(Workspace(ROOT))
    for number in range(27, 34):
        on = date.fromisocalendar(2026, number, 6)
        now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        captures = read_captures((str(SHARED / "weeks" / f"2026-W{number}"),), now=now, base=ROOT)
        readings = [SOURCES[name].parse(found) for name, found in captures.items()]
        yield BoardWeek(
            measures=score_readings(readings, rules, on=on).resolution.measures,
            crosswalk=valid_on(rules.crosswalk, on),
        )


def history() -> Iterator[BoardWeek]:
    """Read the history: the variants both boards list, and the index's other rows."""
    listed, shared = _by_week("aa_weekly"), _by_week("two_board_weekly")
    for week in sorted(shared):
        variants = {VariantId(row["slug"]): _variant(row) for row in listed[week]}
        index = [_measure(row, AA_INTELLIGENCE, "index") for row in listed[week] if row["index"]]
        arena = [_measure(row, OVERALL, "score") for row in shared[week] if row["slug"] in variants]
        yield BoardWeek(
            measures=(*arena, *index),
            crosswalk=Crosswalk(variants=variants, judgements={}, prices={}, sha256=NOWHERE),
        )


def _by_week(name: str) -> Mapping[str, list[dict[str, str]]]:
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(SHARED / "history" / f"{name}.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            found[row["week"]].append(row)
    return found


def _measure(row: Mapping[str, str], metric: MetricName, column: str) -> Measure:
    arena = metric == OVERALL
    return Measure(
        variant=VariantId(row["slug"]),
        observation=Observation(
            source=LMARENA_TEXT if arena else ARTIFICIAL_ANALYSIS,
            key=SourceKey(row["slug"]),
            name=SourceModelName(row["slug"]),
            metric=metric,
            scale="arena" if arena else "aa-4.0",
            value=float(row[column]),
            low=float(row["ci_low"]) if arena else None,
            high=float(row["ci_high"]) if arena else None,
            votes=int(float(row["votes"])) if arena else None,
            observed_on=date.fromisoformat(row["date"]),
            capture=NOWHERE,
        ),
    )


def _variant(row: Mapping[str, str]) -> Variant:
    spelled = parse_name(row["name"], ARTIFICIAL_ANALYSIS)[0]
    release = " ".join((*spelled.words, *spelled.dates))
    return Variant(
        id=VariantId(row["slug"]),
        vendor=row["creator"],
        family=release,
        release=release,
        effort=spelled.effort,
    )


if __name__ == "__main__":
    main()
