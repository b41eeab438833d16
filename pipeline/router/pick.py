"""Orders the members of one tier for one request, and the tiers that it falls back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError
from pipeline.router.pool_model import BANDS

if TYPE_CHECKING:
    from pipeline.router.pool_model import MemberView, PoolView
    from pipeline.router.verify import VerifiedPool


ALIAS_PREFIX: Final = "neo-mode/"
"""What stands before the tier in the model name that clients ask for."""
MEDIUM: Final = "medium"
"""The band of a request that nobody told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """Whom to call, in order, all of one pool version."""

    version: int
    tier: str
    band: str
    members: tuple[MemberView, ...]
    """Never empty; the next one answers when the one before it fails."""


def alias_of(tier: str) -> str:
    """Return the model name that clients ask a tier for."""
    return f"{ALIAS_PREFIX}{tier}"


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


_LADDER: Final = ("frugal", "balanced", "premium")


def fallback_tiers(view: PoolView) -> list[list[str]]:
    """Order the tiers of each evidence so that each falls back to the next one up.

    Tiers of another evidence are no way up: they were chosen for other work.
    """
    names: dict[str, list[str]] = {}
    for name, tier in view.tiers.items():
        names.setdefault(tier.evidence, []).append(name)
    found = [_order_upwards(view, names[evidence]) for evidence in sorted(names)]
    return sorted(found, key=lambda ladder: (set(ladder).isdisjoint(_LADDER), ladder))


def _order_upwards(view: PoolView, names: list[str]) -> list[str]:
    """Order tiers by the known ladder (`balanced` and `balanced-coding` alike), else by best quality."""
    steps = {name: name.partition("-")[0] for name in names}
    if set(steps.values()) <= set(_LADDER) and len(set(steps.values())) == len(steps):
        return sorted(names, key=lambda name: _LADDER.index(steps[name]))
    best = {name: max(member.quality for member in view.tiers[name].members) for name in names}
    return sorted(names, key=lambda name: (best[name], name))
