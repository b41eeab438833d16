"""Holds what one command read of the files of record, each of them read once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.publish.versions import POINTER, earlier_versions, version_in_force
from pipeline.review.decisions.acceptances import acceptances
from pipeline.review.decisions.chain import DecisionChain
from pipeline.review.proposals.proposal_store import Reviews

if TYPE_CHECKING:
    from pipeline.publish.versions import PublishedVersion
    from pipeline.review.decisions.acceptances import Acceptance
    from pipeline.workspace import Workspace


class RecordFiles:
    """The files of record of a workspace as one command reads them, each when it is first asked for.

    What is written meanwhile is not seen: whoever writes looks again, with a new value.
    """

    def __init__(self, workspace: Workspace) -> None:
        """Keep the places; nothing is read yet."""
        self.workspace = workspace
        self.reviews = Reviews(workspace.reviews)
        self.chain = DecisionChain(self.reviews)

    @cached_property
    def in_force(self) -> PublishedVersion | None:
        """The version that `latest.json` names; None before the first publication.

        Raises:
            RefusedError: The pointer or the file it names is missing, torn, or not what was published.
        """
        return version_in_force(self.workspace.pools)

    @cached_property
    def versions(self) -> tuple[PublishedVersion, ...]:
        """All versions up to the one in force, oldest first, each following the one before.

        Raises:
            RefusedError: A version is missing, torn, or does not name the one before as its base.
        """
        return earlier_versions(self.in_force, self.workspace.pools)

    @cached_property
    def acceptances(self) -> tuple[Acceptance, ...]:
        """All acceptances, the newest first.

        Raises:
            RefusedError: One of them is broken, edited, or lies under another name than its content has.
        """
        return acceptances(self.workspace.reviews)


def what_stays(workspace: Workspace) -> str:
    """Say, as a clause, what is in force still; nothing of it is checked."""
    published = (workspace.pools / POINTER).exists()
    return "the published pool stays in force" if published else "no pool is published yet"
