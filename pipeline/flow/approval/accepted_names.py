"""Writes the judgements that came with an approved proposal: the decision first, then the lines.

The decision is the record. The lines are derived from it and from the proposal it binds, and are added all
at once; whatever stopped between the two is made good by the next approve, publish or word on a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.calendar import read_moment
from pipeline.domain.crosswalk import Judgement
from pipeline.domain.ids import SourceKey, SourceModelName, SourceName, VariantId
from pipeline.domain.proposal import Verdict
from pipeline.identity.crosswalk.judgements import addition, append_judgements
from pipeline.review.proposals.documents import folder_name

if TYPE_CHECKING:
    from pipeline.domain.proposal import Decision, Proposal
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.workspace import Workspace

_DIGITS = 12


def check_addition(workspace: Workspace, proposal: Proposal, decision: Decision) -> None:
    """Check that the lines can be written before the decision is filed.

    Raises:
        UsageError: The reviewer's name does not fit into a line, or a line is not of the form.
    """
    if decision.verdict is Verdict.APPROVED and proposal.provisional:
        addition(workspace.crosswalk, judgements_of(proposal, decision))


def write_accepted_names(record: RecordFiles) -> tuple[Judgement, ...]:
    """Add the judgements of the last approval that are not in judgements.csv yet; return those added.

    A name about which any line speaks is passed over: ours is there already, or a person spoke since.

    Raises:
        UsageError: A line of data/crosswalk is not of the form.
        RefusedError: A decision or a decided proposal was edited.
        OSError: The disk refused; judgements.csv is as it was.
    """
    found = record.chain.last_approved
    if found is None or found.decision is None or not found.proposal.provisional:
        return ()
    return append_judgements(record.workspace.crosswalk, judgements_of(found.proposal, found.decision))


def judgements_of(proposal: Proposal, decision: Decision) -> tuple[Judgement, ...]:
    """Return the judgements that an approval dictates: by whom, when, and why."""
    return tuple(
        Judgement(
            source=SourceName(line.source),
            key=SourceKey(line.key),
            name=SourceModelName(line.name),
            variant=VariantId(line.variant),
            decided_on=read_moment(decision.decided_at).date(),
            decided_by=decision.reviewer,
            reason=f"accepted with proposal {decision.proposal_sha256[:_DIGITS]} of "
            f"{folder_name(decision.week, decision.attempt)}: {'; '.join(line.evidence)}",
        )
        for line in proposal.provisional
    )
