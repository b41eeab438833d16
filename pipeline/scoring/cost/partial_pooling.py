"""Pools what published spending says about a variant beyond its effort: partial pooling (grade 3a).

Published dollars of an index task, over what the class ladder says they should be, leave a residual
per variant: `z = log(published / (n_in p_in + n_out nu_effort p_out))`. It is read as a sum
of random effects, each with a standard deviation from the policy (`[cost.pooled]`):

    z = level + effort + vendor + vendor x effort + release
        + slope * years + slope * log price + slope * log(output : input price) + noise

All are normal with mean zero, so their best estimate is one linear system, `g = G (K + s^2 I)^-1 z`
(best linear unbiased prediction; Henderson 1975; the same as ridge or Gaussian-process regression).
The level, about the median residual, belongs to the index version, not to the variants, and the noise
to one run: neither is carried to other work, so `G` is `K` without them. With few published rows every
effect stays near zero and the ladder stands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy.typing as npt

    from pipeline.domain.ids import VariantId
    from pipeline.domain.policy import PooledPolicy
    from pipeline.domain.score import ListPrice

    Matrix: TypeAlias = npt.NDArray[np.float64]
    Words: TypeAlias = npt.NDArray[np.str_]

DAYS_PER_YEAR: Final = 365.25
_DIGITS: Final = 9
"""Effects are rounded here, so that another machine's last bit does not reach the pool file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingFeatures:
    """What is known of a variant before anyone has paid for it."""

    variant: VariantId
    vendor: str
    release: str
    effort: str
    released_on: date | None
    price: ListPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedEvidence:
    """Whose published spending speaks for a variant that publishes none."""

    release: int
    """Published variants of the same release."""
    vendor: int
    """Published variants of the same vendor, the release's included."""
    newcomer: bool
    """Its release publishes nothing and is younger than all its vendor's that do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Centre:
    """The typical published variant, from which slopes are measured."""

    day: float
    price: float
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """The features by which two variants are compared, row by row."""

    vendor: Words
    effort: Words
    release: Words
    slopes: Matrix
    """Distances from the typical published variant, each times its slope's standard deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingModel:
    """The fitted model of one run's published dollars, asked about any variant."""

    traits: tuple[PricingFeatures, ...]
    """Variants with published dollars, by id."""
    marks: _Marks
    """Of the traits, row by row."""
    weights: Matrix
    """`(K + s^2 I)^-1 z`, one per trait."""
    centre: _Centre
    policy: PooledPolicy


def fit_spending(
    published: Sequence[PricingFeatures], residuals: Mapping[VariantId, float], policy: PooledPolicy
) -> SpendingModel | None:
    """Fit the random effects to this run's published dollars; None from fewer than `min_totals` of them.

    The median residual is taken out first: how many tasks a total covers is the source's affair.

    Args:
        published: Traits of the variants with published dollars, in any order.
        residuals: `z` of each: log of published dollars over the ladder's.
        policy: Standard deviations of the effects, in log units.
    """
    if len(published) < policy.min_totals:
        return None
    traits = tuple(sorted(published, key=lambda trait: trait.variant))
    centre = _centre(traits)
    middle = median(residuals[trait.variant] for trait in traits)
    reach = policy.clip_log
    seen = np.array([min(max(residuals[trait.variant] - middle, -reach), reach) for trait in traits])
    marks = _marks(traits, centre, policy)
    spread = _effect_covariance(marks, marks, policy) + policy.sd_level**2
    spread += policy.sd_noise**2 * np.eye(len(traits))
    weights = np.linalg.solve(spread, seen)
    return SpendingModel(traits=traits, marks=marks, weights=weights, centre=centre, policy=policy)


def effect_of(trait: PricingFeatures, spending: SpendingModel) -> float:
    """Estimate the log of the factor by which a variant spends more than its ladder's rung."""
    mark = _marks((trait,), spending.centre, spending.policy)
    row = _effect_covariance(mark, spending.marks, spending.policy)
    return round(math.fsum(row[0] * spending.weights), _DIGITS)


def kin_of(trait: PricingFeatures, spending: SpendingModel) -> RelatedEvidence:
    """Count whose published spending speaks for a variant, itself left out."""
    others = [
        other for other in spending.traits if other.vendor == trait.vendor and other.variant != trait.variant
    ]
    release = sum(other.release == trait.release for other in others)
    dated = [other.released_on for other in others if other.released_on is not None]
    return RelatedEvidence(
        release=release,
        vendor=len(others),
        newcomer=release == 0
        and trait.released_on is not None
        and all(day < trait.released_on for day in dated),
    )


def _centre(traits: Sequence[PricingFeatures]) -> _Centre:
    days = [trait.released_on.toordinal() for trait in traits if trait.released_on is not None]
    return _Centre(
        day=median(days) if days else 0.0,
        price=median(_log_price(trait) for trait in traits),
        ratio=median(_log_ratio(trait) for trait in traits),
    )


def _effect_covariance(rows: _Marks, columns: _Marks, policy: PooledPolicy) -> Matrix:
    """Covariance of the effects that belong to the variants, `G`, between two lists of them."""
    vendor, effort = _same_word(rows.vendor, columns.vendor), _same_word(rows.effort, columns.effort)
    carried: Matrix = (
        policy.sd_vendor**2 * vendor
        + policy.sd_effort**2 * effort
        + policy.sd_vendor_effort**2 * vendor * effort
        + policy.sd_release**2 * vendor * _same_word(rows.release, columns.release)
    )
    for one, other in zip(rows.slopes.T, columns.slopes.T, strict=True):
        carried += np.multiply.outer(one, other)
    return carried


def _same_word(rows: Words, columns: Words) -> Matrix:
    equal: Matrix = np.equal.outer(rows, columns).astype(np.float64)
    return equal


def _marks(traits: Sequence[PricingFeatures], centre: _Centre, policy: PooledPolicy) -> _Marks:
    """Collect the features variants are compared by; one without a release date gets the typical date."""
    slopes = [
        (
            policy.sd_year * _years(trait, centre.day),
            policy.sd_price * (_log_price(trait) - centre.price),
            policy.sd_price_ratio * (_log_ratio(trait) - centre.ratio),
        )
        for trait in traits
    ]
    return _Marks(
        vendor=np.array([trait.vendor for trait in traits]),
        effort=np.array([trait.effort for trait in traits]),
        release=np.array([trait.release for trait in traits]),
        slopes=np.array(slopes),
    )


def _years(trait: PricingFeatures, day: float) -> float:
    return 0.0 if trait.released_on is None else (trait.released_on.toordinal() - day) / DAYS_PER_YEAR


def _log_price(trait: PricingFeatures) -> float:
    """Log of the geometric blend, three parts input and one part output."""
    price = trait.price
    return (3 * math.log(price.input_microusd_per_mtok) + math.log(price.output_microusd_per_mtok)) / 4


def _log_ratio(trait: PricingFeatures) -> float:
    return math.log(trait.price.output_microusd_per_mtok / trait.price.input_microusd_per_mtok)
