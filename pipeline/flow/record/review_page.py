"""Gathers what a proposal's page says beyond the proposal, and lays it out for the terminal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.errors import RefusedError, UsageError
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.policy.load import load_policy
from pipeline.pools.eligibility.registry import MEANINGS
from pipeline.review.decisions.earlier_answers import earlier_answers
from pipeline.review.pages.proposal_view import PageContext, proposal_view
from pipeline.review.pages.registry import SECTIONS
from pipeline.review.pages.section import drawn_sections
from pipeline.review.pages.sections import decide
from pipeline.review.pages.sections.changes import change_blocks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.domain.blocks import Block
    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewQuery:
    """Which proposal to show, and how."""

    today: date | None = None
    """None: the day of the run."""
    stale: str = ""
    """Why it can no longer be approved."""
    change: int | None = None
    """The number of one change, to see that alone."""
    whole: bool = False
    """Everything that the page holds."""
    decide: bool = True
    """It waits for a decision."""


def review_record(record: RecordFiles, proposal: Proposal) -> PageContext:
    """Gather what is on record about a proposal; the same record gives the same page, but for --workspace.

    Raises:
        RefusedError: A decision on record is broken or edited.
    """
    chain = _chain(record, proposal)
    return PageContext(
        in_force=chain[-1] if chain else None,
        pools=chain,
        judged=_judged_names(record.workspace),
        earlier=earlier_answers(record.chain, proposal),
        meanings=MEANINGS,
        requests=_requests(record.workspace),
        command=record.workspace.command,
    )


def review_blocks(record: RecordFiles, proposal: Proposal, query: ReviewQuery) -> tuple[Block, ...]:
    """Lay a proposal out as on its page.

    Raises:
        UsageError: There is no change of that number.
    """
    shown = replace(review_record(record, proposal), today=query.today, stale=query.stale)
    view = proposal_view(proposal, shown)
    if query.change is not None:
        return change_blocks(view, query.change)
    wanted = (
        section
        for section in SECTIONS
        if (section.brief or query.whole) and (query.decide or section.name != decide.SECTION.name)
    )
    return tuple(block for section in drawn_sections(view, wanted) for block in section.blocks)


def _requests(workspace: Workspace) -> Mapping[str, int]:
    """Return the requests a month by tier of the policy; one that cannot be read states none."""
    try:
        return load_policy(workspace.policy)[0].volume
    except UsageError:
        return {}


def _judged_names(workspace: Workspace) -> Mapping[tuple[str, str], str]:
    """Return which variant each name means; empty where the crosswalk cannot be read."""
    try:
        judgements = load_crosswalk(workspace.crosswalk).judgements
    except UsageError:
        return {}
    return {place: line.variant for place, line in judgements.items() if line.variant is not None}


def _chain(record: RecordFiles, proposal: Proposal) -> tuple[Pool, ...]:
    """Return the published pools up to the one that a proposal starts from; none where they are damaged."""
    base = proposal.pool.base
    try:
        chain = record.versions if base is not None else ()
    except RefusedError:
        return ()
    places = [place for place, one in enumerate(chain) if base and one.sha256 == base.sha256]
    return tuple(link.pool for link in chain[: places[0] + 1]) if places else ()
