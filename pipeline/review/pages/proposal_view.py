"""Arranges a proposal for reading: what `proposal.md` and `report.html` both show.

Only arranging and rounding happens here; every string may still hold text of a source, and each
page escapes it for its own form.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.domain.calendar import read_moment
from pipeline.domain.document import sha256_hex
from pipeline.domain.proposal import ProposalKind
from pipeline.review.decisions.decisions import consent, consent_digest
from pipeline.review.decisions.earlier_answers import NOTHING_EARLIER, EarlierAnswers
from pipeline.review.pages.change_links import CAUSES, MEASURED, change_links
from pipeline.review.pages.charts.slope import SlopePoint
from pipeline.review.pages.number_format import answers, cost_effect, percent, provisional_note
from pipeline.review.pages.sections.outage import VendorLossView, loss_views
from pipeline.review.pages.tier_view import TierView, tier_view
from pipeline.review.proposals.documents import document_bytes, folder_name
from pipeline.review.proposals.questions import changes_in_order, questions_of, tier_order
from pipeline.review.proposals.summary_lines import fact_lines, kind_line, place_words, removed_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from pipeline.domain.pool import CauseStep, Change, Pool, TierPool
    from pipeline.domain.proposal import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change for traffic: what, why, what it costs, how sure it is."""

    number: int
    """Its place in the list, counted from 1."""
    tier: str
    way: str
    """in, out, up or down."""
    place: str
    """`enters at 2`, `leaves (was 1)`, `3 → 1`."""
    variant: str
    cause: str
    reason: str
    cost: str
    certainty: str
    """How likely it is among the tier's best or close to them."""
    steps: str = ""
    """What each cause alone did to the place, one after the other; empty where that is not known."""
    link: str = ""
    """Whether it can be held by itself, or what it follows from; empty where nothing can be held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """One line of a tier's line-up: a member with its change, if any, or a variant that leaves."""

    rank: int | None
    """None for a variant that leaves."""
    variant: str
    change: ChangeView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineupView:
    """A tier as traffic would meet it, and who leaves it."""

    tier: str
    places: tuple[PlaceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What a page says beyond its proposal: from the record, from the policy and from whoever looks."""

    in_force: Pool | None = None
    """The pool that the proposal would replace."""
    pools: tuple[Pool, ...] = ()
    """The published versions up to that one, the oldest first."""
    judged: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Variant by source and key, as people judge names today."""
    earlier: EarlierAnswers = NOTHING_EARLIER
    """What was answered before."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """Requests a month by tier, where the policy states them."""
    command: Callable[[str], str] = "modelpool {}".format
    """Writes a command so that it works where it is pasted."""
    today: date | None = None
    """The day on which somebody looks; None: the day of the run."""
    meanings: Mapping[str, str] = field(default_factory=dict)
    """What each exclusion means, in words; one without keeps its name."""
    stale: str = ""
    """Why the proposal can no longer be approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """Everything a page shows, in reading order."""

    proposal: Proposal
    record: PageContext
    proposal_sha256: str
    folder: str
    version: str
    base: str
    """`v0007`, or `no pool` before the first version."""
    headline: str
    removed: tuple[str, ...]
    """One line for every tier that leaves the pool."""
    facts: tuple[str, ...]
    """What changed about members that stay."""
    changes: tuple[ChangeView, ...]
    lineups: tuple[LineupView, ...]
    tiers: tuple[TierView, ...]
    losses: tuple[VendorLossView, ...]
    asked: str
    """The digest whose start is typed."""
    provisional_note: str
    """What approving does about names that are used provisionally; empty where there are none."""

    @property
    def approve(self) -> str:
        """The command that approves exactly this."""
        return self._decide("approve")

    @property
    def reject(self) -> str:
        """The command that rejects it; it shows as many characters of the digest."""
        return self._decide("reject")

    @property
    def answer(self) -> str:
        """The command that holds some of its changes."""
        return self._decide("answer", "--hold N=DAY --never N ")

    @property
    def has_answerable_changes(self) -> bool:
        """Return whether a change of it can be held by itself; a rule decides the others."""
        asked = questions_of(self.proposal) if self.proposal.kind is ProposalKind.CHANGE else ()
        return any(one.direction is not None for one in asked)

    @property
    def stale(self) -> str:
        """Why the proposal can no longer be approved; empty where it can."""
        return self.record.stale

    @property
    def expired(self) -> bool:
        """Return whether routers would raise an alarm as soon as the pool is published."""
        return self._today() >= self.proposal.pool.expires_on

    @property
    def lapsed(self) -> bool:
        """Return whether the pool in force has expired."""
        pool = self.record.in_force
        return pool is not None and self._today() >= pool.expires_on

    def _today(self) -> str:
        return (self.record.today or read_moment(self.proposal.as_of).date()).isoformat()

    def command(self, words: str) -> str:
        """Write a command so that it works where it is pasted."""
        return self.record.command(words)

    def before(self, tier: str) -> tuple[SlopePoint, ...]:
        """Return a tier's members in force, in rank order, with what a dollar buys there this week."""
        pool, report = self.record.in_force, self.proposal.tiers.get(tier)
        standings = report.standings if report else ()
        now = {standing.variant: standing.acceptable_answers_per_usd for standing in standings}
        return _slope_points(pool.tiers.get(tier) if pool else None, now)

    def after(self, tier: str) -> tuple[SlopePoint, ...]:
        """Return a tier's proposed members, in rank order, with what a dollar buys there."""
        return _slope_points(self.proposal.pool.tiers.get(tier))

    def _decide(self, verb: str, options: str = "") -> str:
        return self.command(f'{verb} {consent(self.proposal)} {options}--reviewer NAME --note "..."')


def proposal_view(proposal: Proposal, record: PageContext | None = None) -> ProposalView:
    """Arrange a proposal; tiers by what an answer is worth, changes by tier and place."""
    record = record or PageContext()
    order = tier_order(proposal)
    base = proposal.pool.base
    by_tier = changes_in_order(proposal)
    links = change_links(proposal)
    changes = tuple(
        replace(_change(number, one, proposal), link=links.get(number, ""))
        for number, one in enumerate(by_tier, start=1)
    )
    return ProposalView(
        proposal=proposal,
        record=record,
        proposal_sha256=sha256_hex(document_bytes(proposal)),
        folder=folder_name(proposal.week, proposal.attempt),
        version=f"v{proposal.pool.version:04}",
        base=f"v{base.version:04}" if base else "no pool",
        headline=_headline(proposal, by_tier),
        removed=removed_lines(proposal),
        facts=fact_lines(proposal.facts),
        changes=changes,
        lineups=tuple(_lineup(name, proposal, changes) for name in order),
        tiers=tuple(
            tier_view(name, proposal, record.meanings) for name in order if name in proposal.pool.tiers
        ),
        losses=loss_views(proposal, order),
        asked=consent_digest(proposal),
        provisional_note=provisional_note(proposal.provisional),
    )


def change_way(change: Change) -> str:
    """Tell where a change points: in, out, up or down."""
    if change.rank_before is None:
        return "in"
    if change.rank_after is None:
        return "out"
    return "up" if change.rank_after < change.rank_before else "down"


def _lineup(tier: str, proposal: Proposal, changes: tuple[ChangeView, ...]) -> LineupView:
    changed = {change.variant: change for change in changes if change.tier == tier}
    members = proposal.pool.tiers[tier].members if tier in proposal.pool.tiers else ()
    stays = [
        PlaceView(rank=each.rank, variant=each.variant, change=changed.get(each.variant)) for each in members
    ]
    leaves = [
        PlaceView(rank=None, variant=change.variant, change=change)
        for change in changed.values()
        if change.way == "out"
    ]
    return LineupView(tier=tier, places=(*stays, *leaves))


def _slope_points(
    tier: TierPool | None, now: Mapping[str, str | None] = MappingProxyType({})
) -> tuple[SlopePoint, ...]:
    """Write each member's answers per dollar at this week's figures; as published where it has none."""
    found = []
    for one in tier.members if tier else ():
        value, published = now.get(one.variant), one.acceptable_answers_per_usd
        text = answers(value or published) + " answers per $"
        found.append(SlopePoint(variant=one.variant, value=text if value or not now else f"{text} then"))
    return tuple(found)


def _headline(proposal: Proposal, changes: Sequence[Change]) -> str:
    if not changes:
        return f"{kind_line(proposal)} No variant enters, leaves or changes its place.".lstrip()
    phrases = []
    for tier in dict.fromkeys(change.tier for change in changes):
        ways = [change_way(change) for change in changes if change.tier == tier]
        counts = (
            (ways.count("in"), "enters", "enter"),
            (ways.count("out"), "leaves", "leave"),
            (ways.count("up") + ways.count("down"), "changes place", "change places"),
        )
        text = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
        phrases.append(f"{tier}: {', '.join(text)}")
    return "; ".join(phrases) + "."


def _change(number: int, change: Change, proposal: Proposal) -> ChangeView:
    way = change_way(change)
    return ChangeView(
        number=number,
        tier=change.tier,
        way=way,
        place=place_words(change.rank_before, change.rank_after),
        variant=change.variant,
        cause=_cause(change),
        reason=change.reason,
        cost=_cost(change, way),
        certainty=_certainty(change, proposal),
        steps=", ".join(_step(step) for step in change.steps),
    )


def _cause(change: Change) -> str:
    """Name what decided: the causes that moved the place, or the kind of the change where that says more."""
    if change.cause not in MEASURED or not change.steps:
        return CAUSES[change.cause]
    return ", ".join(dict.fromkeys(CAUSES[step.cause] for step in change.steps))


def _step(step: CauseStep) -> str:
    places = (str(rank) if rank else "out" for rank in (step.rank_before, step.rank_after))
    return f"{CAUSES[step.cause]} {' → '.join(places)}"


def _cost(change: Change, way: str) -> str:
    """Say a variant's own cost before and after, or an entrant's beside that of whom it replaces."""
    before, after = change.usd_per_task_before, change.usd_per_task_after
    if way == "out":
        return cost_effect(before, None)
    if way == "in":
        return cost_effect(before if change.replaces else None, after, change.replaces)
    return cost_effect(before, after)


def _certainty(change: Change, proposal: Proposal) -> str:
    tier, report = proposal.pool.tiers.get(change.tier), proposal.tiers.get(change.tier)
    share = None
    if report is not None:
        shares = {each.variant: each.p_close for each in report.standings}
        share = shares.get(change.variant)
    if tier is not None and share is None:
        shares = {member.variant: member.p_close for member in tier.members}
        share = shares.get(change.variant)
    if share is None:
        return "not estimated"
    return percent(share)
