"""Measures `usage fit` against its targets: `python -m tests.bench.usage_fit ../shared/usage`.

Any two variants of which one costs at least 3 times as much and answers at least 5 points more are a case.
A case is fitted to 200 of its requests, drawn at random, and judged by the other 1,500.
"""

from __future__ import annotations

import csv
import gzip
import random
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.usage.fit import fit
from pipeline.usage.mixing import ScoredPair, judge, over_mixing
from pipeline.usage.pairs import Pair, questions
from pipeline.usage.smoothing import Kind, kind_of, smooth
from tests.usage.conftest import FIRSTS, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

GRADED: Final = 200
_DEARER: Final = 3.0
_BETTER: Final = 0.05


@dataclass(frozen=True, slots=True)
class Request:
    """What a router sees of a public request."""

    name: str
    tools: int
    chars: int

    @property
    def kind(self) -> Kind:
        """Its kind, as `usage fit` knows it."""
        kind = kind_of(self.tools, self.chars)
        assert kind is not None
        return kind


@dataclass(frozen=True, slots=True)
class Case:
    """Two variants worth routing between."""

    cheaper: str
    better: str
    outcomes: dict[str, tuple[int, int]]
    """By request: of the cheaper, of the better variant."""
    extra_usd: dict[str, float]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The public outcomes."""

    requests: tuple[Request, ...]
    cases: tuple[Case, ...]


def read_outcomes(folder: Path) -> Outcomes:
    """Read the table of outcomes and form the cases."""
    outcome: dict[str, dict[str, int]] = defaultdict(dict)
    usd: dict[str, dict[str, float]] = defaultdict(dict)
    requests: dict[str, Request] = {}
    with gzip.open(folder / "tool_calls.csv.gz", "rt") as table:
        for row in csv.DictReader(table):
            name = row["request_id"]
            requests[name] = Request(name, int(row["tools"]), int(row["request_chars"]))
            outcome[row["variant"]][name] = int(float(row["correct"]))
            if row["usd"]:
                usd[row["variant"]][name] = float(row["usd"])
    priced = [name for name in outcome if len(usd[name]) == len(requests)]
    good = {name: statistics.fmean(outcome[name].values()) for name in priced}
    price = {name: statistics.fmean(usd[name].values()) for name in priced}
    cases = tuple(
        Case(
            cheap,
            dear,
            {name: (outcome[cheap][name], outcome[dear][name]) for name in requests},
            {name: usd[dear][name] - usd[cheap][name] for name in requests},
        )
        for cheap in priced
        for dear in priced
        if 0 < _DEARER * price[cheap] <= price[dear] and good[dear] - good[cheap] >= _BETTER
    )
    return Outcomes(tuple(requests.values()), cases)


@dataclass(frozen=True, slots=True)
class Points:
    """Answers per 100 requests over mixing at half of the extra money, on requests not fitted on."""

    fitted: float
    length_fitted: float
    """Fitted in the same way by length alone."""
    longest_first: float


def held_out_points(
    outcomes: Outcomes, case: Case, draws: random.Random, *, misgraded: float = 0.0
) -> Points:
    """Fit one case to some requests and judge it by the others."""
    order = list(outcomes.requests)
    draws.shuffle(order)
    graded, later = order[:GRADED], order[GRADED:]
    marks = [(each, _graded(case, each, draws, misgraded)) for each in graded]
    full = smooth([(each.kind, mark) for each, mark in marks])
    length = smooth([(each.kind._replace(tools="one"), mark) for each, mark in marks])
    kinds = {each.kind for each in later}
    by_kind = {kind: full.loss(kind).mean for kind in kinds}
    by_length = {kind: length.loss(kind._replace(tools="one")).mean for kind in kinds}
    return Points(
        fitted=_points(case, later, lambda each: by_kind[each.kind]),
        length_fitted=_points(case, later, lambda each: by_length[each.kind]),
        longest_first=_points(case, later, lambda each: each.chars),
    )


def says_gain(outcomes: Outcomes, case: Case, draws: random.Random, *, shuffled: bool) -> bool:
    """Tell whether `usage fit` calls 200 graded pairs better than mixing."""
    graded = draws.sample(outcomes.requests, GRADED)
    answers = draws.sample(graded, GRADED) if shuffled else graded
    pairs = [
        Pair(
            request=asked.name,
            session=asked.name,
            time=f"{number:06}",
            kind=asked.kind,
            chars=asked.chars,
            difference=_graded(case, answered, draws, 0.0),
            extra_usd=case.extra_usd[asked.name],
        )
        for number, (asked, answered) in enumerate(zip(graded, answers, strict=True))
    ]
    gain = judge(pairs).fitted
    return gain is not None and gain.certain


def _graded(case: Case, request: Request, draws: random.Random, misgraded: float) -> int:
    cheap, dear = case.outcomes[request.name]
    return (dear ^ (draws.random() < misgraded)) - (cheap ^ (draws.random() < misgraded))


def _points(case: Case, later: Sequence[Request], score: Callable[[Request], float]) -> float:
    found = over_mixing(
        [
            ScoredPair(
                score=score(each),
                difference=case.outcomes[each.name][1] - case.outcomes[each.name][0],
                extra_usd=case.extra_usd[each.name],
                session=each.name,
            )
            for each in later
        ]
    )
    assert found is not None
    return found.points


KINDS: Final = tuple((tools, 40 * 2**step) for tools in (0, 1, 4) for step in range(6))
MARGIN: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A workload whose losses are planted."""

    name: str
    loss: Callable[[int, int], float]
    """By tools and doublings of 40 characters."""
    pairs: int
    fits: int = 40

    def losses(self) -> dict[Kind, float]:
        """Return the planted loss of each kind."""
        found = {}
        for tools, chars in KINDS:
            kind = kind_of(tools, chars)
            assert kind is not None
            found[kind] = self.loss(tools, (chars // 40).bit_length() - 1)
        return found

    def best_points(self) -> float:
        """Return what the planted losses would gain over mixing: the dearest half of the kinds first."""
        losses = sorted(self.losses().values(), reverse=True)
        return 100 * (sum(losses[: len(losses) // 2]) - sum(losses) / 2) / len(losses)


_SHAPES: Final[dict[str, Callable[[int, int], float]]] = {
    "costly from 320 characters": lambda _tools, step: 0.3 * (step > 2),
    "costlier with length": lambda _tools, step: 0.08 * step,
    "costly with several tools": lambda tools, _step: 0.25 * (tools > 1),
    "costly with several tools and length": lambda tools, step: 0.4 * (tools > 1 and step > 2),
}
PLANS: Final = (
    Plan(name="all at the margin", loss=lambda _tools, _step: MARGIN, pairs=200, fits=200),
    *(Plan(name=name, loss=loss, pairs=pairs) for name, loss in _SHAPES.items() for pairs in (200, 1000)),
)


@dataclass(slots=True)
class RowCounts:
    """What the rows of planted workloads say."""

    costly: int = 0
    """Rows whose planted loss is at the margin or above."""
    wrongly_simple: int = 0
    cheap: int = 0
    rightly_simple: int = 0
    gains: int = 0
    points: float = 0.0


def plant(plan: Plan, draws: random.Random) -> RowCounts:
    """Fit a planted workload, with sessions of four requests, many times."""
    counts = RowCounts()
    losses = plan.losses()
    mean = statistics.fmean(losses.values())
    for _ in range(plan.fits):
        traffic = Traffic(draws)
        for number in range(plan.pairs):
            tools, chars = draws.choice(KINDS)
            loss = plan.loss(tools, (chars // 40).bit_length() - 1)
            traffic.pair(loss, tools=tools, chars=chars, session=f"s{number // 4}")
        rows, (report,) = fit(questions(traffic.records), [FIRSTS], MARGIN)
        counts.gains += report.better_than_mixing
        counts.points += float(report.points or 0)
        for row in rows:
            planted = mean
            if row.tools is not None and row.chars_from is not None:
                planted = losses[Kind(row.tools, row.chars_from.bit_length() - 1)]
            _count(counts, costly=planted >= MARGIN - 1e-9, simple=row.band == "simple")
    return counts


def _count(counts: RowCounts, *, costly: bool, simple: bool) -> None:
    counts.costly += costly
    counts.wrongly_simple += costly and simple
    counts.cheap += not costly
    counts.rightly_simple += simple and not costly


def session_noise(draws: random.Random) -> bool:
    """Tell whether sessions that lose alike, whatever they ask, pass for a gain: they must not."""
    traffic = Traffic(draws)
    for session in range(60):
        tools, chars = draws.choice(KINDS)
        loss = draws.choice((0.0, 0.4))
        for _ in range(5):
            traffic.pair(loss, tools=tools, chars=chars, session=f"s{session}")
    _, (report,) = fit(questions(traffic.records), [FIRSTS], MARGIN)
    return report.better_than_mixing


def _share(flags: Iterable[bool]) -> str:
    found = list(flags)
    return f"{100 * sum(found) / len(found):.1f} % of {len(found)}"


def main(folder: Path) -> None:
    """Measure everything and print it beside its target."""
    draws = random.Random(20261129)  # noqa: S311 - a simulation
    outcomes = read_outcomes(folder)
    _tell(f"{len(outcomes.cases)} cases of {len(outcomes.requests)} requests, {GRADED} graded pairs each")
    cases = outcomes.cases
    found = [held_out_points(outcomes, case, draws) for case in cases for _ in range(4)]
    own = [points.fitted for points in found]
    _tell(f"points over mixing, tools x length: {statistics.fmean(own):+.2f} (target >= +3); {_spread(own)}")
    _tell(
        f"  length fitted alone {statistics.fmean(points.length_fitted for points in found):+.2f}, longest "
        f"first {statistics.fmean(points.longest_first for points in found):+.2f}, random 0"
    )
    wrong = [held_out_points(outcomes, case, draws, misgraded=0.15).fitted for case in cases * 2]
    _tell(f"the same, 15 % misgraded: {statistics.fmean(wrong):+.2f} (target >= 0)")
    shuffled = _share(not says_gain(outcomes, case, draws, shuffled=True) for case in cases * 12)
    _tell(f"shuffled outcomes say no gain: {shuffled} (target >= 95 %)")
    real = _share(says_gain(outcomes, case, draws, shuffled=False) for case in cases * 4)
    _tell(f"real outcomes say gain: {real}")
    for plan in PLANS:
        _tell(_planted_line(plan, plant(plan, draws)))
    noisy = _share(not session_noise(draws) for _ in range(200))
    _tell(f"noisy sessions say no gain: {noisy} (target >= 95 %)")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _spread(values: Sequence[float]) -> str:
    cuts = statistics.quantiles(values, n=10)
    return f"tenth {cuts[0]:+.1f}, median {cuts[4]:+.1f}, nine tenths {cuts[8]:+.1f}"


def _planted_line(plan: Plan, found: RowCounts) -> str:
    wrong = f"wrongly simple {found.wrongly_simple} of {found.costly} rows (target <= 5 %)"
    right = f"rightly simple {found.rightly_simple} of {found.cheap}"
    points = f"{found.points / plan.fits:+.1f} of {plan.best_points():+.1f} points"
    said = f"gain said in {found.gains} of {plan.fits}"
    return f"planted, {plan.name}, {plan.pairs} pairs: {points}, {said}; {wrong}; {right}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/usage"))
