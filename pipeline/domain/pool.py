"""Defines the pool a router loads: a versioned document without floats."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic.json_schema import SkipJsonSchema

from pipeline.domain.document import DayText, DecimalText, DigestText, Document, MomentText, WeekText
from pipeline.domain.ids import TierName, VariantId

POOL_FORMAT = 2
"""Number of the format that is written; FORMAT.md has its history. Format 1 is still read."""

Count = Annotated[int, Field(ge=0)]


def _is_absent(value: object) -> bool:
    """Tell that a field of later versions is absent: it is not written, so older files keep their bytes."""
    return value is None


def _is_empty(value: object) -> bool:
    """Tell that a field of format 2 is absent from a line of format 1."""
    return value == ()


def _without_default(schema: dict[str, JsonValue]) -> None:
    schema.pop("default", None)


RetiredDecimal = Annotated[DecimalText | None, SkipJsonSchema(), Field(exclude_if=_is_absent)]
"""A figure that format 1 states and format 2 does not."""

RetiredNames = Annotated[tuple[str, ...] | None, SkipJsonSchema(), Field(exclude_if=_is_absent)]

Since2 = Annotated[
    DecimalText | SkipJsonSchema[None], Field(exclude_if=_is_absent, json_schema_extra=_without_default)
]
"""A figure that format 2 states and format 1 does not."""


class Purpose(StrEnum):
    """What a member is in the pool for."""

    DEFAULT = "default"
    """Everything a router does not tell apart: the first member."""
    SIMPLE = "simple"
    COMPLEX = "complex"
    STAND_IN = "stand-in"
    """Answers when the default's vendor is down."""
    SPARE = "spare"


class PriceLine(Document):
    """List price in micro-dollars per million tokens."""

    input_microusd_per_mtok: Count
    output_microusd_per_mtok: Count
    cache_read_microusd_per_mtok: Count | None
    sources: tuple[str, ...]
    note: str


class RouteLine(Document):
    """How one router buys the variant: format 2 and later."""

    model: str
    """Name of the release there, e.g. `openai/gpt-5.6-sol`."""
    send: dict[str, JsonValue]
    """Parameters that buy the approved effort there, in the router's own words; empty: nothing to send."""
    price: PriceLine


class Member(Document):
    """One variant of one tier, in rank order."""

    rank: Annotated[int, Field(ge=1)]
    variant: str
    vendor: str
    family: str
    release: str
    effort: str
    routes: dict[str, RouteLine] | dict[str, str]
    """By router name; in format 1 the model id alone, e.g. {"litellm": "openai/gpt-5.6-sol"}."""
    key_env: str | None
    reasoning_effort: Annotated[str | None, SkipJsonSchema()] = None
    """Format 1 only: what every route is sent as `reasoning_effort`; None: nothing."""
    price: PriceLine
    """Of the first route in the policy's order that the member has."""
    usd_per_task: DecimalText
    cost_grade: str
    quality: DecimalText
    """P(preferred to the reference)."""
    quality_low: DecimalText
    quality_high: DecimalText
    acceptable_answers_per_usd: DecimalText
    """QPD = 1 / E, the headline number."""
    utility_low: RetiredDecimal = None
    """Format 1 only: lower end of the 95 % interval of lambda q - C, in dollars per task."""
    utility_high: RetiredDecimal = None
    """Format 1 only."""
    inclusion_probability: RetiredDecimal = None
    """Format 1 only: share of draws among the best k."""
    usd_per_task_low: Since2 = None
    """Lower end of the 80 % interval of the dollars per task; absent: not computed this week."""
    usd_per_task_high: Since2 = None
    serves: tuple[Purpose, ...] = Field(default=(), exclude_if=_is_empty, json_schema_extra=_without_default)
    """What it is in the pool for; never empty from format 2 on."""
    p_close: Since2 = None
    """How sure it is that it belongs: share of draws in which its expected cost at the band it serves is at
    most 5 % above that of the k-th best; absent: not computed, as it is carried from the published pool."""
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
    fragile: RetiredNames = None
    """Format 1 only."""

    @property
    def lines(self) -> dict[str, RouteLine]:
        """The routes as format 2 writes them; empty for a member of format 1."""
        return {name: line for name, line in self.routes.items() if isinstance(line, RouteLine)}

    @property
    def models(self) -> dict[str, str]:
        """Name of the release by router, in either format."""
        return {
            name: line.model if isinstance(line, RouteLine) else line for name, line in self.routes.items()
        }

    @model_serializer(mode="wrap")
    def _as_filed(self, fields: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Write the effort beside the routes in format 1 only, where it may be null."""
        filed: dict[str, object] = fields(self)
        if self.lines or self.serves:
            del filed["reasoning_effort"]
        return filed


class TierPool(Document):
    """One tier's ordered members and the order per difficulty of the request."""

    evidence: str
    k: Annotated[int, Field(ge=1)]
    members: tuple[Member, ...]
    bands: dict[str, tuple[str, ...]]
    """simple, medium, complex: the members' ids, best value at that band first."""


class Base(Document):
    """The published version a pool follows."""

    version: Annotated[int, Field(ge=1)]
    sha256: DigestText
    """Digest of that version's `signed` part."""


class Pool(Document):
    """What is approved byte for byte: the `signed` part of `data/pools/vNNNN.json`."""

    format: Literal[1, 2]
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

    @model_validator(mode="after")
    def _is_of_one_format(self) -> Self:
        """Refuse a member whose fields are of another format than the pool says."""
        for name, tier in self.tiers.items():
            for member in tier.members:
                if (self.format == 1) != (member.inclusion_probability is not None):
                    raise ValueError(f"{name}: {member.variant} is not a member of format {self.format}")
                if len(member.lines) != (0 if self.format == 1 else len(member.routes)):
                    raise ValueError(f"{name}: {member.variant} has not the routes of format {self.format}")
                if self.format > 1 and not member.serves:
                    raise ValueError(f"{name}: {member.variant} serves no purpose")
        return self


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
    """In proposals from before the value rule only."""
    VALUE = "value"
    """Better value than who held the place, although nothing about it moved since the published pool."""
    RETIRED = "retired"
    RETIRING = "retiring"
    """Its announced end is near, and a successor takes its place while it still answers."""
    CONSTRAINT = "constraint"
    MISSING = "missing"
    VACANCY = "vacancy"
    ORDER = "order"
    REMOVED = "removed"
    """The policy has the tier no longer."""
    TIME = "time"
    """Nothing moved but the calendar: an end date came nearer, or the one place that a week may replace."""
    POLICY = "policy"
    NAME = "name"
    """A person judged a name, or edited variants or prices of the crosswalk."""


class Move(Document):
    """A variant whose presence or rank in a tier differs."""

    tier: str
    variant: str
    rank_before: Annotated[int, Field(ge=1)] | None
    rank_after: Annotated[int, Field(ge=1)] | None


class CauseStep(Document):
    """What one cause alone did to a variant's place, after those before it."""

    cause: Cause
    """time, policy, name, scale, score, new or price."""
    rank_before: Annotated[int, Field(ge=1)] | None
    """None: outside the tier."""
    rank_after: Annotated[int, Field(ge=1)] | None


class Change(Move):
    """A move with its reason."""

    cause: Cause
    reason: str
    """One sentence with the numbers that decided, and what would have to differ to decide otherwise."""
    usd_per_task_before: DecimalText | None
    """As the pool in force states it: its own, or of an entrant that of whom it replaces; None: unknown."""
    usd_per_task_after: DecimalText | None
    """Its own in this pool; None for a variant that leaves."""
    replaces: str | None = Field(default=None, exclude_if=_is_absent)
    """The published member whose place an entrant takes; None: nobody's, or an earlier proposal."""
    steps: tuple[CauseStep, ...] = Field(default=(), exclude_if=_is_empty)
    """The causes switched on one after the other, from `rank_before` to `rank_after`; empty for a first pool,
    and where the bytes behind the pool in force are not here."""


class FactChange(Document):
    """A fact of a member that a router bills or routes by, and that changed while the member stays."""

    tier: str
    variant: str
    fact: Literal["price", "routes", "context_tokens", "tools", "vision", "retires_on"]
    before: JsonValue
    """As the pool in force states it."""
    after: JsonValue


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
    inclusion_probability: DecimalText | None = None
    """In proposals from before the value rule only."""
    p_close: DecimalText | None = None
    """As for a member; absent where nothing was drawn."""
    floor_probability: DecimalText | None
    rank_low: int | None
    rank_high: int | None
    usd_per_task_low: DecimalText | None = Field(default=None, exclude_if=_is_absent)
    """Lower end of the 80 % interval of the dollars per task; None where nothing is known of the cost, and in
    proposals from before this field."""
    usd_per_task_high: DecimalText | None = Field(default=None, exclude_if=_is_absent)
    only_board: str | None = Field(default=None, exclude_if=_is_absent)
    """The one board that lists a member, e.g. `aa/coding`, where the tier is judged by two; None: both do, no
    member, or no pool was in force."""

    @model_serializer(mode="wrap")
    def _as_filed(self, fields: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Write only the fields of its own time: earlier proposals keep their bytes."""
        filed: dict[str, object] = fields(self)
        for name in ("inclusion_probability", "p_close"):
            if name not in self.model_fields_set:
                del filed[name]
        return filed


class HullPoint(Document):
    """A vertex of the upper convex hull of quality over cost."""

    variant: str
    usd_per_task: DecimalText
    quality: DecimalText
    next_answer_usd: DecimalText | None
    """What one more acceptable answer costs when stepping up to this vertex; None for the first."""


class Headline(Document):
    """What the member that serves everything gives and costs."""

    variant: str
    acceptable_answers_per_usd: DecimalText
    usd_per_1000_tasks: DecimalText


class OtherPrice(Document):
    """A tier's members if an answer were worth something else."""

    lambda_usd: DecimalText
    variants: tuple[str, ...]
    """In rank order."""


class TierReport(Document):
    """Everything the page says about one tier."""

    evidence: str
    floor_quality: DecimalText
    ceiling_usd_per_task: DecimalText | None
    lambda_usd: DecimalText
    standings: tuple[Standing, ...]
    hull: tuple[HullPoint, ...]
    large: bool
    """The default changes, or more than one place does; in format 1: more swaps than the policy allowed."""
    losses: tuple[VendorLoss, ...] | None = Field(default=None, exclude_if=_is_absent)
    """By vendor, those with most places first; None in proposals that do not say it."""
    default_before: Headline | None = Field(default=None, exclude_if=_is_absent)
    """The published first member with this week's figures; None: there is none."""
    default_after: Headline | None = Field(default=None, exclude_if=_is_absent)
    other_prices: tuple[OtherPrice, ...] = Field(default=(), exclude_if=_is_empty)
    """Members of a first pool at a third and at three times the tier's price of an answer."""


class RemainingTier(Document):
    """A tier without one vendor."""

    variants: tuple[str, ...]
    """In rank order."""
    usd_per_task: DecimalText | None
    """What the first place costs; None when nobody is left."""
    quality_drop_elo: DecimalText | None
    """Elo points by which the best quality falls; below zero where it rises."""


class VendorLoss(Document):
    """An outage: one vendor of a tier is gone. It is shown; nothing is decided by it."""

    vendor: str
    left: RemainingTier
    """Who still answers, with nothing changed."""
    chosen_again: RemainingTier
    """What the tier would become if the rest were the pool in force and the vendor were denied."""
