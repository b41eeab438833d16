"""Elo points and logits: the same scale in two units (method section 3)."""

from __future__ import annotations

import math
from typing import Final

ELO_PER_LOGIT: Final = 400 / math.log(10)
"""400 Elo points are odds of ten to one."""

NORMAL_95: Final = 1.96
"""Half-width of a 95 % interval in standard errors."""


def to_elo(logits: float) -> float:
    """Turn logits into Elo points."""
    return logits * ELO_PER_LOGIT


def to_logits(elo: float) -> float:
    """Turn Elo points into logits."""
    return elo / ELO_PER_LOGIT


def win_probability(logits: float) -> float:
    """Chance to be preferred to who is `logits` below, in (0, 1)."""
    if logits >= 0:
        return 1 / (1 + math.exp(-logits))
    odds = math.exp(logits)
    return odds / (1 + odds)


def probability_above(limit: float, *, mean: float, sigma: float) -> float:
    """Chance that a normal quantity exceeds `limit`; all three in the same unit."""
    if sigma <= 0:
        return float(mean > limit)
    return 0.5 * math.erfc((limit - mean) / (sigma * math.sqrt(2)))
