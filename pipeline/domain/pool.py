"""The pool a router loads: a versioned document without floats."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue
from pydantic.json_schema import SkipJsonSchema

from pipeline.domain.document import DayText, DecimalText, DigestText, Document, MomentText, WeekText
from pipeline.domain.loss import VendorLoss
from pipeline.domain.names import TierName, VariantId

POOL_FORMAT = 1
"""Number of the pool file's format; FORMAT.md has its history."""

Count = Annotated[int, Field(ge=0)]


def _unsaid(value: object) -> bool:
    """Tell that a field of later versions is absent: it is not written, so older files keep their bytes."""
    return value is None


def _without_default(schema: dict[str, JsonValue]) -> None:
    schema.pop("default", None)


class PriceLine(Document):
    """List price in micro-dollars per million tokens."""

    input_microusd_per_mtok: Count
    output_microusd_per_mtok: Count
    cache_read_microusd_per_mtok: Count | None
    sources: tuple[str, ...]
    note: str


class Member(Document):
    """One variant of one tier, in rank order."""

    rank: Annotated[int, Field(ge=1)]
    variant: str
    vendor: str
    family: str
    release: str
    effort: str
    routes: dict[str, str]
    """Router name to model id, e.g. {"litellm": "openai/gpt-5.6-sol"}."""
    key_env: str | None
    reasoning_effort: str | None
    """What to send as `reasoning_effort`; None: send nothing."""
    price: PriceLine
    usd_per_task: DecimalText
    cost_grade: str
    quality: DecimalText
    """P(preferred to the reference)."""
    quality_low: DecimalText
    quality_high: DecimalText
    acceptable_answers_per_usd: DecimalText
    """QPD = 1 / E, the headline number."""
    utility_low: DecimalText
    """Lower end of the 95 % interval of U, in dollars per task."""
    utility_high: DecimalText
    inclusion_probability: DecimalText
    floor_probability: DecimalText
    rank_low: Count
    """Best rank in 95 % of the draws; 0 when it was never eligible in a draw."""
    rank_high: Count
    context_tokens: int | None
    tools: bool | None
    vision: bool | None
    retires_on: DayText | None
    stale: bool
    """Carried from the published pool: this week's data does not hold it."""
    fragile: tuple[str, ...] | SkipJsonSchema[None] = Field(
        default=None, exclude_if=_unsaid, json_schema_extra=_without_default
    )
    """Doubts under which it would leave, e.g. `tau doubled`; empty: robust; None, not written: not
    recomputed, as in pools from before this field."""


class TierPool(Document):
    """One tier's ordered members and the order per difficulty of the request."""

    evidence: str
    k: Annotated[int, Field(ge=1)]
    members: tuple[Member, ...]
    bands: dict[str, tuple[str, ...]]
    """simple, medium, complex: the members' ids, cheapest able one first."""


class Base(Document):
    """The published version a pool follows."""

    version: Annotated[int, Field(ge=1)]
    sha256: DigestText
    """Digest of that version's `signed` part."""


class Pool(Document):
    """What is approved byte for byte: the `signed` part of `data/pools/vNNNN.json`."""

    format: Literal[1]
    version: Annotated[int, Field(ge=1)]
    week: WeekText
    as_of: MomentText
    expires_on: DayText
    """From this day a router raises an alarm and keeps serving."""
    base: Base | None
    """None for the first version."""
    policy_sha256: DigestText
    audit_head: DigestText | None
    """Digest of the last decision on record when this pool was proposed."""
    tiers: dict[str, TierPool]
    attribution: tuple[str, ...]


Lineup = Mapping[TierName, tuple[VariantId, ...]]


def lineup(pool: Pool | None) -> dict[TierName, tuple[VariantId, ...]]:
    """Reduce a pool to tier -> variants in rank order; empty for no pool."""
    if pool is None:
        return {}
    return {
        TierName(name): tuple(VariantId(member.variant) for member in tier.members)
        for name, tier in pool.tiers.items()
    }


class Cause(StrEnum):
    """What a change is attributed to."""

    FIRST = "first"
    """There was no pool, or no such tier."""
    SCORE = "score"
    PRICE = "price"
    SCALE = "scale"
    NEW = "new"
    """Not in the last run's data: a new model or a new judgement."""
    DOMINATED = "dominated"
    RETIRED = "retired"
    RETIRING = "retiring"
    """Its announced end is near, and a successor takes its place while it still answers."""
    CONSTRAINT = "constraint"
    MISSING = "missing"
    VACANCY = "vacancy"
    ORDER = "order"


class Move(Document):
    """A variant whose presence or rank in a tier differs."""

    tier: str
    variant: str
    rank_before: Annotated[int, Field(ge=1)] | None
    rank_after: Annotated[int, Field(ge=1)] | None


class Change(Move):
    """A move with its reason."""

    cause: Cause
    reason: str
    """One sentence with the numbers that decided, and what would have to differ to decide otherwise."""
    usd_per_task_before: DecimalText | None
    """Cost per task of who held the place before, where known."""
    usd_per_task_after: DecimalText | None


class Standing(Document):
    """Where one variant stands in one tier this week: member, candidate or left out, and why."""

    variant: str
    verdict: Literal["member", "candidate", "excluded"]
    rule: str | None
    """The first rule that excluded it, e.g. `price_unknown`, `floor`, `ceiling`, `family`."""
    detail: str
    theta_elo: DecimalText | None
    """Elo points above the anchor."""
    quality: DecimalText | None
    quality_low: DecimalText | None
    quality_high: DecimalText | None
    usd_per_task: DecimalText | None
    cost_grade: str | None
    expected_usd: DecimalText | None
    """E: cost per task when a miss costs lambda."""
    acceptable_answers_per_usd: DecimalText | None
    inclusion_probability: DecimalText | None
    floor_probability: DecimalText | None
    rank_low: int | None
    rank_high: int | None
    usd_per_task_low: DecimalText | None = Field(default=None, exclude_if=_unsaid)
    """Lower end of the 80 % interval of the dollars per task; None where nothing is known of the cost, and in
    proposals from before this field."""
    usd_per_task_high: DecimalText | None = Field(default=None, exclude_if=_unsaid)


class HullPoint(Document):
    """A vertex of the upper convex hull of quality over cost."""

    variant: str
    usd_per_task: DecimalText
    quality: DecimalText
    next_answer_usd: DecimalText | None
    """What one more acceptable answer costs when stepping up to this vertex; None for the first."""


class TierReport(Document):
    """Everything the page says about one tier."""

    evidence: str
    floor_quality: DecimalText
    ceiling_usd_per_task: DecimalText | None
    lambda_usd: DecimalText
    standings: tuple[Standing, ...]
    hull: tuple[HullPoint, ...]
    large: bool
    """More voluntary swaps than the policy allows at once."""
    losses: tuple[VendorLoss, ...] | None = Field(default=None, exclude_if=_unsaid)
    """By vendor, those with most places first; None in proposals from before the drill."""
