"""Finds what moved since a proposal was made: the pool in force, or what people wrote or answered."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import week_of
from pipeline.domain.document import sha256_hex
from pipeline.domain.escape import escape_text
from pipeline.domain.proposal import AnswerRetraction
from pipeline.domain.run_inputs import InputKind, find_input, inputs_of
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.record.config_snapshots import (
    CROSSWALK,
    EXPECTATIONS,
    POLICY,
    bytes_now,
    bytes_then,
    digests_of,
)
from pipeline.identity.crosswalk.load import load_crosswalk, unpack
from pipeline.policy.load import load_policy
from pipeline.review.proposals.documents import document_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import SourceKey, SourceName
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.review.decisions.acceptances import Acceptance
    from pipeline.review.proposals.proposal_store import StoredProposal
    from pipeline.workspace import Workspace

    Answers = Mapping[tuple[SourceName, SourceKey], str]


_OPEN: Final = "open"
"""Nobody's answer about a name; no id of a variant is written so."""
_NOT_ROUTED: Final = "not routed"


def moved_lines(workspace: Workspace, found: StoredProposal) -> tuple[str, ...]:
    """Name the lines about members and changed variants that are not what the run used, in words.

    The judgements that an approval accepted are written by it, so they may be there once it is decided.

    Raises:
        UsageError: A file of data/crosswalk is missing, or a line is not of the form.
        RefusedError: What the run kept of the crosswalk was edited.
    """
    proposal = found.proposal
    used = digests_of(proposal.inputs).get(CROSSWALK, "")
    if sha256_hex(bytes_now(workspace, CROSSWALK)) == used:
        return ()
    before = bytes_then(workspace, CROSSWALK, used)
    if before is None:
        return ("data/crosswalk (what the run used of it is not here to compare)",)
    then, now = _crosswalk_of(before), load_crosswalk(workspace.crosswalk)
    held = _variants(proposal)
    releases = {line.release for one in (then, now) for name, line in one.variants.items() if name in held}
    return (
        *_moved_variants(then, now, held),
        *_moved_judgements(then, now, found, held),
        *(
            f"the judged prices of {release}"
            for release in sorted(releases)
            if then.prices.get(release) != now.prices.get(release)
        ),
    )


def _variants(proposal: Proposal) -> frozenset[str]:
    members = {member.variant for tier in proposal.pool.tiers.values() for member in tier.members}
    changed = {change.variant for change in proposal.changes} | {fact.variant for fact in proposal.facts}
    return frozenset(members | changed | {match.variant for match in proposal.provisional})


def _crosswalk_of(body: bytes) -> Crosswalk:
    with TemporaryDirectory(prefix="modelpool-") as folder:
        for name, content in unpack(body).items():
            (Path(folder) / name).write_bytes(content)
        return load_crosswalk(Path(folder))


def _moved_variants(then: Crosswalk, now: Crosswalk, held: frozenset[str]) -> Iterator[str]:
    before, after = ({str(name): one for name, one in each.variants.items()} for each in (then, now))
    for name in sorted(held):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            if old is not new:
                yield f"the line of {name}"
            continue
        columns = [
            field.name for field in fields(old) if getattr(old, field.name) != getattr(new, field.name)
        ]
        if columns:
            yield f"{', '.join(columns)} of {name}"


def _moved_judgements(
    then: Crosswalk, now: Crosswalk, found: StoredProposal, held: frozenset[str]
) -> Iterator[str]:
    before, after = _answers(then), _answers(now)
    accepted = {(line.source, line.key): line.variant for line in found.proposal.provisional}
    names = {place: one.name for each in (then, now) for place, one in each.judgements.items()}
    for place in sorted(before.keys() | after.keys()):
        old, new = before.get(place, _OPEN), after.get(place, _OPEN)
        written = found.decision is not None and (old, new) == (_OPEN, accepted.get(place))
        if old == new or written:
            continue
        if held & {old, new, accepted.get(place, _OPEN)}:
            yield f"the judgement of {names[place]!r} ({place[0]}): {old}, now {new}"


def _answers(crosswalk: Crosswalk) -> Answers:
    return {place: one.variant or _NOT_ROUTED for place, one in crosswalk.judgements.items()}


def refuse_if_stale(record: RecordFiles, found: StoredProposal, *, now: datetime) -> None:
    """Refuse a proposal when something that it was made from moved since, or when it is not of its time.

    What it was made from: the version in force, the policy, the expectations, and the crosswalk as far as it
    speaks of members and changed variants.

    Raises:
        RefusedError: One of them moved, or the week lies in the future.
        UsageError: A file that people write is not of the form.
    """
    if found.proposal.week > week_of(now):
        raise RefusedError(
            f"the proposal {found.folder.name} is of the week {found.proposal.week}, which lies in the "
            f"future: it is {week_of(now)}",
            hint=f"Run `{record.workspace.command('run')}` for this week and review what it proposes.",
        )
    for moved in (_base_moved, _policy_moved, _expectations_moved, _crosswalk_moved):
        if why := moved(record, found):
            raise RefusedError(why, hint=_rerun_hint(record, found))


def _base_moved(record: RecordFiles, found: StoredProposal) -> str:
    pool, name = found.proposal.pool, found.folder.name
    published = record.in_force
    now_in_force = published.pool.version if published else 0
    base = pool.base.version if pool.base else 0
    if now_in_force != base or (published and pool.base and published.sha256 != pool.base.sha256):
        return f"the proposal {name} starts from v{base:04}, but v{now_in_force:04} is in force"
    if published and pool.as_of < published.pool.as_of:
        return (
            f"the proposal {name} was made at {pool.as_of}, before v{now_in_force:04} in force was made at "
            f"{published.pool.as_of}"
        )
    return ""


def _policy_moved(record: RecordFiles, found: StoredProposal) -> str:
    used = found.proposal.pool.policy_sha256
    written = sha256_hex(bytes_now(record.workspace, POLICY))
    if written == used:
        return ""
    load_policy(record.workspace.policy)  # one that cannot be read is told by its line
    return (
        f"the policy changed since the proposal {found.folder.name}: it was made with {used[:8]}, "
        f"data/policy/tiers.toml is now {written[:8]}"
    )


def _expectations_moved(record: RecordFiles, found: StoredProposal) -> str:
    used = digests_of(found.proposal.inputs).get(EXPECTATIONS, "")
    written = sha256_hex(bytes_now(record.workspace, EXPECTATIONS))
    if written == used:
        return ""
    return (
        f"the expectations changed since the proposal {found.folder.name}: it was made with "
        f"{used[:8] or 'none'}, data/policy/expectations.toml is now {written[:8]}"
    )


def _crosswalk_moved(record: RecordFiles, found: StoredProposal) -> str:
    lines = moved_lines(record.workspace, found)
    if not lines:
        return ""
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"data/crosswalk changed since the proposal {found.folder.name}: {escape_text(lines[0])}{more}"


def refuse_if_answered_since(record: RecordFiles, found: StoredProposal) -> None:
    """Refuse to approve a proposal that was computed before an acceptance or an answer on record.

    Raises:
        RefusedError: A person accepted a source, a row or a price that the proposal does not know of,
            answered changes of it one by one, or took an answer back; or an answer on record is gone.
    """
    refuse_if_acceptances_moved(record, found)
    if why := _answers_moved(record, found):
        raise RefusedError(why, hint=_rerun_hint(record, found))
    if found.answers is not None:
        raise RefusedError(
            f"{escape_text(found.answers.reviewer)} answered changes of {found.folder.name} one by one at "
            f"{found.answers.decided_at}, so it is no longer approved as it is",
            hint=_rerun_hint(record, found),
        )


def _answers_moved(record: RecordFiles, found: StoredProposal) -> str:
    """Say what became of the answers that a proposal was made under; empty where they are as they were."""
    under = find_input(found.proposal.inputs, InputKind.ANSWERS)
    if under is None:
        return ""
    links = record.chain.links
    place = next((number for number, (_, _, sha256) in enumerate(links) if sha256 == under.sha256), None)
    if place is None:
        return f"the proposal {found.folder.name} was made under answers that are gone or were edited since"
    for _, link, _ in links[place + 1 :]:
        if isinstance(link, AnswerRetraction):
            who = escape_text(link.reviewer)
            return f"{who} took an answer back at {link.decided_at}, after {found.folder.name} was made"
    return ""


def refuse_if_acceptances_moved(record: RecordFiles, found: StoredProposal) -> None:
    """Refuse a proposal that was computed before an acceptance on record.

    Raises:
        RefusedError: A person accepted a source, a row or a price that the proposal does not know of.
    """
    later = answered_since(record, found)
    if later:
        first = later[0]
        what = ", ".join(first.rows or first.kinds)
        raise RefusedError(
            f"the proposal {found.folder.name} was computed before {escape_text(first.reviewer)} accepted "
            f"{escape_text(what)} of {first.source} at {first.accepted_at}",
            hint=_rerun_hint(record, found),
        )


def answered_since(record: RecordFiles, found: StoredProposal) -> tuple[Acceptance, ...]:
    """Return the acceptances on record that a proposal does not name among its inputs, the newest first."""
    known = {line.sha256 for line in inputs_of(found.proposal.inputs, InputKind.ACCEPTED)}
    return tuple(
        acceptance for acceptance in record.acceptances if sha256_hex(document_bytes(acceptance)) not in known
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Why a proposal cannot be approved, or an approved one not be published; both empty where it can."""

    stale: str = ""
    """What moved since, so that only another run helps."""
    unreadable: str = ""
    """What is wrong in a file that people write, and how to mend it; the proposal may still be good."""


NO_BLOCKER: Final = Blocker()


def find_blocker(record: RecordFiles, found: StoredProposal, *, now: datetime) -> Blocker:
    """Say why a pending proposal would not be approved now, or an approved one not be published."""
    try:
        refuse_if_stale(record, found, now=now)
        if found.decision is None:
            refuse_if_answered_since(record, found)
    except RefusedError as error:
        return Blocker(stale=str(error))
    except UsageError as error:
        return Blocker(unreadable=f"{error}. {error.hint}")
    return NO_BLOCKER


def waits_to_be_published(record: RecordFiles) -> StoredProposal | None:
    """Return the last approved proposal while it can still be published; None otherwise."""
    approved, published = record.chain.last_approved, record.in_force
    version = published.pool.version if published else 0
    if approved is None or approved.proposal.pool.version <= version:
        return None
    return approved if record.chain.refused_after(approved) is None else None


def _rerun_hint(record: RecordFiles, found: StoredProposal) -> str:
    command = record.workspace.command(f"run --week {found.proposal.week}")
    return f"Run `{command}` again and review the new proposal."
