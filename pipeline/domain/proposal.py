"""Defines the proposal that a person decides on, and the decision."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from unicodedata import category

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from pipeline.domain.answers import AnswerKind, Direction
from pipeline.domain.document import DayText, DecimalText, DigestText, Document, MomentText, WeekText
from pipeline.domain.escape import escape_name
from pipeline.domain.pool import Change, FactChange, Pool, Standing, TierReport
from pipeline.domain.run_inputs import InputDigest
from pipeline.errors import UsageError

Count = Annotated[int, Field(ge=0)]


def _is_absent(value: object) -> bool:
    """Tell that a later field says nothing: proposals without it keep their bytes."""
    return not value


Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class FindingLine(Document):
    """A finding as the proposal shows it."""

    kind: str
    severity: Literal["note", "warn", "hold"]
    subject: str
    message: str
    reason: str = Field(default="", exclude_if=_is_absent)
    """Of a source that is held: what is wrong with its answer; empty in documents of earlier releases."""
    kept_from: str = Field(default="", exclude_if=_is_absent)
    """Of a held row: digest of the capture whose value it keeps; empty in documents of earlier releases."""


class OpenNameLine(Document):
    """An open name as the proposal lists it."""

    source: str
    key: str
    name: str
    value: DecimalText | None
    suggestions: tuple[str, ...]
    enters: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict, exclude_if=_is_absent)
    """The rank it would take by tier, were it a variant of its own at its listed price; empty: none, nobody
    prices it, or an earlier proposal."""


class ProvisionalLine(Document):
    """A name used as the variant it spells; approving the proposal writes it down as a judgement."""

    source: str
    key: str
    name: str
    variant: str
    evidence: tuple[str, ...]
    touches: tuple[str, ...]
    """What the pools do otherwise than without it; empty: nothing."""


class FitLine(Document):
    """How an index was equated with the Arena."""

    evidence: str
    metric: str
    scale: str
    n: int
    r2: DecimalText
    tau_elo: DecimalText
    merged: bool


class ProposalKind(StrEnum):
    """Why a person is asked."""

    FIRST = "first"
    """No pool is in force."""
    CHANGE = "change"
    """A variant enters, leaves or changes its rank."""
    QUESTION = "question"
    """Nothing changes, but a member's absence, or which of two prices counts, is a question."""
    FACTS = "facts"
    """The members stay; a price, a route, a capability or an end date of one changed."""
    RENEWAL = "renewal"
    """Nothing changed, and the pool in force would expire before the next run."""


class AmountsLine(Document):
    """Prices in micro-dollars per million tokens, at the dearest hour."""

    input: Count
    output: Count
    cached: Count | None
    steps: tuple[tuple[Count, Count, Count, Count | None], ...] = ()
    """From how many tokens of prompt on, then input, output and cached input."""


class RoutePriceLine(Document):
    """The price of one route as this week decided it; a later week measures from it once it is published."""

    catalogue: str
    """The source that bills the route; empty where none does."""
    model: str
    release: str
    case: str
    """The line of the decision table, e.g. `catalogue`, `fall-asked`."""
    used: AmountsLine
    baseline: AmountsLine | None
    """What later falls are measured from; None: what is used."""
    seen_on: DayText
    other: AmountsLine | None
    """A stated price that is not used: approving the proposal declines it for a while."""
    asked_on: DayText | None
    """The day on which a person was first asked about it; None: nobody is."""
    announced_on: DayText | None
    announced: AmountsLine | None
    """A dearer price inside the validity of the pool, which tasks are costed at already."""


class MemberSpend(Document):
    """Dollars that the answers of one member really cost."""

    variant: str
    answers: Annotated[int, Field(ge=1)]
    usd_per_answer: DecimalText
    projected_usd_per_task: DecimalText
    """Of the pool in force."""


class TierSpend(Document):
    """Dollars that answers really cost, beside what the pool in force projects for its members.

    An answer counts in each tier that holds its variant: a spend log names who answered, not for which tier.
    """

    tier: str
    answers: Annotated[int, Field(ge=1)]
    usd_per_answer: DecimalText
    projected_usd_per_task: DecimalText
    """Of the members that answered, as often as they did."""
    members: tuple[MemberSpend, ...]


class Coverage(Document):
    """What became of the sources' names."""

    judged: int
    not_routed: int
    open: int


class Proposal(Document):
    """Candidate pool, diff against the published pool, and the digest of every input."""

    format: Literal[1]
    week: WeekText
    attempt: Annotated[int, Field(ge=1)]
    as_of: MomentText
    seed: int
    inputs: tuple[InputDigest, ...]
    pool: Pool
    """Exactly what would be published."""
    pool_sha256: DigestText
    """Digest of the canonical bytes of `pool`: what a reviewer approves."""
    changes: tuple[Change, ...]
    tiers: dict[str, TierReport]
    fits: tuple[FitLine, ...]
    anchors: dict[str, tuple[str, ...]]
    """Evidence to the variants whose median is the zero of its scale."""
    coverage: Coverage
    open_names: tuple[OpenNameLine, ...]
    findings: tuple[FindingLine, ...]
    large: bool
    provisional: tuple[ProvisionalLine, ...] = ()
    """Judgements that are accepted with this proposal; a file without the field has none."""
    kind: ProposalKind | None = None
    """None in a file from before this field."""
    facts: tuple[FactChange, ...] = ()
    """What changed about members that stay; a file without the field has none."""
    prices: tuple[RoutePriceLine, ...] = ()
    """By route, the prices that were decided; approving the proposal settles them."""
    spend: tuple[TierSpend, ...] = ()
    """What the operator's own answers of the last four weeks cost; empty where none were imported."""

    def standing(self, tier: str, variant: str) -> Standing | None:
        """Return what it says of a variant in a tier; None where it does not name it."""
        report = self.tiers.get(tier)
        standings = report.standings if report else ()
        return next((standing for standing in standings if standing.variant == variant), None)

    @model_serializer(mode="wrap")
    def _as_filed(self, fields: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave later fields out where they are empty: proposals without them keep their bytes."""
        filed: dict[str, object] = fields(self)
        for name in ("provisional", "facts", "prices", "kind", "spend"):
            if not getattr(self, name):
                del filed[name]
        return filed


class Verdict(StrEnum):
    """What a person decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ReviewRecord(Document):
    """What a named person did about a proposal, when and why."""

    format: Literal[1]
    week: WeekText
    attempt: Annotated[int, Field(ge=1)]
    reviewer: Said
    note: Said
    decided_at: MomentText


class Decision(ReviewRecord):
    """Who decided what about which bytes, when and why; the decisions form a hash chain."""

    verdict: Verdict
    pool_sha256: DigestText
    proposal_sha256: DigestText
    """Digest of the bytes of proposal.json."""
    previous: DigestText | None
    """Digest of the decision or withdrawal before this one; None for the first."""


class Withdrawal(ReviewRecord):
    """Who took an approval back before it was published, when and why; a link of the decisions' chain."""

    decision_sha256: DigestText
    """Digest of the bytes of the decision.json that approved."""
    previous: DigestText
    """Digest of the decision or withdrawal before this one."""


class ChangeAnswer(Document):
    """A change that a person does not take now."""

    tier: str
    variant: str
    direction: Direction
    answer: Literal[AnswerKind.HOLD, AnswerKind.NEVER]
    until: DayText | None
    """From this day on it is asked again; of a hold only."""
    note: Said | None
    """Why, where it is not the note on all of them."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.until is not None) != (self.answer is AnswerKind.HOLD):
            raise ValueError("a hold states a day, and nothing else does")
        return self


class ChangeAnswers(ReviewRecord):
    """Who answered which changes of a proposal one by one; what is not listed was taken.

    A link of the decisions' chain. It decides nothing: what is left is a proposal of its own.
    """

    pool_sha256: DigestText
    proposal_sha256: DigestText
    """Digest of the bytes of proposal.json, which holds the evidence that the answers were given on."""
    answers: Annotated[tuple[ChangeAnswer, ...], Field(min_length=1)]
    previous: DigestText | None
    """Digest of the link before this one; None for the first."""


class AnswerRetraction(ReviewRecord):
    """Who took an answer back, so that the change is asked again; a link of the decisions' chain.

    Week and attempt are of the proposal that the answer was given on.
    """

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
    """Which answer."""
    decision_sha256: DigestText
    """Digest of the bytes of the decision.json or answers.json that holds it."""
    previous: DigestText
    """Digest of the link before this one."""


ChainLink = Decision | Withdrawal | ChangeAnswers | AnswerRetraction
"""What the chain of decisions is made of, each link naming the one before it."""


class Heartbeat(Document):
    """A run that found nothing to review, or held a source: proof that the job is alive."""

    format: Literal[1]
    week: WeekText
    attempt: Annotated[int, Field(ge=1)]
    as_of: MomentText
    outcome: Literal["unchanged", "held"]
    base_version: int | None
    inputs: tuple[InputDigest, ...]
    findings: tuple[FindingLine, ...]


_PLACEHOLDERS: Final = frozenset({"NAME", "TEXT", "Your Name", "...", "…"})
"""What help and printed commands show where a person writes."""


_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their category, which print as nothing."""


def refuse_placeholder(option: str, text: str) -> None:
    """Refuse what stands in an example for a name or a reason, and a name without a letter.

    Raises:
        UsageError: The text is such a placeholder, or names nobody.
    """
    typed = text.strip()
    if typed in _PLACEHOLDERS:
        wanted = "your own name" if option == "--reviewer" else "a reason in a sentence"
        raise UsageError(
            f"{option} {typed!r} is a placeholder",
            hint=f"Give {wanted} with {option}; it is kept in the record.",
        )
    letters = (mark for mark in typed if category(mark).startswith("L") and mark not in _BLANK_LETTERS)
    if option == "--reviewer" and typed and not any(letters):
        raise UsageError(
            f"{option} {escape_name(typed)} is not a name: it has no letter",
            hint=f"Give your own name with {option}; it is kept in the record.",
        )
