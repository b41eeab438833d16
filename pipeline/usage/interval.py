"""Bounds what the cheaper of two variants loses, from requests that both answered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Z: Final = 1.96
"""Both sides together leave 5 % out, each 2.5 %."""
_STEPS: Final = 60
"""Halvings of an interval of length 2: closer than a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the outcomes of pairs differ."""

    pairs: float
    better_only: float
    """Pairs of which only the better variant's answer was acceptable."""
    cheaper_only: float

    @property
    def loss(self) -> float:
        """Share of answers that the better variant gives more; 0 without pairs."""
        return (self.better_only - self.cheaper_only) / self.pairs if self.pairs else 0.0

    @property
    def variance(self) -> float:
        """Variance of one pair's difference; a pair of either kind is added, so that it is never 0."""
        differing = (self.better_only + self.cheaper_only + 1) / (self.pairs + 2)
        return differing - ((self.better_only - self.cheaper_only) / (self.pairs + 2)) ** 2

    def worth(self, effect: float) -> Tally:
        """Return the independent pairs that these are worth, by their design effect."""
        return Tally(
            pairs=self.pairs / effect,
            better_only=self.better_only / effect,
            cheaper_only=self.cheaper_only / effect,
        )


def tally(differences: Iterable[int]) -> Tally:
    """Count differences of outcomes, better minus cheaper: 1, 0 or -1 each."""
    found = tuple(differences)
    return Tally(pairs=len(found), better_only=found.count(1), cheaper_only=found.count(-1))


def design_effect(sessions: Iterable[Sequence[int]]) -> float:
    """Return how many pairs are worth one, since those of a session lose alike; at least 1.

    The variance of the mean with sessions as units, over that with pairs as units (Kish 1965), widened for
    few sessions as Student's t is. One session alone is worth one pair.

    Args:
        sessions: Differences of outcomes, session by session.
    """
    found = [each for each in sessions if each]
    differences = [one for each in found for one in each]
    if len(found) == len(differences):
        return 1.0
    if len(found) == 1:
        return float(len(differences))
    few = (1 + (Z**2 + 1) / (4 * (len(found) - 1))) ** 2
    mean = sum(differences) / len(differences)
    single = sum((difference - mean) ** 2 for difference in differences)
    together = sum(sum(one - mean for one in each) ** 2 for each in found) * len(found) / (len(found) - 1)
    return few * max(1.0, together / single) if single else few


def interval(found: Tally) -> tuple[float, float]:
    """Return the 95 % score interval of the loss, as shares; (-1, 1) without pairs.

    Source: Tango, Statistics in Medicine 17 (1998) 891-908. It keeps its level where few pairs differ, which
    the normal interval does not: of 43 pairs without a difference that one has no width at all.
    """
    if not found.pairs:
        return (-1.0, 1.0)
    return (_find_bound(found, -1.0), _find_bound(found, 1.0))


def pairs_needed(margin: float, variance: float) -> int:
    """Count the pairs whose 95 % interval reaches as far as the margin on either side.

    With that many a variant that loses nothing passes about every other time.

    Args:
        margin: Share of answers, above 0.
        variance: Of one pair's difference.
    """
    return math.ceil(Z**2 * variance / margin**2)


def _find_bound(found: Tally, end: float) -> float:
    """Halve between the estimate, where the score is 0, and an end of the scale."""
    inside, outside = found.loss, end
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        if abs(_score(found, middle)) < Z:
            inside = middle
        else:
            outside = middle
    return outside


def _score(found: Tally, loss: float) -> float:
    """Return how many standard errors a hypothetical loss is from the pairs."""
    n, b, c = found.pairs, found.better_only, found.cheaper_only
    linear = -b - c + (2 * n - b + c) * loss
    constant = -c * loss * (1 - loss)
    cheaper = (math.sqrt(max(0.0, linear**2 - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2 * cheaper + loss * (1 - loss))
    distance = b - c - n * loss
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)
