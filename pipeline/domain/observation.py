"""Defines what sources say, before anyone decides whom they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import sha256_hex

if TYPE_CHECKING:
    from datetime import date, datetime

    from pipeline.domain.ids import MetricName, Sha256, SourceKey, SourceModelName, SourceName


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """The bytes one request returned, before anyone understood them; never changed."""

    source: SourceName
    url: str
    """Where it came from: `https://...`, or `file:` and a path inside or below the workspace."""
    fetched_at: datetime
    status: int
    """HTTP status; 200 for a file that was read."""
    body: bytes
    etag: str | None = None
    """What the source calls this state of its answer, for asking whether it is still so."""
    last_modified: str | None = None
    """Since when it is so, in the source's own words."""

    @property
    def sha256(self) -> Sha256:
        """Name of the capture on disk and its key in the database."""
        return sha256_hex(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One number, published by one source, about one of its model names."""

    source: SourceName
    key: SourceKey
    name: SourceModelName
    """Verbatim. Cleaning a name is a judgement, and judgements live in `identity`."""
    metric: MetricName
    scale: str
    """Board or index version the value belongs to; values of two scales are never mixed."""
    value: float
    low: float | None
    """Lower end of the published 95 % interval, in the unit of `metric`."""
    high: float | None
    votes: int | None
    estimated: bool = False
    """The source says itself that it did not measure this value, or calls it preliminary."""
    observed_on: date
    """The day the source says the value is of; the day of the fetch where it says nothing."""
    capture: Sha256

    def __post_init__(self) -> None:
        """Refuse what cannot be a measurement; an ordered finite interval, the common case, returns first."""
        low, high = self.low, self.high
        if low is None or high is None or not -math.inf < low <= self.value <= high < math.inf:
            self._refuse_value()
        if self.votes is not None and self.votes < 0:
            raise ValueError(f"{self.name}: {self.votes} votes")

    def _refuse_value(self) -> None:
        """Say what is wrong with a value and its bounds, if anything is."""
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{self.name}: {self.metric} is {number}")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"{self.name}: {self.value} is outside [{self.low}, {self.high}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """Prices of a request whose prompt has at least so many tokens, in micro-dollars per million tokens."""

    from_tokens: int
    input: int
    output: int
    cached: int | None
    """None: cached input is billed as input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterPrice:
    """Prices that a source announces for a day to come, in micro-dollars per million tokens."""

    on: date
    input: int
    output: int
    cached: int | None
    steps: tuple[PriceStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """List price of one model name at one source, in micro-dollars per million tokens.

    None means unknown. Zero is kept as a claim that somebody must support: it is never cheap.
    """

    source: SourceName
    key: SourceKey
    name: SourceModelName
    input_microusd_per_mtok: int | None
    output_microusd_per_mtok: int | None
    cache_read_microusd_per_mtok: int | None
    observed_on: date
    capture: Sha256
    note: str = ""
    """What an operator must know to read the price, e.g. `peak hours`; empty when nothing."""
    steps: tuple[PriceStep, ...] = ()
    """Prices by size of the prompt, the smallest size first."""
    later: tuple[LaterPrice, ...] = ()
    """Announced prices, the first day first."""

    @property
    def amounts(self) -> tuple[int | None, int | None, int | None]:
        """Of input, output and cached input, in micro-dollars per million tokens."""
        return self.input_microusd_per_mtok, self.output_microusd_per_mtok, self.cache_read_microusd_per_mtok

    def __post_init__(self) -> None:
        """Refuse a negative price; a source's sentinel is unknown, not cheap."""
        for amount in self.amounts:
            if amount is not None and amount < 0:
                raise ValueError(f"{self.name}: price {amount} microusd per Mtok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model as one source lists it: the evidence for who is meant and what it can do."""

    source: SourceName
    key: SourceKey
    name: SourceModelName
    organization: str | None = None
    licence: str | None = None
    released_on: date | None = None
    context_tokens: int | None = None
    input_modalities: tuple[str, ...] | None = None
    tools: bool | None = None
    retires_on: date | None = None


class Severity(StrEnum):
    """How much a finding asks of the reader."""

    NOTE = "note"
    """Good to know."""
    WARN = "warn"
    """Read before approving."""
    HOLD = "hold"
    """The source's new data is not used; its last good data is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a room noticed and a person should see."""

    kind: str
    """A stable word for machines, e.g. `drift`, `duplicate-name`, `scale-change`, `price-conflict`."""
    severity: Severity
    subject: str
    """Source, model name or variant the finding is about."""
    message: str
    """One sentence with the values seen."""
    reason: str = ""
    """Of a source that is held: what is wrong with its answer, without what is used instead."""
    kept_from: str = ""
    """Of a held row: digest of the capture whose value it keeps; in an earlier release's document its
    first 12 digits."""


class PriceRole(StrEnum):
    """What the prices of a source may do (method section 4a)."""

    NONE = "none"
    """It states none."""
    FIRST_HAND = "first-hand"
    """They can make a price."""
    THIRD_OPINION = "third-opinion"
    """They confirm or contradict what another source states; they never make a price by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything one source said in one fetch, parsed."""

    source: SourceName
    scale: str
    """Index version or board of the scores, e.g. `aa-4.1`, `arena-text-style-control`; empty for prices."""
    published_on: date | None
    fetched_at: datetime
    captures: tuple[Sha256, ...]
    observations: tuple[Observation, ...] = ()
    prices: tuple[Price, ...] = ()
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    price_role: PriceRole = PriceRole.NONE
    """What its prices may do, as its source's spec says."""


HELD: Final = "held"
"""Kind of the finding about a source whose new data is not used."""

HELD_NEWER: Final = "held-newer"
"""Kind of the finding about new data that is not used, while data that a person accepted is."""

NOT_ASKED: Final = "not-asked"
"""Kind of the finding about a source that this run did not ask."""

SILENT: Final = "silent"
"""Kind of the finding about a source that has never delivered usable data."""

HELD_ROW: Final = "held-row"
"""Kind of the finding about a row that keeps its approved value."""

CARRIED: Final = "incumbent-carried"
"""Kind of the finding about a member that this week's data does not hold."""

QUESTION: Final = "incumbent-missing"
"""Kind of the finding that asks the reviewer whether a member that no data names should stay."""

ENDS: Final = "incumbent-ends"
"""Kind of the finding about a member whose announced end is near, past, or before the pool expires."""

LARGE: Final = "large"
"""Kind of the finding about a tier whose default changes, or more than one of its places."""

TIER_REMOVED: Final = "tier-dropped"
"""Kind of the finding about a tier that the pool in force has and the policy has not."""

ANSWERED: Final = "change-answered"
"""Kind of the finding about a change that is not proposed because a person answered it."""

CARRIED_CHANGE: Final = "change-carried"
"""Kind of the finding about a change that is left to a later week, because the policy asks fewer."""

ASKED_PRICE: Final = "price-asked"
"""Kind of the finding that asks which of two prices counts."""

NAME_JUDGED: Final = "name-judged"
"""Kind of the finding about a name whose meaning was judged since the pool in force, and moves a place."""

CLOCK: Final = "clock"
"""Kind of the finding about a server whose clock is far from this machine's."""

OLD_DATA: Final = "stale-content"
"""Kind of the finding about a source whose data in use is older than the expectations allow."""

ARENA_ATTRIBUTION: Final = "Leaderboard data by LMArena (lmarena-ai/leaderboard-dataset, CC-BY-4.0)"
INDEX_ATTRIBUTION: Final = "Scores and prices by Artificial Analysis (https://artificialanalysis.ai/)"
SCORE_ATTRIBUTION: Final = (ARENA_ATTRIBUTION, INDEX_ATTRIBUTION)
"""Licences ask for these; the sources' others are named so that a number can be traced."""
