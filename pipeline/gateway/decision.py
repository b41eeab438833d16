"""Decides which band of a tier answers a request, and which of its members can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError
from pipeline.gateway.registry_plan import DEFAULT_BAND
from pipeline.gateway.requirements import shortfalls
from pipeline.router.pool_model import BANDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.gateway.registry_plan import PlannedTier, RegistryPlan
    from pipeline.gateway.requirements import Requirements

BAND_HEADER: Final = "x-pool-band"
BAND_KEY: Final = "pool_band"
"""Under this name a request's metadata, a key's or a team's names a band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandChoice:
    """A band, and who named it."""

    band: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Which order of which members answers a request."""

    tier: str
    """The tier the client asked for."""
    choice: BandChoice
    unable: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By tier, from the one asked for upwards as far as needed: members that cannot, and what they lack."""
    closed: frozenset[str]
    """Tiers none of whose members can, although a tier above them can."""

    def steps(self) -> dict[str, object]:
        """List how it was decided, without any content of the request."""
        return {
            "tier": self.tier,
            "band": self.choice.band,
            "band_by": self.choice.by,
            "cannot": {
                tier: {name: list(why) for name, why in found.items()} for tier, found in self.unable.items()
            },
            "tier_up": sorted(self.closed),
        }


def choose_band(
    *,
    key: Mapping[str, object],
    team: Mapping[str, object],
    header: str | None,
    metadata: Mapping[str, object],
    learnt: str | None,
) -> BandChoice:
    """Choose the band of a request: its key's, its team's, the declared one, its workload's, else medium.

    A key or team that is bound to a band stays bound, whatever a request declares. `learnt` is what the
    approved table says of the workload; None: nothing.

    Raises:
        UsageError: A word that is no band.
    """
    named = (
        ("key", key.get(BAND_KEY)),
        ("team", team.get(BAND_KEY)),
        (BAND_HEADER, header),
        ("metadata", metadata.get(BAND_KEY)),
    )
    for by, band in named:
        if band is None:
            continue
        if band not in BANDS:
            raise UsageError(
                f"{by} names the band {str(band)[:40]!r}",
                hint=f"Write one of {', '.join(BANDS)}, or leave it out.",
            )
        return BandChoice(band=str(band), by=by)
    if learnt is not None:
        return BandChoice(band=learnt, by="workload")
    return BandChoice(band=DEFAULT_BAND, by="default")


def decide(tier: PlannedTier, plan: RegistryPlan, request: Requirements, choice: BandChoice) -> Decision:
    """Decide for one request.

    The members of a tier that cannot answer are left out. Where none can, the tier is closed for this request
    and the next one up answers; where no tier up the ladder can either, nobody is left out, because the
    estimate may be wrong and a provider's own refusal says more than ours.
    """
    unable: dict[str, Mapping[str, tuple[str, ...]]] = {}
    closed: list[str] = []
    at: PlannedTier | None = tier
    while at is not None:
        found = {name: why for name, can in at.members.items() if (why := shortfalls(can, request))}
        if found:
            unable[at.name] = found
        if len(found) < len(at.members):
            return Decision(tier=tier.name, choice=choice, unable=unable, closed=frozenset(closed))
        closed.append(at.name)
        at = plan.tiers[at.above] if at.above else None
    return Decision(tier=tier.name, choice=choice, unable={}, closed=frozenset())
