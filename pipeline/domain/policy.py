"""Defines what people decided before seeing this week's numbers: `data/policy/tiers.toml`, typed."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from pipeline.domain.document import Document
from pipeline.domain.ids import source_of

if TYPE_CHECKING:
    from collections.abc import Collection


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
LogSd = Annotated[float, Field(gt=0, le=10)]
"""Standard deviation of a log cost: at most a factor of 22,000 either way, so that no cost is infinite."""
Days = Annotated[int, Field(ge=1, le=36_500)]
"""At most a hundred years, so that every day that is counted from a run exists."""


class Evidence(Document):
    """The two boards a tier uses."""

    arena: str
    """Metric of the Arena board, e.g. `arena-text/overall`."""
    index: str
    """Metric of the 0-100 composite, e.g. `aa/intelligence`."""
    task_mix: str | None = None
    """Which of `task_mixes` its tiers are paid for; without it: the operator's general `task_mix`."""


class QualityPolicy(Document):
    """Constants of the anchored logit scale."""

    anchor_count: Annotated[int, Field(ge=5)]
    """Variants whose median rating is the zero of the Arena scale."""
    anchor_min_votes: Annotated[int, Field(ge=1)]
    """Votes that a variant needs to be an anchor."""
    assumed_index_error: Positive
    """Standard error of a composite index that publishes no interval, in index points."""
    tau_floor_elo: Positive
    """Least between-source standard deviation, in Elo points."""
    min_overlap: Annotated[int, Field(ge=3)]
    """Variants both boards must share before they are merged."""
    min_r2: Share
    """Below this fit the boards are not merged: floor on both, rank on the Arena."""
    r2_band: Share = 0.05
    """How far the fit must pass `min_r2` before boards that were merged part, or that were apart merge."""
    confirmed_votes: Annotated[int, Field(ge=1)]
    """Votes from which an Arena score counts as confirmed."""
    reference_count: Annotated[int, Field(ge=1)]
    """How many of the best confirmed variants make the reference of q."""


LEAST_MEASURED_TASKS: Final = 200
"""Answers of one kind from which an operator's own usage tells a variant's verbosity (grade 1)."""


class MeasuredTokens(Document):
    """What one variant writes per task of a kind in the operator's own traffic (grade 1)."""

    tasks: Annotated[int, Field(ge=LEAST_MEASURED_TASKS)]
    """Answers of this kind that were measured."""
    tokens_out: Positive
    """Output and reasoning tokens of a task, on average."""


class TaskKind(Document):
    """One kind of task of the operator's mix."""

    name: str
    """Unlike any other kind's of the mix."""
    share: Share
    """Share of the tasks; those of a mix add up to 1."""
    tokens_in: Positive
    """Input tokens of one task, cached ones included."""
    tokens_out: Positive
    """Answer tokens of a non-reasoning variant; verbosity multiplies them."""
    cached_share: Share
    """Share of the input tokens billed at the cache-read price."""
    reasoning_share: Share = 1.0
    """How much of the further tokens of a verbose variant this kind draws; agentic turns draw a part."""
    measured: dict[str, MeasuredTokens] = Field(default_factory=dict)
    """By variant, as `modelpool usage costs` prints them; a variant that every kind measures has grade 1."""

    def billed_out(self, verbosity: float) -> float:
        """Output and reasoning tokens: `n_out * (1 + r (nu - 1))`, r the kind's `reasoning_share`."""
        return self.tokens_out * (self.reasoning_share * verbosity + (1 - self.reasoning_share))


class PooledPolicy(Document):
    """Standard deviations of what makes one variant spend more than another, in log units (grade 3a)."""

    carry: Share
    """Share of a deviation seen on index tasks, in log units, that holds for the operator's tasks."""
    clip_log: Positive
    """Farthest a published total may stand from the median one; beyond it counts as this far."""
    min_totals: Annotated[int, Field(ge=3)]
    """Published totals below which a variant cannot be told from the index version's level."""
    own_log_sd: LogSd
    """Standard deviation of log cost of a variant with published dollars of its own (grade 2b)."""
    min_strangers: Annotated[int, Field(ge=1)]
    """Published totals from which effort, date and price alone speak for a vendor that publishes none."""
    newcomer_log_sd: LogSd
    """Standard deviation of log cost of a release younger than all its vendor's with published dollars."""
    sd_level: Positive
    """Of the index version as a whole; never carried over."""
    sd_effort: Positive
    """Of one effort."""
    sd_vendor: Positive
    """Of one vendor."""
    sd_vendor_effort: Positive
    """Of one effort of one vendor."""
    sd_release: Positive
    """Of one release."""
    sd_year: Positive
    """Of the slope per year of release date."""
    sd_price: Positive
    """Of the slope per unit of log list price."""
    sd_price_ratio: Positive
    """Of the slope per unit of log (output price : input price)."""
    sd_noise: Positive
    """Of one published total about all the above; never carried over."""


class CostPolicy(Document):
    """Constants of the cost per task."""

    price_agreement: Share
    """Two sources agree when input and output prices differ by at most this share."""
    price_fresh_days: Days = 7
    """How old a source's price may be to count as stated now."""
    price_table_fresh_days: Days = 35
    """The same for the installed price table, by the newest date it knows."""
    price_believed_fall: Share = 0.25
    """How far below the baseline a price is believed that nobody confirms."""
    price_believed_rise: Annotated[float, Field(gt=1)] = 4.0
    """By which factor a catalogue may rise before somebody must confirm it."""
    price_unit_slip: Annotated[float, Field(gt=1)] = 100.0
    """By which factor no price of one thing differs from another: a unit was mistaken."""
    price_ask_unseen_days: Days = 21
    """After how many days without a fresh statement a person is asked."""
    price_ask_again_days: Days = 28
    """How long an approval answers for a price that was not used, while it is still stated."""
    fee_usd_per_task: Annotated[float, Field(ge=0)]
    """What a router charges for each task on top of the tokens."""
    effort_ladder: dict[str, Positive]
    """Output plus reasoning tokens by effort, relative to a non-reasoning answer (grade 3b)."""
    log_sd: dict[str, LogSd]
    """Standard deviation of log cost by grade."""
    index_task_tokens_in: Positive
    """Input tokens of one index task, to read a published dollar total as a multiplier (grade 2b)."""
    index_task_tokens_out: Positive
    """Output tokens of one index task at no reasoning."""
    pooled: PooledPolicy | None = None
    """Absent: nothing is learnt from other variants' dollars (grades 2b and 3b alone)."""


class WorthPolicy(Document):
    """What a router asks a pool for, as shares of what a set of members is worth (method section 6)."""

    default: Share
    """Of the best member at the tier's own price of an answer."""
    simple: Share
    """Of the best member for simple requests."""
    complex: Share
    """Of the best member for complex requests."""
    stand_in: Share
    """Of the best member of another vendor than the default's."""
    spare: Share
    """Of every member's own value."""


class ChangePolicy(Document):
    """When a pool may change (method section 7)."""

    swap_intervals: Positive
    """How many measurement intervals a swap must add, and a member must be ahead to change its rank."""
    least_gain_per_100: Annotated[float, Field(ge=0)]
    """Answers per 100 requests that a swap must add to the pool at least."""
    cooldown_weeks: Annotated[int, Field(ge=0, le=520)]
    """For how long a variant that left a tier stays out of it."""
    missing_runs: Annotated[int, Field(ge=0)]
    """Runs an incumbent that is missing from the data is carried before it becomes a question."""


class MemoryPolicy(Document):
    """How far the evidence of an answered change must move before it is asked again (method section 7.6)."""

    gain_per_100: Positive = 2.0
    """Answers per 100 requests, quality and cost together at the tier's own price of an answer, that it must
    be worth more than then, against whom it would replace. Over seven real weeks nine of ten contenders
    within 5 answers of a member moved by less in a week, and six of seven in four weeks."""


class TierPolicy(Document):
    """One tier: floor, ceiling, worth of an answer, size and constraints."""

    evidence: str
    """Which of the tables `evidence` the tier believes."""
    floor_elo_below_reference: Annotated[float, Field(ge=0)]
    """How far below the reference models quality may be, in Elo points."""
    floor_probability: Share
    """Least probability that the variant's quality is above the floor."""
    ceiling_usd_per_task: Positive | None = None
    """Cap on the cost of one task; none: no cap."""
    ceiling_list_usd_per_mtok: Positive | None = None
    """Cap on the blended list price (3 input : 1 output), for comparison with published baselines."""
    lambda_usd: Positive
    """What one more acceptable answer is worth, in dollars per task."""
    k: Annotated[int, Field(ge=1)]
    """Members at most."""
    min_context_tokens: Annotated[int, Field(ge=0)] = 0
    """Least context window of a member."""
    needs_tools: bool = False
    """Members must be known to use tools."""
    needs_vision: bool = False
    """Members must be known to take images."""
    open_weights_only: bool = False
    """Members must have open weights."""
    vendors_allowed: tuple[str, ...] = ()
    """Empty means all."""
    vendors_denied: tuple[str, ...] = ()
    """Their variants stay out of the tier."""
    regions_allowed: tuple[str, ...] = ()
    """Words of the table `regions`; a route elsewhere is not used. Empty means all."""
    licences_allowed: tuple[str, ...] = ()
    """Words of the table `licences`, or `proprietary`. Empty means all."""
    retirement_days: Annotated[int, Field(ge=0, le=36_500)]
    """How long before its announced end a member leaves."""


class ConcentrationPolicy(Document):
    """How much of all tiers together one vendor may hold."""

    members_per_vendor: Annotated[int, Field(ge=1)] | None = None
    """Places over all tiers; without it: no limit beyond each tier's own."""
    share_of_tiers_led: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of the tiers whose first place one vendor may hold, at least one tier; without it: no limit."""


class Policy(Document):
    """The whole policy file."""

    format: Annotated[int, Field(ge=2, le=2)]
    """Number of the file's form."""
    name: str
    """Printed on every proposal."""
    seed: Annotated[int, Field(ge=0)]
    """Of the draws: the same inputs and seed give the same bytes."""
    draws: Annotated[int, Field(ge=100, le=100_000)]
    """Draws behind every probability."""
    pool_valid_days: Days
    """How long a published pool is valid."""
    review_days: Days = 7
    """After how many days without an answer `status --check` calls a proposal late."""
    review_questions: Annotated[int, Field(ge=1)] | None = None
    """Swaps and rises that a week asks about at most, those of most money first; the rest is carried to
    later weeks. None: all."""
    routes: tuple[str, ...]
    """Which routes the operator can use; a variant needs at least one: `litellm`, `openrouter`."""
    bands: dict[str, Positive]
    """Multiplier of lambda by difficulty of the request: simple, medium, complex."""
    evidence: dict[str, Evidence]
    """By name: which boards a tier may believe."""
    quality: QualityPolicy
    """How two boards become one scale."""
    cost: CostPolicy
    """How a task gets its price."""
    worth: WorthPolicy
    """What a set of members is worth."""
    change: ChangePolicy
    """When a pool may change."""
    memory: MemoryPolicy = MemoryPolicy()
    """When an answered change is asked again."""
    task_mix: tuple[TaskKind, ...]
    """Kinds of task of the operator's mix; their shares add up to 1."""
    task_mixes: dict[str, tuple[TaskKind, ...]] = Field(default_factory=dict)
    """Further mixes by name, for evidence that names one."""
    regions: dict[str, str] = Field(default_factory=dict)
    """Where an endpoint runs, in the operator's words, by the beginning of a route: `openrouter`,
    `litellm:mistral`, `litellm:azure/gpt-5.6`; the longest one that fits speaks."""
    licences: dict[str, str] = Field(default_factory=dict)
    """Licence of open weights, in the operator's words, by family."""
    concentration: ConcentrationPolicy = ConcentrationPolicy()
    """Limits of one vendor over all tiers."""
    volume: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """Requests a month by tier: the page then says what a month costs. It decides nothing."""
    tiers: dict[str, TierPolicy]
    """By name: what each tier asks for."""

    @property
    def mixes(self) -> dict[str, tuple[TaskKind, ...]]:
        """Return every mix by its place in the file: `task_mix`, `task_mixes.NAME`."""
        return {"task_mix": self.task_mix} | {f"task_mixes.{n}": m for n, m in self.task_mixes.items()}

    def with_merged(self, *, merged: bool | None) -> Self:
        """Return the policy for boards that were merged last time, or were not; None: nothing is known."""
        if merged is None:
            return self
        least = self.quality.min_r2 + (-self.quality.r2_band if merged else self.quality.r2_band)
        return self.model_copy(update={"quality": self.quality.model_copy(update={"min_r2": least})})

    def paying_for(self, evidence: str) -> Self:
        """Return the policy as one evidence sees it: its own mix is the task mix."""
        name = self.evidence[evidence].task_mix
        return self if name is None else self.model_copy(update={"task_mix": self.task_mixes[name]})

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for place, mix in self.mixes.items():
            total = sum(kind.share for kind in mix)
            if not math.isclose(total, 1.0):
                raise ValueError(f"the shares of {place} add up to {total}, not 1")
        for name, tier in self.tiers.items():
            if tier.evidence not in self.evidence:
                raise ValueError(f"tiers.{name}.evidence names {tier.evidence!r}, which is not defined")
        for name, evidence in self.evidence.items():
            source_of(evidence.arena)
            source_of(evidence.index)
            if evidence.task_mix is not None and evidence.task_mix not in self.task_mixes:
                raise ValueError(
                    f"evidence.{name}.task_mix names {evidence.task_mix!r}, which is not defined"
                )
        if set(self.bands) != {"simple", "medium", "complex"}:
            raise ValueError(f"bands must be simple, medium and complex, are {sorted(self.bands)}")
        return self


Loss = Annotated[float, Field(ge=0)]
ByAge = dict[str, tuple[Loss, ...]]
"""By tier: what is lost at each age."""


class Lateness(Document):
    """Measured on past weeks: an estimate, never a rule."""

    format: Annotated[int, Field(ge=1, le=1)]
    """Number of the file's form."""
    age_weeks: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    """Ages of a pool, in weeks, ascending."""
    answers_lost: ByAge = Field(default={})
    """Answers per 100 requests, at the tier's own price of an answer."""
    elo_lost: ByAge = Field(default={})
    """Elo points, in files from before `answers_lost`."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if any(one >= two for one, two in pairwise(self.age_weeks)):
            raise ValueError(f"age_weeks must ascend, are {list(self.age_weeks)}")
        for name, by_tier in (("answers_lost", self.answers_lost), ("elo_lost", self.elo_lost)):
            for tier, lost in by_tier.items():
                if len(lost) != len(self.age_weeks):
                    count = len(self.age_weeks)
                    raise ValueError(f"{name}.{tier} has {len(lost)} numbers for {count} ages")
        return self

    def lost_in(self, by_tier: ByAge, tiers: Collection[str], weeks: int) -> tuple[tuple[str, float], ...]:
        """Estimate what each tier's pool has lost at an age; a tier that was not measured is left out.

        Linear between the measured ages, from nothing at week 0; beyond the last one, what is lost there.

        Args:
            by_tier: `answers_lost` or `elo_lost`.
            tiers: Those that are asked about.
            weeks: Age of the pool, from 0 on.
        """
        return tuple((tier, self._loss_after(lost, weeks)) for tier, lost in by_tier.items() if tier in tiers)

    def _loss_after(self, lost: tuple[float, ...], weeks: int) -> float:
        points = [(0, 0.0), *zip(self.age_weeks, lost, strict=True)]
        for (young, less), (old, more) in pairwise(points):
            if weeks <= old:
                return less + (more - less) * (weeks - young) / (old - young)
        return points[-1][1]
