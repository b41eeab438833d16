"""Finds where a tier falls back to when all of it is down: the next tier up, of the same evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipeline.router.pool_model import PoolView

_LADDER: Final = ("frugal", "balanced", "premium")


def fallback_tiers(view: PoolView) -> list[list[str]]:
    """Order the tiers of each evidence so that each falls back to the next one up.

    Tiers of another evidence are no way up: they were chosen for other work.
    """
    names: dict[str, list[str]] = {}
    for name, tier in view.tiers.items():
        names.setdefault(tier.evidence, []).append(name)
    found = [_upwards(view, names[evidence]) for evidence in sorted(names)]
    return sorted(found, key=lambda ladder: (set(ladder).isdisjoint(_LADDER), ladder))


def _upwards(view: PoolView, names: list[str]) -> list[str]:
    """Order tiers by the known ladder (`balanced` and `balanced-coding` alike), else by best quality."""
    steps = {name: name.partition("-")[0] for name in names}
    if set(steps.values()) <= set(_LADDER) and len(set(steps.values())) == len(steps):
        return sorted(names, key=lambda name: _LADDER.index(steps[name]))
    best = {name: max(member.quality for member in view.tiers[name].members) for name in names}
    return sorted(names, key=lambda name: (best[name], name))
