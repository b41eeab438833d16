"""Orders the members of one tier for one request: whom to call first, and whom when that one fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError
from pipeline.router.pool_model import BANDS

if TYPE_CHECKING:
    from pipeline.router.pool_model import Candidate
    from pipeline.router.verify import VerifiedPool

MEDIUM: Final = "medium"
"""The band of a request that nobody told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """Whom to call, in order, all of one pool version."""

    version: int
    tier: str
    band: str
    members: tuple[Candidate, ...]
    """Never empty; the next one answers when the one before it fails."""


def pick(pool: VerifiedPool, tier: str, band: str = MEDIUM) -> Pick:
    """Order a tier's members for a request of one band.

    Args:
        pool: A verified pool; `PoolLoader.pick` takes the one in force.
        tier: Its name, e.g. `frugal`.
        band: `simple`, `medium` or `complex`; one that the tier does not publish goes by rank.

    Raises:
        RefusedError: The pool has no such tier, or there is no such band.
    """
    view = pool.pool.tiers.get(tier)
    if view is None:
        raise RefusedError(
            f"pool v{pool.version:04} has no tier {tier!r}; it has {', '.join(pool.pool.tiers)}",
            hint="Ask for one of its tiers, or publish a pool that has it: `modelpool status`.",
        )
    if band not in BANDS:
        raise RefusedError(f"there is no band {band!r}", hint=f"Name one of {', '.join(BANDS)}.")
    order = view.bands.get(band)
    members = view.members
    if order is not None:
        by_variant = {member.variant: member for member in members}
        members = tuple(by_variant[variant] for variant in order)
    return Pick(version=pool.version, tier=tier, band=band, members=members)
