"""Finds what people changed in the crosswalk since a run, about variants its proposal holds or changes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import sha256_hex
from pipeline.flow.record.config_snapshots import CROSSWALK, bytes_now, bytes_then, digests_of
from pipeline.identity.crosswalk.bundle import unpack
from pipeline.identity.crosswalk.load import load_crosswalk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import SourceKey, SourceName
    from pipeline.domain.proposal import Proposal
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
