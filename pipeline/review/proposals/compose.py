"""Composes the proposal that a person decides on from a week's result.

The same inputs give the same bytes: everything that has no order of its own is sorted by explicit
keys, and fractions are decimal text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import moment_text
from pipeline.domain.document import decimal_text, well_formed
from pipeline.domain.proposal import (
    Coverage,
    FitLine,
    OpenNameLine,
    Proposal,
    ProvisionalLine,
)
from pipeline.review.proposals.documents import document_digest
from pipeline.review.proposals.finding_lines import finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pipeline.domain.calendar import Week
    from pipeline.domain.crosswalk import OpenName, ProvisionalMatch, Resolution
    from pipeline.domain.observation import Finding
    from pipeline.domain.pool import Change, FactChange, Pool, TierReport
    from pipeline.domain.proposal import ProposalKind, RoutePriceLine, TierSpend
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.domain.score import Scoreboard

_ELO_PER_LOGIT: Final = 400 / math.log(10)
_AFTER_ALL: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything a run found out, before it is composed."""

    week: Week
    attempt: int
    as_of: datetime
    seed: int
    """Of the policy's draws."""
    inputs: tuple[InputDigest, ...]
    pool: Pool
    changes: tuple[Change, ...]
    tiers: Mapping[str, TierReport]
    scoreboards: Mapping[str, Scoreboard]
    resolution: Resolution
    findings: tuple[Finding, ...]
    large: bool
    """A default changes, or more than one place of a tier."""
    kind: ProposalKind | None = None
    facts: tuple[FactChange, ...] = ()
    prices: tuple[RoutePriceLine, ...] = ()
    """What was decided of prices, by route."""
    spend: tuple[TierSpend, ...] = ()
    """What the operator's own answers cost, by tier."""


def compose_proposal(draft: Draft) -> Proposal:
    """Compose a proposal; the order of rows, sets and mappings in the draft does not matter.

    Raises:
        ValueError: The pool is of another week or moment than the draft.
    """
    as_of = moment_text(draft.as_of)
    if (draft.pool.week, draft.pool.as_of) != (draft.week, as_of):
        raise ValueError(
            f"a pool of {draft.pool.week}, {draft.pool.as_of} in a draft of {draft.week}, {as_of}"
        )
    boards = sorted(draft.scoreboards.items())
    return Proposal(
        format=1,
        week=draft.week,
        attempt=draft.attempt,
        as_of=as_of,
        seed=draft.seed,
        inputs=tuple(sorted(draft.inputs, key=_input_order)),
        pool=draft.pool,
        pool_sha256=document_digest(draft.pool),
        changes=tuple(sorted(draft.changes, key=_change_order)),
        tiers={name: _in_order(report) for name, report in sorted(draft.tiers.items())},
        fits=tuple(line for name, board in boards for line in _fit_lines(name, board)),
        anchors={name: tuple(sorted(board.anchors)) for name, board in boards},
        coverage=Coverage(
            judged=draft.resolution.judged_names,
            not_routed=draft.resolution.unrouted_names,
            open=len(draft.resolution.open_names),
        ),
        open_names=_queue(draft.resolution.open_names),
        findings=finding_lines(draft.findings),
        large=draft.large,
        kind=draft.kind,
        facts=draft.facts,
        provisional=tuple(_provisional_line(match) for match in draft.resolution.provisional),
        prices=draft.prices,
        spend=draft.spend,
    )


def _fit_lines(evidence: str, board: Scoreboard) -> list[FitLine]:
    return [
        FitLine(
            evidence=evidence,
            metric=fit.metric,
            scale=fit.scale,
            n=fit.n,
            r2=decimal_text(fit.r2, 4),
            tau_elo=decimal_text(fit.tau * _ELO_PER_LOGIT, 2),
            merged=fit.merged,
        )
        for fit in sorted(board.fits, key=lambda each: (each.metric, each.scale))
    ]


def _queue(names: Iterable[OpenName]) -> tuple[OpenNameLine, ...]:
    """Order by what a judgement could change: every source's best first, then every source's second."""
    by_source: dict[str, list[OpenName]] = {}
    for name in names:
        by_source.setdefault(name.entry.source, []).append(name)
    ranked = [
        (_AFTER_ALL if name.best_value is None else place, source, place, name)
        for source, group in by_source.items()
        for place, name in enumerate(sorted(group, key=_worth))
    ]
    return tuple(_open_line(name) for *_, name in sorted(ranked, key=lambda row: row[:3]))


def _worth(name: OpenName) -> tuple[bool, float, str, str]:
    value = name.best_value
    return value is None, -(value or 0.0), name.entry.name, name.entry.key


def _open_line(name: OpenName) -> OpenNameLine:
    return OpenNameLine(
        source=name.entry.source,
        key=well_formed(name.entry.key),
        name=well_formed(name.entry.name),
        value=None if name.best_value is None else decimal_text(name.best_value, 2),
        suggestions=tuple(well_formed(f"{each.variant} ({each.evidence})") for each in name.suggestions),
        enters=dict(name.enters),
    )


def _provisional_line(one: ProvisionalMatch) -> ProvisionalLine:
    return ProvisionalLine(
        source=one.source,
        key=one.key,
        name=one.name,
        variant=one.variant,
        evidence=tuple(well_formed(word) for word in one.evidence),
        touches=tuple(well_formed(word) for word in one.touches),
    )


def _in_order(report: TierReport) -> TierReport:
    verdicts = ("member", "candidate", "excluded")
    ordered = sorted(report.standings, key=lambda each: (verdicts.index(each.verdict), each.variant))
    return report.model_copy(update={"standings": tuple(ordered)})


def _change_order(change: Change) -> tuple[str, int, int, str]:
    return change.tier, change.rank_after or _AFTER_ALL, change.rank_before or _AFTER_ALL, change.variant


def _input_order(each: InputDigest) -> tuple[str, str, str, str]:
    return each.name, each.sha256, each.detail, each.fetched_at or ""
