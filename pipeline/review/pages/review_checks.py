"""Collects what to check before approving, and orders it by how much it could change.

Everything comes from the proposal and the record beside it; nothing is computed anew.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import (
    ASKED_PRICE,
    CARRIED,
    ENDS,
    HELD,
    HELD_ROW,
    LARGE,
    NAME_JUDGED,
    OLD_DATA,
    QUESTION,
    SILENT,
    TIER_REMOVED,
)
from pipeline.domain.pool import Cause
from pipeline.domain.subjects import MemberSubject, RowSubject, member_subject
from pipeline.review.pages.number_format import percent, usd
from pipeline.review.pages.price_checks import asked_price, unpriced_releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.pool import Change, Member
    from pipeline.domain.proposal import FindingLine, Proposal
    from pipeline.review.pages.proposal_view import PageContext

HOLD: Final = "hold"
OPEN_ENTRANT: Final = "open-entrant"
SPELLED: Final = "spelled-name"
THIN: Final = "thin-evidence"
LEFT_OUT: Final = "better-left-out"
RETURNS: Final = "returns"
COST_MOVED: Final = "cost-moved"
VENDOR: Final = "vendor-of-defaults"
BINDING: Final = frozenset({ASKED_PRICE, QUESTION})
"""Kinds that whoever approves answers too: the price that is used is kept, the missing member goes."""

_UNSURE: Final = Decimal("0.5")
"""A member that belongs in fewer of the draws is told."""
_FAR: Final = 2
"""Factor from which a cost that moved is told."""
_OF_THE_POLICY: Final = frozenset(
    {"vendor", "licence", "region", "vendor_limit", "vendor_total", "cooldown", "retiring"}
)
"""Rules that leave a variant out for what people wrote, not for what was measured or is unknown of it."""

_ALWAYS: Final = frozenset({ENDS, CARRIED})
"""Kinds that are checked however little they ask."""


class Reach(IntEnum):
    """How much a check could change, the most first."""

    BOARD = 0
    """A whole source, scale or tier."""
    DEFAULT = 1
    """The first member of a tier, which most requests go to."""
    MEMBER = 2
    """Another member, or one that leaves."""
    ELSE = 3


_WHOLE: Final = frozenset({HOLD, OLD_DATA, "scale-change", SILENT, TIER_REMOVED, "empty-tier"})
ORDER: Final = (
    HOLD, TIER_REMOVED, SILENT, OLD_DATA, "empty-tier", "scale-change",
    NAME_JUDGED, OPEN_ENTRANT, SPELLED, QUESTION, ENDS, CARRIED, ASKED_PRICE, RETURNS, LEFT_OUT, COST_MOVED,
    HELD_ROW, "two-names", "judgement-moved", VENDOR, THIN, "led-by-one-vendor", "price-moved",
    "price-disputed", "vendor-loss", "short-tier", "poor-fit",
)  # fmt: skip
"""Kinds of one reach, those first that are most often a mistake; others follow by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look at."""

    kind: str
    subject: str
    message: str
    reach: Reach = Reach.ELSE
    about: str = ""
    """What the subject means, where it is a key that nobody reads."""
    factor: Decimal = Decimal(1)
    """How many times its smaller figure the larger one is, where it compares two."""

    @property
    def label(self) -> str:
        """What it is called among others of its kind."""
        return self.about or self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Members and defaults by tier, before and after."""

    proposal: Proposal
    firsts: frozenset[str] = field(init=False)
    members: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Collect defaults and members, those that lose their place among them."""
        tiers = self.proposal.pool.tiers.values()
        changes = self.proposal.changes
        led = {tier.members[0].variant for tier in tiers if tier.members}
        led |= {change.variant for change in changes if 1 in {change.rank_before, change.rank_after}}
        held = {member.variant for tier in tiers for member in tier.members}
        object.__setattr__(self, "firsts", frozenset(led))
        object.__setattr__(self, "members", frozenset(held | {change.variant for change in changes}))

    def reach(self, *variants: str) -> Reach:
        """Return how far the best placed of some variants reaches."""
        if self.firsts.intersection(variants):
            return Reach.DEFAULT
        return Reach.MEMBER if self.members.intersection(variants) else Reach.ELSE


def ordered_checks(proposal: Proposal, record: PageContext) -> tuple[tuple[Check, ...], ...]:
    """Return the checks by kind, the kind first that could change the most.

    First what reaches furthest: a whole source, scale or tier, then a tier's default, then another member.
    Of one reach, what approving answers comes first, then the kinds in their ORDER; of one kind, the figures
    that are furthest apart. What the page shows anyway, that a proposal is large, comes last.
    """
    groups: dict[str, list[Check]] = defaultdict(list)
    for one in dict.fromkeys(_checks(proposal, record, Places(proposal=proposal))):
        groups[one.kind].append(one)
    ranked = (tuple(sorted(group, key=lambda one: (one.reach, -one.factor))) for group in groups.values())
    return tuple(sorted(ranked, key=_weight))


def first_checks(groups: tuple[tuple[Check, ...], ...], most: int) -> tuple[tuple[Check, ...], ...]:
    """Return the kinds that are shown at once; one of them is what approving answers about a member, if any.

    Args:
        groups: The checks by kind, in their order.
        most: How many kinds.
    """
    shown = groups[:most]
    binding = (group for group in groups if group[0].kind in BINDING and group[0].reach <= Reach.MEMBER)
    if (asked := next(binding, None)) is not None and asked not in shown:
        shown = (*shown[: most - 1], asked)
    return shown


def _weight(group: tuple[Check, ...]) -> tuple[bool, int, bool, int, str]:
    kind, reach = group[0].kind, group[0].reach
    place = ORDER.index(kind) if kind in ORDER else len(ORDER)
    return kind == LARGE, reach, kind not in BINDING, place, kind


def _checks(proposal: Proposal, record: PageContext, places: Places) -> Iterator[Check]:
    yield from _holds(proposal)
    for finding in proposal.findings:
        if finding.kind == ASKED_PRICE:
            yield _asked_price_check(finding, proposal, places)
        elif finding.severity == "warn" or finding.kind in _ALWAYS:
            reach, about = _reach(finding, proposal, record, places), _variant_of(finding, record)
            about = about or _in_words(finding.subject, proposal)
            yield Check(
                kind=finding.kind, subject=finding.subject, message=finding.message, reach=reach, about=about
            )
    yield from _open_entrants(proposal)
    yield from _spelled_name_checks(proposal)
    for change in proposal.changes:
        yield from _of_change(change, proposal, record, places)
    yield from _far_costs(proposal, record, places)
    yield from _vendors(proposal)


def _holds(proposal: Proposal) -> Iterator[Check]:
    """Say of each held source what stays in force, then the first reason in full."""
    reasons: dict[str, list[str]] = {}
    for finding in proposal.findings:
        if finding.severity == "hold":
            reasons.setdefault(finding.subject, []).insert(
                0 if finding.kind == HELD else len(reasons), finding.message
            )
    for subject, messages in reasons.items():
        message = ". ".join(messages[:2])
        yield Check(kind=HOLD, subject=subject, message=message, reach=Reach.BOARD)


def _asked_price_check(one: FindingLine, proposal: Proposal, places: Places) -> Check:
    """Say which price is asked about, whom it concerns, what is used and what else is stated."""
    asked = asked_price(one.subject, proposal)
    if asked is not None:
        return Check(
            kind=ASKED_PRICE,
            subject=one.subject,
            message=asked.message,
            reach=places.reach(*(variant for _, _, variant in asked.members)),
            about=asked.label,
            factor=asked.factor,
        )
    gone = unpriced_releases(proposal)
    members = [
        member for tier in proposal.pool.tiers.values() for member in tier.members if member.release in gone
    ]
    reach = places.reach(*(member.variant for member in members))
    count = len({member.release for member in members})
    whose = "1 member's price" if count == 1 else f"{count} members' prices"
    about = f"{whose} that no source has stated for weeks" if count else ""
    return Check(kind=ASKED_PRICE, subject=one.subject, message=one.message, reach=reach, about=about)


def _in_words(subject: str, proposal: Proposal) -> str:
    """Write `premium/gpt-5.6-sol@high` as `gpt-5.6-sol@high in premium`; empty for another subject."""
    member = MemberSubject.read(subject)
    tiers = {*proposal.pool.tiers, *(change.tier for change in proposal.changes)}
    return f"{member.variant} in {member.tier}" if member and member.tier in tiers else ""


def _reach(one: FindingLine, proposal: Proposal, record: PageContext, places: Places) -> Reach:
    """Say how far a finding reaches, by what its subject is about."""
    if one.kind in _WHOLE:
        return Reach.BOARD
    if one.kind == NAME_JUDGED:
        moved = (change for change in proposal.changes if _hangs_on(change, Cause.NAME))
        reach = places.reach(*(change.variant for change in moved))
        return min(reach, Reach.MEMBER)
    if one.kind == HELD_ROW:
        return places.reach(_variant_of(one, record))
    member = MemberSubject.read(one.subject)
    return places.reach(one.subject, member.variant if member else "")


def _variant_of(one: FindingLine, record: PageContext) -> str:
    """Return the variant that the name of a held row means; empty for other findings and unjudged names."""
    row = RowSubject.read(one.subject) if one.kind == HELD_ROW else None
    return record.judged.get((row.source, row.key), "") if row else ""


def _open_entrants(proposal: Proposal) -> Iterator[Check]:
    """Find names nobody has judged that would take a place."""
    for open_name in proposal.open_names:
        if open_name.enters:
            places = ", ".join(f"{tier} at {rank}" for tier, rank in open_name.enters.items())
            message = f"{open_name.name} of {open_name.source} would enter {places}, but nobody has judged it"
            reach = Reach.DEFAULT if 1 in open_name.enters.values() else Reach.MEMBER
            yield Check(kind=OPEN_ENTRANT, subject=open_name.name, message=message, reach=reach)


def _spelled_name_checks(proposal: Proposal) -> Iterator[Check]:
    """Find names that are used by their spelling, and without which the pools differ."""
    for match in proposal.provisional:
        if match.touches:
            message = (
                f"{match.name} of {match.source} is used as {match.variant} by its spelling; without it "
                f"{match.touches[0]}{' and more' if len(match.touches) > 1 else ''}"
            )
            yield Check(kind=SPELLED, subject=match.name, message=message, reach=Reach.MEMBER)


def _of_change(change: Change, proposal: Proposal, record: PageContext, places: Places) -> Iterator[Check]:
    """Find what is doubtful about one variant that enters, leads, or moves by its price."""
    reach = Reach.DEFAULT if 1 in {change.rank_before, change.rank_after} else places.reach(change.variant)
    subject = member_subject(change.tier, change.variant)
    found: list[tuple[str, str]] = []
    if change.rank_before is None or change.rank_after == 1:
        found += [(THIN, _thin_evidence(change, proposal)), (LEFT_OUT, _better_left_out(change, proposal))]
    if change.rank_before is None:
        found.append((RETURNS, _returns(change, record)))
    for kind, message in found:
        if message:
            about = _in_words(subject, proposal)
            yield Check(kind=kind, subject=subject, message=message, reach=reach, about=about)


def _hangs_on(change: Change, cause: Cause) -> bool:
    return any(step.cause is cause for step in change.steps)


def _far_costs(proposal: Proposal, record: PageContext, places: Places) -> Iterator[Check]:
    """Find members in force whose cost per task moved far since, and say what became of their place."""
    for tier, before in record.in_force.tiers.items() if record.in_force else ():
        for old in before.members:
            standing, member = proposal.standing(tier, old.variant), _member(proposal, tier, old.variant)
            now = standing.usd_per_task if standing else None
            if now is None or _factor(old.usd_per_task, now) < _FAR:
                continue
            stays = (
                f"{'stays at' if member.rank == old.rank else 'moves to'} {member.rank} in"
                if member
                else "leaves"
            )
            message = (
                f"{old.variant} {stays} {tier}; its cost moved {usd(old.usd_per_task)} → {usd(now)} per task"
            )
            yield Check(
                kind=COST_MOVED,
                subject=member_subject(tier, old.variant),
                message=message,
                reach=Reach.DEFAULT if old.rank == 1 else places.reach(old.variant),
                about=f"{old.variant} in {tier} ({usd(old.usd_per_task)} → {usd(now)})",
                factor=_factor(old.usd_per_task, now),
            )


def _factor(before: str, after: str) -> Decimal:
    low, high = sorted((Decimal(before), Decimal(after)))
    return high / low if low else Decimal("Infinity")


def _thin_evidence(change: Change, proposal: Proposal) -> str:
    """Say why little is known about a variant that enters or leads."""
    member, standing = (
        _member(proposal, change.tier, change.variant),
        proposal.standing(change.tier, change.variant),
    )
    if member is None:
        return ""
    why = []
    if standing is not None and standing.only_board:
        why.append(f"judged by {standing.only_board} alone")
    if member.p_close is not None and Decimal(member.p_close) < _UNSURE:
        why.append(f"only {percent(member.p_close)} sure to belong")
    does = "enters" if change.rank_before is None else "leads"
    return f"{change.variant} {does} {change.tier}: {', '.join(why)}" if why else ""


def _better_left_out(change: Change, proposal: Proposal) -> str:
    """Name the best variant that is better and cheaper, and that only a rule of the policy leaves out."""
    member, report = _member(proposal, change.tier, change.variant), proposal.tiers.get(change.tier)
    if member is None or report is None:
        return ""
    found = [
        standing
        for standing in report.standings
        if standing.rule in _OF_THE_POLICY
        and Decimal(standing.quality or 0) > Decimal(member.quality)
        and Decimal(standing.usd_per_task or "Infinity") < Decimal(member.usd_per_task)
    ]
    if not found:
        return ""
    best = max(found, key=lambda one: Decimal(one.acceptable_answers_per_usd or 0))
    return (
        f"{best.variant} is better and cheaper than {change.variant} in {change.tier}, and left out by the "
        f"rule `{best.rule}`: {best.detail}"
    )


def _returns(change: Change, record: PageContext) -> str:
    """Say of an entrant that it was a member before, and until when it was announced to run."""
    was = [
        (pool, member)
        for pool in record.pools
        for member in (pool.tiers[change.tier].members if change.tier in pool.tiers else ())
        if member.variant == change.variant
    ]
    if not was:
        return ""
    pool, member = was[-1]
    end = f", announced to end on {member.retires_on}" if member.retires_on else ""
    return f"{change.variant} comes back to {change.tier}: it was a member until v{pool.version:04}{end}"


def _member(proposal: Proposal, tier: str, variant: str) -> Member | None:
    pool = proposal.pool.tiers.get(tier)
    return next((one for one in (pool.members if pool else ()) if one.variant == variant), None)


def _vendors(proposal: Proposal) -> Iterator[Check]:
    """Find vendors that serve the default of several tiers: one outage hits them all."""
    tiers: dict[str, list[str]] = defaultdict(list)
    for tier, pool in sorted(proposal.pool.tiers.items()):
        if pool.members:
            tiers[pool.members[0].vendor].append(tier)
    for vendor, hit in sorted(tiers.items()):
        if len(hit) > 1:
            message = f"{vendor} serves the default of {', '.join(hit)}: one outage hits them all"
            yield Check(kind=VENDOR, subject=vendor, message=message, reach=Reach.DEFAULT)
