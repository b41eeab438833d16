"""Which evidences stood on merged boards last time: near the least fit, the last state stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.review import folder as filing
from pipeline.review import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.flow.rules import Rules
    from pipeline.workspace import Workspace


def remembering(rules: Rules, workspace: Workspace, week: str) -> Rules:
    """Return the rules with the state of the last proposal of an earlier week (method section 7.9).

    A heartbeat changes nothing that a person could see, so the last proposal is what was last said.

    Raises:
        RefusedError: That proposal is broken or edited.
    """
    return replace(rules, merged_before=_merged_before(workspace, week))


def _merged_before(workspace: Workspace, week: str) -> Mapping[str, bool]:
    for folder in reversed(shelf.attempts(workspace.reviews)):
        if shelf.place(folder)[0] < week and shelf.is_proposal(folder):
            fits = filing.read(folder).proposal.fits
            merged = {fit.evidence for fit in fits if fit.merged}
            return {fit.evidence: fit.evidence in merged for fit in fits}
    return {}
