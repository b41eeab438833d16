"""Who is beaten by somebody who is not dearer, and by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.domain.score import Unpriced
from pipeline.pools.runner import Runner, Seat
from pipeline.pools.scale import ELO_PER_LOGIT, NORMAL_95
from pipeline.pools.value import utility_usd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from pipeline.domain.names import VariantId
    from pipeline.domain.policy import ChangePolicy, TierPolicy
    from pipeline.domain.score import Score

_LEAST_JOINT_ELO = 1e-9
"""Two exact scores would have a joint interval of zero; the smallest difference then decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """Every priced variant of an evidence against every other, whatever tier may hold them."""

    place: Mapping[VariantId, int]
    """Row and column of a variant, in the order of the ids."""
    elo: Sequence[float]
    """Quality above the anchor."""
    half_width: Sequence[float]
    """Half of its 95 % interval from measurement error alone, in Elo points."""
    usd: Sequence[float]
    """Dollars per task."""
    lead: NDArray[np.float64]
    """By how many joints the row's variant is better; minus infinity where it is dearer, or the same."""


def leads_of(scores: Iterable[Score]) -> Leads:
    """Compare all variants whose cost is known and above zero; scores come in the order of their ids."""
    priced = [
        (score, score.cost.usd_per_task)
        for score in scores
        if not isinstance(score.cost, Unpriced) and score.cost.usd_per_task > 0
    ]
    elo = np.array([score.theta for score, _ in priced], dtype=np.float64) * ELO_PER_LOGIT
    half = NORMAL_95 * (
        np.array([score.sigma_measured for score, _ in priced], dtype=np.float64) * ELO_PER_LOGIT
    )
    usd = np.array([amount for _, amount in priced], dtype=np.float64)
    lead = elo[:, None] - elo[None, :]
    lead /= np.maximum(np.hypot(half[:, None], half[None, :]), _LEAST_JOINT_ELO)
    lead[usd[:, None] > usd[None, :]] = -np.inf
    np.fill_diagonal(lead, -np.inf)
    return Leads(
        place={score.variant: place for place, (score, _) in enumerate(priced)},
        elo=elo.tolist(),
        half_width=half.tolist(),
        usd=usd.tolist(),
        lead=lead,
    )


def runners_of(
    entries: Sequence[tuple[Seat, Score]],
    eligible: Collection[VariantId],
    leads: Leads,
    *,
    tier: TierPolicy,
    change: ChangePolicy,
) -> Mapping[VariantId, Runner]:
    """Put variants in the units the rules use; only eligible ones exert pressure.

    Args:
        entries: Seats and scores with a known cost above zero, in the order of their ids.
        eligible: Which of them are eligible; the others are incumbents kept by tolerance.
        leads: How the variants of the evidence compare.
        tier: Its lambda makes U.
        change: Its weight per decade of cost makes the value key.
    """
    places = [leads.place[seat.variant] for seat, _ in entries]
    pressed = _pressure([seat.variant for seat, _ in entries], places, eligible, leads)
    worth, weight = tier.lambda_usd, change.price_weight_elo
    runners = {}
    for (seat, score), place, (pressure, rival) in zip(entries, places, pressed, strict=True):
        quality, elo, usd = score.quality, leads.elo[place], leads.usd[place]
        slope = worth * quality * (1 - quality)
        runners[seat.variant] = Runner(
            seat=seat,
            elo=elo,
            half_width=leads.half_width[place],
            quality=quality,
            usd_per_task=usd,
            utility=utility_usd(usd, quality, worth),
            utility_half_width=NORMAL_95 * slope * score.sigma_measured,
            key=elo - weight * math.log10(usd),
            pressure=pressure,
            rival=rival,
        )
    return runners


def _pressure(
    names: Sequence[VariantId], places: Sequence[int], eligible: Collection[VariantId], leads: Leads
) -> list[tuple[float, VariantId | None]]:
    """For each entry: the most (elo_other - elo) / joint of eligible ones that are not dearer (method 7)."""
    rivals = [name for name in names if name in eligible]
    if not rivals:
        return [(-math.inf, None)] * len(names)
    among = leads.lead[np.ix_([leads.place[name] for name in rivals], places)]
    return [
        (lead, rivals[row] if math.isfinite(lead) else None)
        for lead, row in zip(among.max(axis=0).tolist(), among.argmax(axis=0).tolist(), strict=True)
    ]
