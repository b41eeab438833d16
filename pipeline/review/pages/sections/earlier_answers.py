"""Says what people answered before: what is proposed again and what moved since, and what is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pipeline.domain.blocks import (
    BulletList,
    Fold,
    Paragraph,
    Span,
    Title,
    Tone,
    line,
    name,
    names,
    text_span,
)
from pipeline.domain.escape import with_full_stop
from pipeline.domain.observation import ANSWERED, CARRIED_CHANGE
from pipeline.domain.proposal import Decision
from pipeline.domain.subjects import MemberSubject, member_subject
from pipeline.review.pages.number_format import percent, usd
from pipeline.review.pages.section import Place, Section
from pipeline.review.proposals.documents import folder_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.blocks import Block, Line
    from pipeline.domain.proposal import ChangeAnswer, FindingLine, Proposal
    from pipeline.review.decisions.earlier_answers import AnsweredAttempt, EarlierAnswer, RejectedPool
    from pipeline.review.pages.proposal_view import ProposalView

_SHOWN: Final = 2
"""Lines on the first screen; whatever their number, the commands below them stay there too."""
_LONGEST: Final = 110
"""Characters of a note that stand there."""
_NAMED: Final = 4
"""Changes of one tier that are named there."""
_HELD, _AGAIN, _KEPT, _CARRIED = "held in this week", "proposed again", "not asked again", "carried"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line, short for the first screen and whole."""

    kind: str
    short: Line
    whole: Line


def _blocks(view: ProposalView) -> Iterator[Block]:
    entries = tuple(_entries(view))
    if not entries:
        return
    only_carried = all(entry.kind == _CARRIED for entry in entries)
    yield Title(level=2, line=line("Carried to a later week" if only_carried else "Answered before"))
    for attempt in view.record.earlier.attempts[:1]:
        yield Paragraph(line=_attempt_line(attempt), tone=Tone.SOFT)
    shown = entries[:_SHOWN]
    yield BulletList(items=tuple(one.short for one in shown))
    if held := tuple(entry.whole for entry in entries[_SHOWN:] if entry.kind == _HELD):
        summary = line(f"{len(held)} more {'tier' if len(held) == 1 else 'tiers'} {_HELD}")
        yield Fold(summary=summary, blocks=(BulletList(items=held),), binding=True)
    others = tuple(entry for entry in entries if entry.kind != _HELD or entry.short != entry.whole)
    if set(others) - set(shown) or any(one.short != one.whole for one in shown):
        yield Fold(summary=_count_line(others), blocks=tuple(_all_answers(others)))


def _count_line(entries: tuple[_Entry, ...]) -> Line:
    counts = (f"{len(tuple(group))} {kind}" for kind, group in groupby(entries, key=lambda one: one.kind))
    return line(f"All in full: {', '.join(counts)}")


def _all_answers(entries: tuple[_Entry, ...]) -> Iterator[Block]:
    for kind, group in groupby(entries, key=lambda one: one.kind):
        yield Paragraph(line=line(Span(text=f"{kind.capitalize()}:", tone=Tone.STRONG)))
        yield BulletList(items=tuple(one.whole for one in group))


def _entries(view: ProposalView) -> Iterator[_Entry]:
    """Return every line: first the answers that made this proposal, then what is proposed all the same."""
    now, earlier = view.proposal, view.record.earlier
    kept = {finding.subject: finding for finding in now.findings if finding.kind == ANSWERED}
    told: set[str] = set()
    for attempt in earlier.attempts:
        held = [
            answer
            for answer in attempt.answers.answers
            if member_subject(answer.tier, answer.variant) in kept
        ]
        told |= {member_subject(one.tier, one.variant) for one in held}
        for tier, group in groupby(sorted(held, key=lambda one: one.tier), key=lambda one: one.tier):
            lines = tuple(group)
            short, whole = (_held_line(tier, lines, attempt, now, most=most) for most in (_NAMED, len(lines)))
            yield _Entry(kind=_HELD, short=short, whole=whole)
    if earlier.first is not None:
        short, whole = (_rejected_line(earlier.first, now, longest=longest) for longest in (_LONGEST, None))
        yield _Entry(kind=_AGAIN, short=short, whole=whole)
    for one in earlier.again:
        told_whole = earlier.first is not None and one.decision == earlier.first.decision
        short, whole = (
            line(
                text_span(f"{one.change.tier}:"), " ", name(one.change.variant), ": ", _moved_since(one, now)
            )
            if told_whole
            else _repeated_line(one, now, longest=longest)
            for longest in (_LONGEST, None)
        )
        yield _Entry(kind=_AGAIN, short=short, whole=whole)
    for kind, findings in (
        (_KEPT, [one for subject, one in kept.items() if subject not in told]),
        (_CARRIED, [finding for finding in now.findings if finding.kind == CARRIED_CHANGE]),
    ):
        for found in findings:
            yield _Entry(
                kind=kind, short=_answered_line(found, longest=2 * _LONGEST), whole=_answered_line(found)
            )


def _attempt_line(attempt: AnsweredAttempt) -> Line:
    answers = attempt.answers
    note = f"{_cut(answers.reviewer, _LONGEST)} on {answers.decided_at[:10]}: {_cut(answers.note, _LONGEST)}"
    return line(f"{folder_name(answers.week, answers.attempt)}, without what was held by ", text_span(note))


def _held_line(
    tier: str, lines: tuple[ChangeAnswer, ...], attempt: AnsweredAttempt, now: Proposal, *, most: int
) -> Line:
    """Say of one tier which changes were held, and who is there instead."""
    parts: list[str | Span] = [text_span(f"{tier}:")]
    for number, one in enumerate(lines[:most]):
        word = f"held until {one.until}" if one.until else "not until its evidence moves"
        parts += [", " if number else " ", name(one.variant), f" ({word})"]
    if len(lines) > most:
        parts.append(f" and {len(lines) - most} more")
    return line(*parts, ". ", *_new_members(tier, attempt.then, now))


def _new_members(tier: str, then: Proposal, now: Proposal) -> Line:
    """Say who is a member now that was none in the proposal before."""
    before, after = (
        {member.variant: member.rank for member in proposal.pool.tiers[tier].members}
        if tier in proposal.pool.tiers
        else {}
        for proposal in (then, now)
    )
    entered = {change.variant for change in now.changes if change.tier == tier and change.rank_before is None}
    came = [variant for variant in after if variant not in before]
    words = [line(name(one), f" {'enters' if one in entered else 'stays'} at {after[one]}") for one in came]
    if not words:
        return line("Nobody else comes in." if before.keys() != after.keys() else "The same members stay.")
    parts: list[str | Span] = ["Instead "]
    for number, each in enumerate(words):
        parts += [", " if number else "", *each]
    return line(*parts, ".")


def _rejected_line(one: RejectedPool, now: Proposal, *, longest: int | None) -> Line:
    """Say that a first pool was rejected, by whom, when and why, and what is another since."""
    decision = one.decision
    before, after = (
        {(tier, member.variant) for tier, pool in found.pool.tiers.items() for member in pool.members}
        for found in (one.then, now)
    )
    gone = tuple(sorted({variant for _, variant in before - after}))
    new = tuple(sorted({variant for _, variant in after - before}))
    moved: list[str | Span] = [f" Since then: {len(before & after)} of {len(after)} members are the same"]
    for word, found in (("new", new), ("gone", gone)):
        if found:
            shown = found if longest is None else found[:1]
            more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
            moved += [f"; {word}: ", *names(shown), more]
    return line(
        f"The first pool of {decision.week} was rejected on {decision.decided_at[:10]} by ",
        text_span(f"{_cut(decision.reviewer, longest)}: {_sentence(decision.note, longest)}"),
        " Nothing is in force, so one is proposed again.",
        *moved,
        ".",
    )


def _repeated_line(one: EarlierAnswer, now: Proposal, *, longest: int | None) -> Line:
    """Say of a change that is proposed again who answered it, when and why, and what moved since."""
    change, decision = one.change, one.decision
    did = "rejected" if isinstance(decision, Decision) else "declined"
    if one.line is not None and one.line.until:
        did = f"held until {one.line.until}"
    folder = folder_name(decision.week, decision.attempt)
    by = f"{_cut(decision.reviewer, longest)} ({folder}): {_sentence(one.note, longest)}"
    return line(
        text_span(f"{change.tier}:"),
        " ",
        name(change.variant),
        f" was {did} on {decision.decided_at[:10]} by ",
        text_span(by),
        " Since then: ",
        _moved_since(one, now),
    )


def _answered_line(one: FindingLine, *, longest: int | None = None) -> Line:
    """Describe a change that is not proposed: a person declined it, or it is carried."""
    member = MemberSubject.read(one.subject)
    return line(text_span(f"{member.tier if member else one.subject}: {_cut(one.message, longest)}"))


def _sentence(text: str, longest: int | None) -> str:
    cut = _cut(text, longest)
    return with_full_stop(cut)


def _cut(text: str, longest: int | None) -> str:
    """Return the beginning of a text, up to the end of a word where there is one."""
    if longest is None or len(text) <= longest:
        return text
    whole_words = text[:longest].rpartition(" ")[0] or text[:longest]
    return f"{whole_words} ..."


def _moved_since(one: EarlierAnswer, now: Proposal) -> str:
    """Say what moved about a variant since it was answered."""
    tier, variant = one.change.tier, one.change.variant
    before, after = one.then.standing(tier, variant), now.standing(tier, variant)
    if before is None or after is None:
        return "it was not in the tier's numbers of both weeks."
    moves = [
        f"{title} {old} → {new}"
        for title, old, new in (
            ("quality", percent(before.quality), percent(after.quality)),
            ("cost per task", usd(before.usd_per_task), usd(after.usd_per_task)),
            ("how sure", percent(before.p_close), percent(after.p_close)),
        )
        if old != new
    ]
    return f"{', '.join(moves) or 'nothing moved'}."


SECTION: Final = Section(name="answered", place=Place.SIDE, blocks=_blocks)
