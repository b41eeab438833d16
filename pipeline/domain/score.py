"""Defines what a variant is worth: quality on one logit scale, cost per task in dollars."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.ids import MetricName, SourceName, VariantId
    from pipeline.domain.observation import PriceStep


Z80: Final = 1.2815515655446004
"""Half-width of the 80 % interval of a normal distribution, in standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardScore:
    """One board's score of a variant, on the anchored logit scale."""

    metric: MetricName
    scale: str
    published: float
    """The value as published, in the board's unit."""
    theta: float
    """Logits above the anchor."""
    se: float
    """Measurement error only, in logits."""
    votes: int | None
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a 0-100 index was put on the Arena's logit scale (method section 3)."""

    metric: MetricName
    scale: str
    n: int
    intercept: float
    slope: float
    r2: float
    tau: float
    """Between-source standard deviation, in logits."""
    merged: bool
    """False when the overlap is small or the fit poor: floor on both, rank on the Arena."""
    centre: float = 0.0
    """Mean theta of the shared variants, in logits: the same on both boards, which the fit matches."""
    spread: float = 0.0
    """Standard deviation of theta over the shared variants, in logits: the same on both boards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedBoard:
    """What a board that does not list a variant would say of it: expected, never published or confirmed."""

    metric: MetricName
    theta: float
    """Logits above the anchor."""
    sd: float
    """Standard deviation of what the board would say about this expectation, in logits."""
    slope: float
    """How much the expectation moves with the board that does list the variant."""
    se: float
    """Measurement error of the siblings' rows in the expectation, in logits; 0 without siblings."""
    siblings: tuple[VariantId, ...]
    """Other efforts of the release that the board lists; empty: expected from the other board alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """The agreed list price of a variant, in micro-dollars per million tokens."""

    input_microusd_per_mtok: int
    output_microusd_per_mtok: int
    cache_read_microusd_per_mtok: int | None
    """None: cached input is billed as input."""
    sources: tuple[SourceName, ...]
    """Who states it."""
    note: str = ""
    steps: tuple[PriceStep, ...] = ()
    """Prices by size of the prompt, the smallest size first."""

    def at(self, prompt_tokens: float) -> tuple[int, int, int]:
        """Give input, output and cached input for a prompt of a size; cached is input where nobody says."""
        price_in, price_out = self.input_microusd_per_mtok, self.output_microusd_per_mtok
        cached = self.cache_read_microusd_per_mtok
        for step in self.steps:
            if prompt_tokens >= step.from_tokens:
                price_in, price_out, cached = step.input, step.output, step.cached
        return price_in, price_out, price_in if cached is None else cached

    @property
    def blended_usd_per_mtok(self) -> float:
        """Three parts input, one part output, in dollars per million tokens."""
        return (3 * self.input_microusd_per_mtok + self.output_microusd_per_mtok) / 4e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Cost of one task of the operator's mix."""

    usd_per_task: float
    log_sd: float
    """Standard deviation of log cost."""
    grade: str
    """1, 2a, 2b, 3a or 3b: how the verbosity is known (method section 4)."""
    verbosity: float
    """Output plus reasoning tokens relative to a non-reasoning answer."""
    price: ListPrice
    factor: float = 1.0
    """What published spending multiplies the ladder's cost by (grades 2b and 3a)."""
    basis: str = ""
    """In words, where verbosity and factor come from."""
    route_prices: Mapping[str, ListPrice] = field(default_factory=dict)
    """By router, the price of each route that has one; `price` is that of the first in the policy's order."""

    def interval(self) -> tuple[float, float]:
        """Give the 80 % interval of the dollars per task: `C exp(-+ 1.28 SD)`, SD that of log C (method 4).

        At $0.0100 and an SD of .65 (grade 3b) it is $0.00435 to $0.0230.
        """
        factor = math.exp(Z80 * self.log_sd)
        return self.usd_per_task / factor, self.usd_per_task * factor


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPrice:
    """Why a variant has no cost; it is ineligible, never cheap."""

    reason: str
    """price_unknown, price_zero or price_conflict."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Quality and cost of one variant under one evidence."""

    variant: VariantId
    boards: tuple[BoardScore, ...]
    theta: float
    """Combined logits above the anchor."""
    sigma: float
    """Standard error with the between-source part; for intervals, probabilities and the report."""
    sigma_measured: float
    """Measurement error alone; the band for changes."""
    sigma_between: float = 0.0
    """How far boards disagree about a variant, in logits: part of a difference to one that others judge.

    What theta would still move by if the merged board that does not list the variant listed it: the standard
    deviation of its expectation, times its share. 0 where every merged board speaks, or none is merged.
    """
    quality: float
    """P(preferred to the reference), in (0, 1)."""
    quality_low: float
    quality_high: float
    confirmed: bool
    cost: Cost | NoPrice
    speaking: tuple[MetricName, ...] = ()
    """Metrics of the boards that theta rests on; a board that is listed and not merged does not speak."""
    expected: ExpectedBoard | None = None
    """What stands in theta for the merged board that does not list the variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoScore:
    """A variant without a score, and why."""

    variant: VariantId
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoreboard:
    """All variants under one evidence, e.g. `general`."""

    evidence: str
    anchors: tuple[VariantId, ...]
    """The variants whose median rating is zero on the scale."""
    anchor_rating: float | None
    """That rating, in the Arena's points."""
    reference: tuple[VariantId, ...]
    reference_theta: float
    fits: tuple[Fit, ...]
    scores: Mapping[VariantId, Score]
    unscored: Mapping[VariantId, NoScore]
