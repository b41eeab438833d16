"""Decides what becomes of each published member before anybody challenges it (method 7.1).

Also counts, from past pools and runs, who left a tier and for how long a member has been missing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week
from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.pool import Cause, Member
from pipeline.domain.score import Score
from pipeline.pools.eligibility.registry import DATA, HARD, failing_rule, first_failing
from pipeline.pools.worth.candidate import Slot
from pipeline.pools.worth.concentration import NOBODY, VendorHoldings, vendor_cap, violated_limit
from pipeline.pools.worth.floor import clearly_below, failed_floors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from pipeline.domain.pool import Pool
    from pipeline.pools.eligibility.candidate_facts import CandidateFacts, TierRequirements


class Status(StrEnum):
    """How an incumbent stands this week."""

    PRESENT = "present"
    """In the data and comparable."""
    CARRIED = "carried"
    """Missing from the data, kept in its place."""
    QUESTIONED = "questioned"
    """Missing for longer than the policy's runs: kept in the last place, the reviewer is asked."""
    GONE = "gone"
    """Leaves at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incumbent:
    """A published member and its status."""

    line: Member
    slot: Slot
    status: Status
    cause: Cause | None = None
    """Why it leaves; None when it stays."""
    detail: str = ""
    """Why it leaves, or why it is kept although it fails a rule."""
    missing: bool = False
    """This week's data does not hold it."""
    ends_on: date | None = None
    """Announced end, as far as known."""

    @property
    def id(self) -> VariantId:
        """The variant."""
        return self.slot.variant


def evaluate_incumbents(
    line: Member,
    candidate: CandidateFacts | None,
    terms: TierRequirements,
    *,
    missed: int,
    allowed: int,
) -> Incumbent:
    """Decide whether a published member is present, carried, questioned or gone.

    Args:
        line: Its line in the published pool.
        candidate: What is known of it this week; None when the crosswalk lost it.
        terms: What the tier asks.
        missed: Runs in a row, before this one, in which it was missing.
        allowed: Runs it is carried before it becomes a question.
    """
    slot = Slot(variant=VariantId(line.variant), vendor=line.vendor, family=line.family)
    if candidate is None:
        why = "The crosswalk no longer holds it, so it has no route."
        gone = Status.GONE
        return Incumbent(line=line, slot=slot, status=gone, cause=Cause.CONSTRAINT, detail=why, missing=True)
    slot = Slot(variant=slot.variant, vendor=candidate.variant.vendor, family=candidate.variant.family)
    absent = first_failing(terms, candidate, DATA)
    if failed := failing_rule(terms, candidate, HARD):
        return Incumbent(
            line=line,
            slot=slot,
            status=Status.GONE,
            cause=failed[0].cause(line, candidate, terms),
            detail=failed[1].detail,
            missing=absent is not None,
            ends_on=candidate.facts.retires_on,
        )
    if absent is not None:
        runs = f"{missed + 1} runs in a row" if missed else "1 run"
        kept = f"{absent.detail} Missing for {runs}; carried for {allowed}."
        status = Status.QUESTIONED if missed >= allowed else Status.CARRIED
        return Incumbent(line=line, slot=slot, status=status, detail=kept, missing=True)
    return _by_floor(line, slot, candidate, terms)


def _by_floor(line: Member, slot: Slot, candidate: CandidateFacts, terms: TierRequirements) -> Incumbent:
    score = candidate.score
    if not isinstance(score, Score):
        raise TypeError(f"{slot.variant}: a present incumbent has a score")
    detail = failed_floors(terms.floor, score) or ""
    if detail and clearly_below(terms.floor, score):
        return Incumbent(line=line, slot=slot, status=Status.GONE, cause=Cause.SCORE, detail=detail)
    return Incumbent(line=line, slot=slot, status=Status.PRESENT, detail=detail)


def within_limits(
    incumbents: Iterable[Incumbent], k: int, others: VendorHoldings = NOBODY
) -> tuple[Incumbent, ...]:
    """Let the lower ranked leave where the limits changed: fewer places, a re-judged family, other tiers."""
    judged: list[Incumbent] = []
    slots: list[Slot] = []
    for incumbent in incumbents:
        barred = (
            None if incumbent.status is Status.GONE else _exceeded_limit(slots, incumbent.slot, k, others)
        )
        if barred is None:
            judged.append(incumbent)
            if incumbent.status is not Status.GONE:
                slots.append(incumbent.slot)
            continue
        judged.append(replace(incumbent, status=Status.GONE, cause=Cause.CONSTRAINT, detail=barred))
    return tuple(judged)


def _exceeded_limit(slots: list[Slot], slot: Slot, k: int, others: VendorHoldings) -> str | None:
    if len(slots) >= k:
        return f"The tier has {k} places now, and it held the last ones."
    limit = violated_limit(slots, slot, k, others)
    if limit == "family":
        return f"A higher ranked member is of the same family, {slot.family}."
    if limit == "vendor_limit":
        return f"Higher ranked members already hold the {vendor_cap(k)} places {slot.vendor} may have."
    if limit == "vendor_total":
        return f"{slot.vendor} already holds the {others.most} places over all tiers that it may have."
    return None


def left_pool(pools: Sequence[Pool]) -> dict[tuple[TierName, VariantId], Week]:
    """Return the week in which each variant left a tier; the oldest pool comes first."""
    left: dict[tuple[TierName, VariantId], Week] = {}
    before: set[tuple[TierName, VariantId]] = set()
    for pool in pools:
        now = {
            (TierName(name), VariantId(member.variant))
            for name, tier in pool.tiers.items()
            for member in tier.members
        }
        left.update(dict.fromkeys(sorted(before - now), Week(pool.week)))
        before = now
    return left


def missing_runs(weeks: Iterable[frozenset[VariantId]]) -> dict[VariantId, int]:
    """Count for how many runs in a row, back from the last one, each member was missing.

    Args:
        weeks: Who was missing in each, the newest first; as many are asked for as are needed.
    """
    counts: dict[VariantId, int] = {}
    still: frozenset[VariantId] | None = None
    for missing in weeks:
        still = missing if still is None else still & missing
        if not still:
            break
        counts.update((variant, counts.get(variant, 0) + 1) for variant in sorted(still))
    return counts
