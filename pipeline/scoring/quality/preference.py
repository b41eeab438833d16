"""Quality as a probability: P(preferred to the reference), not a rating."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.scoring.quality.anchor import Z95

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.ids import VariantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What quality is measured against."""

    variants: tuple[VariantId, ...]
    """Best first; empty where no variant is confirmed."""
    theta: float
    """Their mean, in logits above the anchor; the anchor itself (0) where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """P(preferred to the reference) with its 95 % interval."""

    value: float
    low: float
    high: float


def choose_reference(confirmed: Mapping[VariantId, float], count: int) -> Reference:
    """Take the mean theta of the best confirmed variants (method section 3); ties by id.

    Args:
        confirmed: theta of every confirmed variant, in logits.
        count: How many make the reference; fewer where fewer are confirmed.
    """
    best = tuple(sorted(confirmed, key=lambda variant: (-confirmed[variant], variant))[:count])
    theta = math.fsum(confirmed[variant] for variant in best) / len(best) if best else 0.0
    return Reference(variants=best, theta=theta)


def preference(theta: float, sigma: float, reference: float) -> Quality:
    """Give q = 1 / (1 + exp(-(theta - theta_ref))) and its ends at theta -+ 1.96 sigma.

    The Bradley-Terry model: a difference in logits is the log of the odds of being preferred.
    All three arguments are logits above the anchor.
    """
    return Quality(
        value=_logistic(theta - reference),
        low=_logistic(theta - Z95 * sigma - reference),
        high=_logistic(theta + Z95 * sigma - reference),
    )


def _logistic(logit: float) -> float:
    """1 / (1 + exp(-x)), written so that no argument overflows."""
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    odds = math.exp(logit)
    return odds / (1 + odds)
