"""Reports what a reviewer must not miss, and which changes are not proposed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.domain.answers import Direction, RememberedAnswer
from pipeline.domain.ids import TierName
from pipeline.domain.observation import (
    ANSWERED,
    CARRIED,
    CARRIED_CHANGE,
    ENDS,
    LARGE,
    QUESTION,
    TIER_REMOVED,
    Finding,
    Severity,
)
from pipeline.domain.subjects import member_subject
from pipeline.pools.changes.changes import price_moves
from pipeline.pools.changes.incumbents import Status
from pipeline.pools.reasons.number_format import per_100, usd
from pipeline.pools.reasons.reasons import retirement_reason
from pipeline.pools.tier_selection import ENDING, TierSelection
from pipeline.pools.worth.value import to_elo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipeline.domain.policy import MemoryPolicy, Policy
    from pipeline.pools.changes.declined_changes import AnsweredChanges
    from pipeline.pools.changes.reviewer_load import ReviewQuestion
    from pipeline.pools.selection_input import SelectionInput


def answered_findings(answered: AnsweredChanges, margins: MemoryPolicy) -> Iterator[Finding]:
    """Name every answer that still counts, and what would make it a question again."""
    for one in answered.standing:
        message = f"{one.variant} {one.effect}: {one.words} {_repeat_words(one, margins)}"
        yield _note(ANSWERED, one.subject, message)


def carried_findings(carried: Iterable[ReviewQuestion], policy: Policy) -> Iterator[Finding]:
    """Name every change that is left to a later week, and what it is worth."""
    for one in carried:
        what = f"would replace {one.against}" if one.swap else f"would pass {one.against}"
        span = "a month" if one.tier in policy.volume else "per 1,000 tasks"
        message = (
            f"{one.variant} {what} ({per_100(one.gain)}, {usd(one.usd)} {span}): carried to a later week, "
            f"since the policy asks about {policy.review_questions} a week at most."
        )
        yield _note(CARRIED_CHANGE, member_subject(one.tier, one.variant), message)


def _repeat_words(answer: RememberedAnswer, margins: MemoryPolicy) -> str:
    day = f"on {answer.until}, or " if answer.until else ""
    moved = per_100(margins.gain_per_100 / 100)
    against = f" against {answer.against}" if answer.against in answer.evidence else ""
    way = "less" if answer.direction is Direction.LEAVE else "more"
    return f"Asked again {day}once it is worth {moved} {way} than then{against}."


def findings_of(inputs: SelectionInput, choices: Mapping[TierName, TierSelection]) -> tuple[Finding, ...]:
    """Collect the findings of all tiers, in the order of the tiers' names."""
    return (
        tuple(finding for name in sorted(choices) for finding in _tier(inputs, name, choices[name]))
        + tuple(
            _warn(TIER_REMOVED, name, _describe_removed(inputs, name))
            for name in removed_tiers(inputs, choices)
        )
        + (*_find_unmerged(inputs, choices), *_find_leading(choices))
    )


def removed_tiers(inputs: SelectionInput, choices: Mapping[TierName, TierSelection]) -> tuple[TierName, ...]:
    """Name the tiers that the pool in force has and the policy has not."""
    published = inputs.published.tiers if inputs.published else ()
    return tuple(TierName(name) for name in sorted(published) if name not in choices)


def _describe_removed(inputs: SelectionInput, name: TierName) -> str:
    members = ", ".join(member.variant for member in inputs.lines(name)) or "none"
    return f"tier {name} is removed: its requests will get no route. Its members: {members}."


def _tier(inputs: SelectionInput, name: TierName, choice: TierSelection) -> Iterator[Finding]:
    yield from _size(inputs, name, choice)
    yield from _incumbents(name, choice)
    yield from _members(inputs, name, choice)
    yield from _find_ending(inputs, name, choice)
    if choice.large:
        yield _warn(LARGE, name, _large_change_words(choice))
    yield from answered_findings(choice.field.answered, inputs.policy.memory)
    yield from carried_findings(choice.carried, inputs.policy)


def _large_change_words(choice: TierSelection) -> str:
    before = tuple(choice.field.incumbents)
    entered = [place for place in choice.places if place not in before]
    left = [place for place in before if place not in choice.places]
    places = f"{', '.join(entered) or 'nobody'} for {', '.join(left) or 'nobody'}"
    if not choice.places:
        return f"Every member leaves in this run: {places}."
    if choice.places[0] == before[0]:
        return f"More than one place changes in this run: {places}."
    default = f"The default changes from {before[0]} to {choice.places[0]}"
    return f"{default}; places that change: {places}." if entered or left else f"{default}; the members stay."


def _size(inputs: SelectionInput, name: TierName, choice: TierSelection) -> Iterator[Finding]:
    tier, count = choice.field.tier, len(choice.places)
    if tier.evidence not in inputs.scoreboards:
        yield _warn("no-scoreboard", name, f"There are no scores for the evidence {tier.evidence}.")
    if count == 0:
        out = "" if choice.field.scoreboard.scores or inputs.lines(name) else " The pool leaves the tier out."
        yield _warn("empty-tier", name, f"No variant of {len(choice.field.left_out)} is eligible.{out}")
    elif count < tier.k:
        able = len(choice.field.eligible)
        yield _warn(
            "short-tier",
            name,
            f"{count} of {tier.k} places are taken: of {able} eligible variants no other has a free "
            "family and vendor.",
        )


def _incumbents(name: TierName, choice: TierSelection) -> Iterator[Finding]:
    after = choice.successors
    for incumbent in choice.field.incumbents.values():
        subject = member_subject(name, incumbent.id)
        if incumbent.cause in ENDING:
            build = _note if incumbent.id in after else _warn
            yield build(ENDS, subject, retirement_reason(choice, incumbent, after.get(incumbent.id)))
        if incumbent.status is Status.CARRIED:
            yield _note(CARRIED, subject, f"Carried as stale: {incumbent.detail}")
        elif incumbent.status is Status.QUESTIONED:
            yield _warn(
                QUESTION,
                subject,
                f"{incumbent.detail} It is still in the pool, in the last place: should it stay? "
                "Judge its name in data/crosswalk, or approve to keep it.",
            )
        elif incumbent.status is Status.PRESENT and incumbent.detail and incumbent.id in choice.places:
            yield _note("below-floor", subject, f"Kept inside its own measurement error: {incumbent.detail}")


def _members(inputs: SelectionInput, name: TierName, choice: TierSelection) -> Iterator[Finding]:
    field = choice.field
    for variant in choice.places:
        if variant not in field.candidates:
            continue
        last = inputs.memory.last_scores.get(variant)
        moves = [words for _, words in price_moves(last, field.scoreboard.scores[variant])] if last else []
        if moves and variant in field.incumbents:
            yield _warn("price-moved", member_subject(name, variant), f"A member's {'; '.join(moves)}.")


def _find_ending(inputs: SelectionInput, name: TierName, choice: TierSelection) -> Iterator[Finding]:
    """Warn of a member whose end the tier's policy allows, and that routers would ask after it."""
    valid_until = inputs.as_of.date() + timedelta(days=inputs.policy.pool_valid_days)
    for variant in choice.places:
        end = inputs.profiles[variant].retires_on if variant in inputs.profiles else None
        if end is not None and end <= valid_until:
            yield _warn(
                ENDS,
                member_subject(name, variant),
                f"It ends on {end}, while this pool is valid until {valid_until}: approve a later proposal "
                "before that day. A larger `retirement_days` in data/policy/tiers.toml replaces it now.",
            )


def _find_unmerged(inputs: SelectionInput, choices: Mapping[TierName, TierSelection]) -> Iterator[Finding]:
    """Say where two boards could not be put on one scale, and what is done instead (method section 3)."""
    quality, tiers = inputs.policy.quality, inputs.policy.tiers
    for evidence, board in sorted(inputs.scoreboards.items()):
        names = sorted(name for name in choices if tiers[name].evidence == evidence)
        if not names or not board.fits or any(fit.merged for fit in board.fits):
            continue
        fit, both = board.fits[0], any(choices[name].field.terms.floor.boards for name in names)
        instead = "a floor on each board, rank" if both else "no reference is on the index: floor and rank"
        yield _warn(
            "poor-fit",
            evidence,
            f"{fit.metric} ({fit.scale}) is not merged with the Arena: {fit.n} variants on both (at least "
            f"{quality.min_overlap}), R2 {fit.r2:.2f} (at least {quality.min_r2:.2f}), the boards disagree "
            f"by {to_elo(fit.tau):.0f} Elo. {', '.join(names)}: {instead} on the Arena alone.",
        )


def _find_leading(choices: Mapping[TierName, TierSelection]) -> Iterator[Finding]:
    """Say where a tier is led by a vendor beyond its share, because it has no other vendor to lead it."""
    for name in sorted(choices):
        slots, others = choices[name].slots, choices[name].field.elsewhere
        if slots and not others.may_lead(slots[0].vendor):
            vendor = slots[0].vendor
            message = (
                f"{vendor} leads {others.led[vendor]} tiers already, the most the policy allows; this tier "
                "has no comparable member of another vendor that may lead it."
            )
            yield _warn("led-by-one-vendor", name, message)


def _warn(kind: str, subject: str, message: str) -> Finding:
    return Finding(kind=kind, severity=Severity.WARN, subject=subject, message=message)


def _note(kind: str, subject: str, message: str) -> Finding:
    return Finding(kind=kind, severity=Severity.NOTE, subject=subject, message=message)
