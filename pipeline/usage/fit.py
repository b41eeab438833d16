"""Fits which band each workload needs, from requests that two members of a tier answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import decimal_text
from pipeline.domain.usage import BandEvidence, MixingReport, WorkloadRow
from pipeline.usage.interval import Z, design_effect, interval, pairs_needed, tally
from pipeline.usage.mixing import judge
from pipeline.usage.pairs import pairs_of, sessions_of
from pipeline.usage.smoothing import smooth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.usage import Band, UsageRecord
    from pipeline.usage.mixing import Gain
    from pipeline.usage.pairs import Pair, Question
    from pipeline.usage.smoothing import Kind

_PLACES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BandMembers:
    """The first member of each band of one tier of the pool in force."""

    tier: str
    simple: str
    medium: str
    complex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Two variants of one tier on one workload, each request answered by both."""

    band: Band
    """The band that the comparison can put a request into, in place of `medium`."""
    cheaper: str
    better: str
    pairs: tuple[Pair, ...]

    @property
    def effect(self) -> float:
        """How many pairs are worth one, since those of a session lose alike."""
        sessions = sessions_of(self.pairs).values()
        return design_effect([[pair.difference for pair in each] for each in sessions])


_Bounds = tuple[float, float]


def fit(
    asked: Mapping[str, Question], members: Sequence[BandMembers], margin: float
) -> tuple[tuple[WorkloadRow, ...], tuple[MixingReport, ...]]:
    """Fit the rows and reports of a workload table.

    Args:
        asked: Requests with everybody's answers.
        members: Who stands first in each band, by tier.
        margin: Share of answers that a request may lose and still be simple.
    """
    by_workload: dict[str, list[Question]] = defaultdict(list)
    for question in asked.values():
        by_workload[question.first.workload].append(question)
    rows: list[WorkloadRow] = []
    reports: list[MixingReport] = []
    for firsts in members:
        for workload in sorted(by_workload):
            found = [each for each in _comparisons(firsts, by_workload[workload]) if each.pairs]
            place = _Place(firsts=firsts, workload=workload, margin=margin)
            place_reports = [place.report(each) for each in found]
            reports.extend(place_reports)
            if found:
                rows.append(place.judge_whole(found))
            if any(report.better_than_mixing for report in place_reports):
                rows.extend(place.by_kind(found))
    return tuple(rows), tuple(reports)


def can_be_fitted(asked: Mapping[str, Question], members: Sequence[BandMembers]) -> bool:
    """Return whether two first members of a tier answered a request and were graded, as `fit` needs."""
    return any(each.pairs for firsts in members for each in _comparisons(firsts, [*asked.values()]))


def band_of(simple: _Bounds | None, complex_: _Bounds | None, margin: float) -> Band:
    """Return the band that intervals support.

    Args:
        simple: 95 % interval of what the simple member loses to the default; None: not compared.
        complex_: The same of what the default loses to the complex member.
        margin: In the same unit.
    """
    if complex_ is not None and complex_[0] > margin:
        return "complex"
    if simple is not None and simple[1] < margin:
        return "simple"
    return "medium"


def _comparisons(firsts: BandMembers, asked: Sequence[Question]) -> list[_Comparison]:
    found: list[_Comparison] = []
    if firsts.simple != firsts.medium:
        cheaper, better = firsts.simple, firsts.medium
        pairs = pairs_of(asked, cheaper=cheaper, better=better)
        found.append(_Comparison(band="simple", cheaper=cheaper, better=better, pairs=pairs))
    if firsts.complex != firsts.medium:
        cheaper, better = firsts.medium, firsts.complex
        pairs = pairs_of(asked, cheaper=cheaper, better=better)
        found.append(_Comparison(band="complex", cheaper=cheaper, better=better, pairs=pairs))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One workload in one tier."""

    firsts: BandMembers
    workload: str
    margin: float

    def report(self, found: _Comparison) -> MixingReport:
        """Say what the order by kind gains on later requests, and how many pairs the margin needs."""
        counted = tally(pair.difference for pair in found.pairs)
        judged = judge(found.pairs)
        gain = judged.fitted
        return MixingReport(
            tier=self.firsts.tier,
            workload=self.workload,
            cheaper=found.cheaper,
            better=found.better,
            pairs=len(found.pairs),
            pairs_needed=pairs_needed(self.margin, found.effect * counted.variance),
            judged=judged.judged,
            points=_points_of(gain),
            length_points=_points_of(judged.by_length),
            standard_error=None if gain is None else decimal_text(gain.standard_error, _PLACES),
            better_than_mixing=gain is not None and gain.certain,
        )

    def judge_whole(self, found: Sequence[_Comparison]) -> WorkloadRow:
        """Judge the workload as one."""
        bounds: dict[Band, _Bounds] = {}
        evidence = []
        for each in found:
            counted = tally(pair.difference for pair in each.pairs)
            bounds[each.band] = interval(counted.worth(each.effect))
            evidence.append(_evidence(each, len(each.pairs), counted.loss, bounds[each.band]))
        return self._row(None, bounds, evidence)

    def by_kind(self, found: Sequence[_Comparison]) -> list[WorkloadRow]:
        """Judge each kind of request, with what its neighbours lose."""
        bounds: dict[Kind, dict[Band, _Bounds]] = defaultdict(dict)
        evidence: dict[Kind, list[BandEvidence]] = defaultdict(list)
        for each in found:
            known = [(pair.kind, pair.difference) for pair in each.pairs if pair.kind is not None]
            if not known:
                continue
            model = smooth(known, each.effect)
            for kind, pairs in sorted(Counter(kind for kind, _ in known).items()):
                loss = model.loss(kind)
                ends = (loss.mean - Z * loss.deviation, loss.mean + Z * loss.deviation)
                bounds[kind][each.band] = ends
                evidence[kind].append(_evidence(each, pairs, loss.mean, ends))
        return [self._row(kind, bounds[kind], evidence[kind]) for kind in sorted(bounds)]

    def _row(
        self, kind: Kind | None, bounds: Mapping[Band, _Bounds], evidence: Sequence[BandEvidence]
    ) -> WorkloadRow:
        band = band_of(bounds.get("simple"), bounds.get("complex"), self.margin)
        served_by = {
            "simple": self.firsts.simple,
            "medium": self.firsts.medium,
            "complex": self.firsts.complex,
        }
        return WorkloadRow(
            tier=self.firsts.tier,
            workload=self.workload,
            tools=kind.tools if kind else None,
            chars_from=2**kind.octave if kind else None,
            chars_below=2 ** (kind.octave + 1) if kind else None,
            band=band,
            default=self.firsts.medium,
            served_by=served_by[band],
            evidence=tuple(evidence),
        )


def acceptance(records: Sequence[UsageRecord]) -> dict[str, tuple[int, int]]:
    """Count each variant's graded answers, and those of them that were acceptable."""
    found: dict[str, tuple[int, int]] = {}
    for record in records:
        if record.outcome is not None:
            graded, good = found.get(record.variant, (0, 0))
            found[record.variant] = (graded + 1, good + record.outcome)
    return dict(sorted(found.items()))


def _evidence(found: _Comparison, pairs: int, loss: float, ends: _Bounds) -> BandEvidence:
    low, high = ends
    return BandEvidence(
        cheaper=found.cheaper,
        better=found.better,
        pairs=pairs,
        loss_points=decimal_text(100 * loss, _PLACES),
        low_points=decimal_text(100 * low, _PLACES),
        high_points=decimal_text(100 * high, _PLACES),
    )


def _points_of(gain: Gain | None) -> str | None:
    return None if gain is None else decimal_text(gain.points, _PLACES)
