"""Who is beaten by somebody who is not dearer, and by how much."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pipeline.domain.score import Unpriced
from pipeline.pools.runner import Runner, Seat
from pipeline.pools.scale import NORMAL_95, half_width_elo, to_elo
from pipeline.pools.value import utility_usd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.domain.names import VariantId
    from pipeline.domain.policy import ChangePolicy, TierPolicy
    from pipeline.domain.score import Score

_LEAST_JOINT_ELO = 1e-9
"""Two exact scores would have a joint interval of zero; the smallest difference then decides."""


def runners_of(
    entries: Sequence[tuple[Seat, Score]],
    eligible: Collection[VariantId],
    *,
    tier: TierPolicy,
    change: ChangePolicy,
) -> Mapping[VariantId, Runner]:
    """Put variants in the units the rules use; only eligible ones exert pressure.

    Args:
        entries: Seats and scores with a known cost above zero, in the order of their ids.
        eligible: Which of them are eligible; the others are incumbents kept by tolerance.
        tier: Its lambda makes U.
        change: Its weight per decade of cost makes the value key.
    """
    pressed = _pressure(entries, eligible)
    runners = {}
    for (seat, score), (pressure, rival) in zip(entries, pressed, strict=True):
        if isinstance(score.cost, Unpriced):
            raise TypeError(f"{seat.variant}: a runner has a cost")
        slope = tier.lambda_usd * score.quality * (1 - score.quality)
        elo, usd = to_elo(score.theta), score.cost.usd_per_task
        runners[seat.variant] = Runner(
            seat=seat,
            elo=elo,
            half_width=half_width_elo(score.sigma_measured),
            quality=score.quality,
            usd_per_task=usd,
            utility=utility_usd(usd, score.quality, tier.lambda_usd),
            utility_half_width=NORMAL_95 * slope * score.sigma_measured,
            key=elo - change.price_weight_elo * math.log10(usd),
            pressure=pressure,
            rival=rival,
        )
    return runners


def _pressure(
    entries: Sequence[tuple[Seat, Score]], eligible: Collection[VariantId]
) -> list[tuple[float, VariantId | None]]:
    """For each entry: the largest lead, in joints, of an eligible one that is not dearer."""
    able = np.array([seat.variant in eligible for seat, _ in entries], dtype=bool)
    if not able.any():
        return [(-math.inf, None)] * len(entries)
    elo = np.array([to_elo(score.theta) for _, score in entries])
    half = np.array([half_width_elo(score.sigma_measured) for _, score in entries])
    usd = np.array([0.0 if isinstance(s.cost, Unpriced) else s.cost.usd_per_task for _, s in entries])
    joints = np.maximum(np.hypot(half[able][:, None], half[None, :]), _LEAST_JOINT_ELO)
    leads = (elo[able][:, None] - elo[None, :]) / joints
    leads[usd[able][:, None] > usd[None, :]] = -np.inf
    leads[np.arange(able.sum()), np.flatnonzero(able)] = -np.inf
    most = leads.argmax(axis=0)
    rivals = [seat.variant for seat, _ in entries if seat.variant in eligible]
    return [
        (lead, rivals[row] if math.isfinite(lead) else None)
        for lead, row in zip(leads.max(axis=0).tolist(), most.tolist(), strict=True)
    ]
