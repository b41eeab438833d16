"""Defines the price of a route: what sources state, what was settled before, and what is decided of it.

All amounts are micro-dollars per million tokens: 2,500,000 is $2.50 per million.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import LITELLM_PRICES, MODELS_DEV, SourceKey, SourceName

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pipeline.domain.observation import PriceStep

JUDGEMENT: Final = SourceName("judgement")
"""The source of a price that a person read off the vendor's page."""

BASELINE: Final = SourceName("baseline")
"""The source of a price that is kept from before."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class BilledRoute:
    """What is bought: a model at whoever bills it. Routers that reach the same biller share it."""

    catalogue: str
    """The source that is the biller's own catalogue; empty where no source is."""
    model: str
    """As the biller, else the router, calls it; empty for a release that has no route."""
    release: str

    @property
    def name(self) -> str:
        """Write it as people read it, e.g. `openrouter:z-ai/glm-5.2`, `zai/glm-5.2`, or the bare release."""
        if not self.model:
            return self.release
        return f"{self.catalogue}:{self.model}" if self.catalogue else self.model


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAmounts:
    """Input, output and cached input at the dearest hour, with the steps by size of the prompt."""

    input: int
    output: int
    cached: int | None
    """None: cached input is billed as input."""
    steps: tuple[PriceStep, ...] = ()

    @property
    def blended(self) -> int:
        """Three parts input, one part output, times four: for saying which of two is dearer."""
        return 3 * self.input + self.output


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedPrice:
    """A price that holds from a day on."""

    on: date
    amounts: PriceAmounts


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStatement:
    """What one source says a route costs."""

    source: SourceName
    key: SourceKey
    day: date
    amounts: PriceAmounts
    fresh: bool
    """New enough, of a source that is not held."""
    held: bool = False
    """Its source is held, so that it counts for nothing however new it is."""
    accepted: bool = False
    """A person took exactly this price by name."""
    announced: tuple[AnnouncedPrice, ...] = ()
    note: str = ""
    confirms_only: bool = False
    """It never makes a price by itself, whatever it says."""


class PriceCase(StrEnum):
    """Which line of the decision table applies (method section 4a)."""

    JUDGED = "judged"
    """A person's price is valid."""
    ACCEPTED = "accepted"
    """A person took this statement by name."""
    CATALOGUE = "catalogue"
    """The route's catalogue, equal to the baseline or to another source, or the first word on a route."""
    RISE = "rise"
    """The catalogue is dearer than the baseline, and is believed."""
    RISE_ASKED = "rise-asked"
    """It is many times dearer and nobody confirms it: the baseline, and a question."""
    SMALL_FALL = "small-fall"
    """It is cheaper by little; the baseline stays what later falls are measured from."""
    FALL_CONFIRMED = "fall-confirmed"
    """It is much cheaper, and others are below the baseline too: the dearest of them."""
    FALL_ASKED = "fall-asked"
    """It is much cheaper and nobody else says so: the baseline, and a question."""
    TWO_SOURCES = "two-sources"
    """No catalogue bills the route; sources agree."""
    UNCHANGED = "unchanged"
    """No catalogue bills the route; one source speaks and says what was settled."""
    DEAREST = "dearest"
    """No catalogue bills the route and no pair agrees: the dearest statement."""
    NOTHING_FRESH = "nothing-fresh"
    """Nobody states a price now: what was used before."""
    UNEXPLAINED = "unexplained"
    """No reading explains what is stated: the baseline."""
    UNPRICED = "unpriced"
    """There is no price to use."""


SETTLES = frozenset(
    {
        PriceCase.JUDGED,
        PriceCase.ACCEPTED,
        PriceCase.FALL_CONFIRMED,
        PriceCase.TWO_SOURCES,
    }
)
"""Cases that make a new baseline, up or down; a catalogue alone only raises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPrice:
    """What the published pool was made with, for one route."""

    used: PriceAmounts
    baseline: PriceAmounts
    """The last price settled by a catalogue, two sources or a person; a newcomer's first price."""
    seen_on: date
    """The last day on which a fresh source stated it."""
    declined: PriceAmounts | None = None
    """Another price that a person was asked about, and approved the pool without."""
    declined_on: date | None = None
    """The day on which a person was asked, about that price or about one that nobody states any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRecord:
    """What a run knows of prices besides what sources state; empty for a new workspace."""

    on: date | None = None
    """The day of the run; None: the day of the newest statement."""
    until: date | None = None
    """The last day of a pool that is made on it; None: the same day."""
    settled: Mapping[BilledRoute, SettledPrice] = field(default_factory=dict)
    accepted: Mapping[tuple[SourceName, SourceKey], tuple[int | None, int | None]] = field(
        default_factory=dict
    )
    """Input and output that a person took by name, by source and key."""
    held: frozenset[SourceName] = frozenset()
    """Sources whose new data is not used."""
    third_opinions: frozenset[SourceName] = frozenset({LITELLM_PRICES, MODELS_DEV})
    """Sources that confirm or contradict what another one states; they never make a price by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDecision:
    """One decision per route and week."""

    route: BilledRoute
    case: PriceCase
    used: PriceAmounts | None
    """None: there is no price; `reason` says why."""
    sources: tuple[SourceName, ...] = ()
    """Who states the price that is used."""
    before: SettledPrice | None = None
    baseline: PriceAmounts | None = None
    """What later weeks measure from."""
    seen_on: date | None = None
    statements: tuple[PriceStatement, ...] = ()
    unexplained: tuple[SourceName, ...] = ()
    """Fresh sources whose figures no reading explains; they count for nothing."""
    other: PriceAmounts | None = None
    """The price that is not used and that a person is asked about."""
    asked: bool = False
    """Nobody answered yet whether `other` is to be used."""
    announced: AnnouncedPrice | None = None
    """A dearer price inside the validity of the pool: it counts already."""
    reason: str = ""
    """price_unknown, price_zero or price_conflict where nothing is used."""
    detail: str = ""

    @property
    def counted(self) -> PriceAmounts | None:
        """What a task is costed at: the announced price where it is dearer and near."""
        return self.announced.amounts if self.announced else self.used
