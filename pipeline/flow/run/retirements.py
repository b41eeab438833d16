"""Finds members in force whose retirement is near."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipeline.domain.observation import ENDS
from pipeline.domain.subjects import member_subject
from pipeline.errors import UsageError
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.pool import Pool
    from pipeline.domain.proposal import Proposal
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """A member of the pool in force that ends soon, or has ended."""

    tier: str
    variant: str
    on: date | None
    """As the published file says; None where only a later run knows of it."""
    said: str
    """What the latest proposal says about it; empty where it says nothing."""


def retirements(
    workspace: Workspace, pool: Pool | None, proposal: Proposal | None, *, today: date
) -> tuple[Retirement, ...]:
    """List members in force that end within their tier's days, or before the pool expires, by tier and rank.

    Args:
        workspace: Where the policy lies; while it cannot be read, every announced end counts as near.
        pool: The pool in force.
        proposal: The latest one, whatever became of it: it may know dates that the pool does not.
        today: In UTC.
    """
    if pool is None:
        return ()
    days = _days(workspace)
    said = {line.subject: line.message for line in proposal.findings if line.kind == ENDS} if proposal else {}
    return tuple(_retirements(pool, days, said, today))


def _retirements(
    pool: Pool, days: Mapping[str, int] | None, said: Mapping[str, str], today: date
) -> Iterator[Retirement]:
    expires = date.fromisoformat(pool.expires_on)
    for name, tier in pool.tiers.items():
        for member in tier.members:
            end = date.fromisoformat(member.retires_on) if member.retires_on else None
            near = end is not None and (days is None or (end - today).days <= days.get(name, 0))
            words = said.get(member_subject(name, member.variant), "")
            if not (near or words) and end is not None and end <= expires:
                words = f"The pool in force is valid until {expires}, and routers ask for it until then."
            if near or words:
                yield Retirement(tier=name, variant=member.variant, on=end, said=words)


def _days(workspace: Workspace) -> dict[str, int] | None:
    try:
        policy, _ = load_policy(workspace.policy)
    except UsageError:
        return None
    return {name: tier.retirement_days for name, tier in policy.tiers.items()}
