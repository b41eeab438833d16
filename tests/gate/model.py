"""What a workspace must hold after each step, kept by other means than the program's.

Nothing here asks the code it judges: staleness is a comparison of what was written when a proposal was filed
with what is written now, and who decided what is remembered in the order in which it was decided.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Answers = dict[tuple[str, str], str]

OPEN: Final = "?"
"""As judgements.csv writes that a name is open again."""
VALID: Final = timedelta(days=21)
DIGITS: Final = 8
"""Characters of the digest that a proposal asks for that is not large."""


class Edit(StrEnum):
    """How somebody changed a proposal's file."""

    TORN = "torn"
    """Its pool has no longer the digest it states."""
    CONSISTENT = "consistent"
    """Every digest in the file was changed with it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What people had written at a moment."""

    policy: str
    """The digest of tiers.toml."""
    expectations: str
    answers: Answers


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """A proposal, and what people said about it."""

    folder: Path
    made_at: datetime
    written: Written
    members: frozenset[str]
    accepted: Answers
    """The judgements that come with it."""
    base: bytes | None
    """The numbered file in force when it was made."""
    recorded: bool
    """The database knows its bytes."""
    edit: Edit | None = None
    verdict: str = ""
    decision: bytes | None = None
    withdrawal: bytes | None = None

    @property
    def week(self) -> str:
        """The week it is of."""
        return self.folder.name.partition(".")[0]

    @property
    def place(self) -> tuple[datetime, str, int]:
        """When it was made, its week and its number."""
        return self.made_at, self.week, int(self.folder.name.partition(".")[2] or 1)

    @property
    def body(self) -> bytes:
        """The bytes of proposal.json."""
        return (self.folder / "proposal.json").read_bytes()

    @property
    def pool_sha256(self) -> str:
        """The digest of the pool, as the file states it."""
        return str(json.loads(self.body)["pool_sha256"])

    @property
    def consent(self) -> str:
        """The digest whose start is the consent."""
        return sha256(self.body).hexdigest() if self.accepted else self.pool_sha256

    @property
    def is_approved(self) -> bool:
        """Approved, and nobody took that back."""
        return self.verdict == "approved" and self.withdrawal is None

    @property
    def is_damaged(self) -> bool:
        """What was decided is not what lies there."""
        return self.edit is not None and self.decision is not None

    @property
    def is_torn(self) -> bool:
        """Nobody decided it, and the file contradicts itself: whoever reads it refuses."""
        return self.edit is Edit.TORN and self.decision is None


@dataclass(slots=True)
class Model:
    """What a workspace must hold."""

    folder: Path
    attempts: list[Attempt] = field(default_factory=list)
    """In the order in which they were filed."""
    decided: list[Attempt] = field(default_factory=list)
    """In the order in which they were decided."""
    published: list[tuple[Attempt, bytes]] = field(default_factory=list)
    cut_off: Attempt | None = None
    """Its numbered file lies there, and the pointer does not name it."""
    spoken_at: datetime | None = None
    """The moment of the last decision or withdrawal."""

    def now_written(self) -> Written:
        """Read what people have written."""
        data = self.folder / "data"
        return Written(
            policy=sha256((data / "policy/tiers.toml").read_bytes()).hexdigest(),
            expectations=sha256((data / "policy/expectations.toml").read_bytes()).hexdigest(),
            answers=self.answers(),
        )

    def answers(self) -> Answers:
        """Read what holds about each name: its last line."""
        text = (self.folder / "data/crosswalk/judgements.csv").read_text()
        return {(line[0], line[1]): line[3] for line in [*csv.reader(io.StringIO(text))][1:]}

    @property
    def pending(self) -> Attempt | None:
        """What waits for review: the last one made, until it is decided; of one second the later week."""
        last = max(self.attempts, key=lambda one: one.place, default=None)
        return last if last is not None and last.decision is None else None

    @property
    def last_approved(self) -> Attempt | None:
        """What was approved last and is approved still."""
        return next((one for one in reversed(self.decided) if one.is_approved), None)

    @property
    def waiting(self) -> Attempt | None:
        """What can be published as far as people's words go."""
        found = self.last_approved
        if found is None or found in [one for one, _ in self.published]:
            return None
        return None if self.refused_since(found) else found

    @property
    def is_damaged(self) -> bool:
        """Something that was decided is not what lies there."""
        return any(one.is_damaged for one in self.attempts)

    @property
    def is_torn(self) -> bool:
        """A file that nobody decided contradicts itself."""
        return any(one.is_torn for one in self.attempts)

    @property
    def is_altered(self) -> bool:
        """Somebody changed what was recorded, or what contradicts itself now."""
        edited = any(one.edit is not None and one.recorded for one in self.attempts)
        return self.is_damaged or self.is_torn or edited

    def refused_since(self, approved: Attempt) -> bool:
        """Tell whether somebody said no after an approval."""
        return any(not one.is_approved for one in self.decided[self.decided.index(approved) + 1 :])

    def late_answers(self) -> Answers:
        """Return the accepted judgements that a kill kept from judgements.csv."""
        found, told = self.last_approved, self.answers()
        accepted = found.accepted if found is not None and not self.is_damaged else {}
        return {place: variant for place, variant in accepted.items() if place not in told}

    def why_stale(self, found: Attempt, now: datetime, answers: Answers) -> Iterator[str]:
        """Say why a proposal is not of this moment; each reason as its words begin."""
        then, today = found.written, self.now_written()
        in_force = self.published[-1] if self.published else None
        if found.week > f"{now:%G-W%V}":
            yield "lies in the future"
        if found.base != (in_force[1] if in_force else None):
            yield "starts from v"
        if in_force and found.made_at < in_force[0].made_at:
            yield "was made at"
        if then.policy != today.policy:
            yield "the policy changed"
        if then.expectations != today.expectations:
            yield "the expectations changed"
        if self._moved(found, answers):
            yield "data/crosswalk changed"

    def _moved(self, found: Attempt, answers: Answers) -> bool:
        before, held = found.written.answers, found.members | {*found.accepted.values()}
        for place in before.keys() | answers.keys():
            old, new = before.get(place, OPEN), answers.get(place, OPEN)
            written = found.decision is not None and (old, new) == (OPEN, found.accepted.get(place))
            if old != new and not written and held & {old, new, found.accepted.get(place, OPEN)}:
                return True
        return False

    def why_refused(self, words: tuple[str, str, str], now: datetime) -> Iterator[str]:
        """Say why an answer (verdict, typed digest, name) is refused."""
        verdict, typed, who = words
        found = self.pending
        if self.is_damaged:
            yield "was changed after it was written"
        if found is None:
            yield "no proposal is pending"
            return
        if found.is_torn:
            yield "was changed after it was written"
        if not found.consent.startswith(typed):
            yield "is not the digest of the pending proposal"
        if len(typed) < DIGITS:
            yield "are too few"
        yield from self._why_nobody(who)
        yield from self._why_not_now(found, verdict, now)

    def _why_not_now(self, found: Attempt, verdict: str, now: datetime) -> Iterator[str]:
        if now < found.made_at:
            yield f"but {found.folder.name} was made at"
        if self.spoken_at and now < self.spoken_at:
            yield "before the last decision at"
        if found.edit is not None and found.recorded:
            yield "differs from what the run wrote"
        if verdict == "approve":
            yield from self.why_stale(found, now, self.answers() | self.late_answers())

    def why_unpublished(self, now: datetime, *, although_expired: bool) -> Iterator[str]:
        """Say why a publication is refused."""
        found = self.last_approved
        if self.is_damaged:
            yield "was changed after it was written"
        if found is None:
            yield "nothing is approved"
            return
        if found in [one for one, _ in self.published]:
            yield "is not approved" if self.pending else "is already published"
            return
        if self.refused_since(found):
            stays = "the published pool stays in force" if self.published else "no pool is published yet"
            yield f"after it, and {stays}"
        if self.cut_off is not None and self.cut_off is not found:
            yield "exists with other content"
        if not although_expired and now.date() >= self.expires_on(found):
            yield "expired on"
        yield from self.why_stale(found, now, self.answers())

    def expires_on(self, found: Attempt) -> date:
        """Return the day from which routers raise an alarm."""
        return (found.made_at + VALID).date()

    def why_kept(self, typed: str, who: str, now: datetime) -> Iterator[str]:
        """Say why an approval cannot be taken back."""
        found = self.waiting
        if self.is_damaged:
            yield "was changed after it was written"
        if found is None:
            yield "no approval waits"
            return
        if not found.consent.startswith(typed) or len(typed) < DIGITS:
            yield "You withdraw"
        yield from self._why_nobody(who)
        if self.spoken_at and now < self.spoken_at:
            yield "before the last decision at"

    def why_not_run(self, week: str, now: datetime) -> Iterator[str]:
        """Say why a run files nothing."""
        if week > f"{now:%G-W%V}":
            yield "lies in the future"
        made = [one.made_at for one in self.attempts]
        if any(now < moment for moment in made):
            yield "before the last run"

    @staticmethod
    def _why_nobody(who: str) -> Iterator[str]:
        if who.strip() in {"", "Your Name"}:
            yield "--reviewer"
