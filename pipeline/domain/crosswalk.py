"""Defines variants, the human judgements that name them, and what follows from both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.effort_parameters import LITELLM, OPENROUTER, parameters_sent
from pipeline.domain.price import PriceRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.effort_parameters import Send
    from pipeline.domain.ids import Sha256, SourceKey, SourceModelName, SourceName, VariantId
    from pipeline.domain.observation import Entry, Finding, Observation, Price


_JUDGED_FOR: Final = timedelta(weeks=26)
"""How long a person's price holds where its line states no end: half a year, then somebody reads it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A line of `data/crosswalk/variants.csv`: what is scored, priced and routed."""

    id: VariantId
    vendor: str
    family: str
    """Siblings that a pool should not hold twice, e.g. `gpt-5.6-sol` at every effort."""
    release: str
    effort: str
    """none, minimal, low, medium, high, xhigh, max, on (reasons, no level), default (not stated)."""
    released_on: date | None = None
    open_weights: bool = False
    context_tokens: int | None = None
    """People's word where no catalogue says it."""
    litellm: str | None = None
    """Route as LiteLLM dispatches it, e.g. `openai/gpt-5.6-sol`."""
    openrouter: str | None = None
    """Route and catalogue id at OpenRouter, e.g. `openai/gpt-5.6-sol`."""
    genai_prices: str | None = None
    """`provider:model` in the genai-prices table, e.g. `openai:gpt-5.6-sol`."""
    key_env: str | None = None
    """Environment variable the LiteLLM route reads its key from."""
    retires_on: date | None = None
    litellm_effort: str | None = None
    """What LiteLLM is sent (see `effort_parameters`); None: it cannot express the effort, or nobody knows."""
    openrouter_effort: str | None = None
    effort_reason: str | None = None
    """Why it is sent this way, or cannot be."""

    @property
    def models(self) -> Mapping[str, str]:
        """The routes that sell the release, with its name there; whether they sell this effort or not."""
        known = {LITELLM: self.litellm, OPENROUTER: self.openrouter}
        return {route: model for route, model in known.items() if model}

    @property
    def effort_cells(self) -> Mapping[str, str | None]:
        """What each route is sent, as it is written; None where the route cannot express the effort."""
        return {LITELLM: self.litellm_effort, OPENROUTER: self.openrouter_effort}

    def send(self, route: str) -> Send | None:
        """Return the parameters that buy this effort through a route; None where it cannot be bought."""
        cell = self.effort_cells[route]
        return None if cell is None or route not in self.models else parameters_sent(route, cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A line of `data/crosswalk/judgements.csv`; the last line for a source key is in force."""

    source: SourceName
    key: SourceKey
    name: SourceModelName
    variant: VariantId | None
    """None is an answer too: this name is known and deliberately not routed."""
    decided_on: date
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPrice:
    """A line of `data/crosswalk/prices.csv`: a person read the vendor's price page."""

    release: str
    input_microusd_per_mtok: int
    output_microusd_per_mtok: int
    cache_read_microusd_per_mtok: int | None
    valid_from: date
    valid_until: date | None = None
    """The last day on which it holds; None: 26 weeks after the first."""
    source_url: str
    decided_by: str
    reason: str

    def holds_on(self, day: date) -> bool:
        """Return whether it is valid on a day."""
        return self.valid_from <= day <= (self.valid_until or self.valid_from + _JUDGED_FOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """The judgements and prices that people wrote, as they were on a day."""

    variants: Mapping[VariantId, Variant]
    judgements: Mapping[tuple[SourceName, SourceKey], Judgement]
    prices: Mapping[str, tuple[JudgedPrice, ...]]
    """By release, every line in the order of the file."""
    sha256: Sha256
    """Digest of the files it was read from."""
    withdrawn: frozenset[tuple[SourceName, SourceKey]] = frozenset()
    """Names whose judgement a person took back: open, and only a person answers them again."""
    affirmed: frozenset[tuple[SourceName, SourceKey]] = frozenset()
    """Names of which the last line says what the line before it said: a person was asked again."""

    def price_of(self, release: str) -> JudgedPrice | None:
        """Return the judged price of a release: the latest by `valid_from`, of two of one day the later line.

        A line that is not valid on the day counts here too; `crosswalk.load.valid_on` leaves it out.
        """
        lines = self.prices.get(release, ())
        return max(reversed(lines), key=lambda line: line.valid_from, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An observation whose variant is known."""

    variant: VariantId
    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueOffer:
    """A price whose variant is known."""

    variant: VariantId
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A variant an open name might mean; ranked, never accepted by itself."""

    variant: VariantId
    evidence: str
    share: float = 0.0
    """How much of the words both have in common (Dice): 1 for all, 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionalMatch:
    """An unjudged name that spells exactly one variant to the letter.

    Without a doubt it is *provisional*: this run uses it, its proposal lists it, and it becomes a judgement
    only where a person approves that proposal.
    """

    source: SourceName
    key: SourceKey
    name: SourceModelName
    variant: VariantId
    evidence: tuple[str, ...]
    """What speaks for it, in words."""
    doubts: tuple[str, ...] = ()
    """What speaks against it; with one doubt the name stays open."""
    touches: tuple[str, ...] = ()
    """What the pools do otherwise than without it, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenName:
    """A source name nobody has judged: listed, counted and left out."""

    entry: Entry
    best_value: float | None
    """The name's value on its source's main metric, to rank the queue by what it could change."""
    suggestions: tuple[Suggestion, ...] = ()
    enters: Mapping[str, int] = field(default_factory=dict)
    """The rank it would take by tier, were it a variant of its own at its listed price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the catalogues say a variant's route can do; None where none says."""

    variant: VariantId
    context_tokens: int | None = None
    tools: bool | None = None
    vision: bool | None = None
    retires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """This week's numbers with their variants, and the names nobody has judged."""

    measures: tuple[Measure, ...]
    offers: tuple[CatalogueOffer, ...]
    profiles: Mapping[VariantId, Profile]
    open_names: tuple[OpenName, ...]
    judged_names: int = 0
    """How many source names were judged to mean a variant."""
    unrouted_names: int = 0
    """How many source names were judged to mean nothing we route to."""
    findings: tuple[Finding, ...] = field(default=())
    provisional: tuple[ProvisionalMatch, ...] = ()
    """Names used as the variant they spell, until a person approves or refuses."""
    moved: frozenset[tuple[SourceName, SourceKey]] = frozenset()
    """Judged names whose evidence moved: open until a person says it anew."""
    record: PriceRecord = field(default_factory=PriceRecord)
    """What was settled of prices before, for deciding those of this week."""


@dataclass(frozen=True, slots=True)
class NameFamily:
    """A name's vendor, family and effort; None where the name does not state it."""

    vendor: str | None = None
    family: str | None = None
    effort: str | None = None
    """The reasoning effort it states or is known for; `default`: known to be what the vendor runs unasked."""
