"""Reads the chain of decisions: each names the one before it, so that none is edited, cut or reordered."""

from __future__ import annotations

import functools
import shlex
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pipeline.domain.proposal import AnswerRetraction, ChangeAnswers, Decision, Verdict, Withdrawal
from pipeline.errors import RefusedError
from pipeline.review.proposals import documents
from pipeline.review.proposals.proposal_store import Reviews

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.domain.ids import Sha256
    from pipeline.domain.proposal import ChainLink
    from pipeline.review.proposals.proposal_store import StoredProposal

    Link = tuple[Path, ChainLink, Sha256]
    """File, document and the digest of its bytes."""

_KINDS: Final[tuple[tuple[str, type[ChainLink]], ...]] = (
    (documents.ANSWERS, ChangeAnswers),
    (documents.DECISION, Decision),
    (documents.WITHDRAWAL, Withdrawal),
    (documents.RETRACTIONS, AnswerRetraction),
)
"""Files of one folder in the order in which they can come about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAttempt:
    """The decision in an attempt's folder; the proposal beside it is the one it names, byte for byte."""

    folder: Path
    decision: Decision
    is_withdrawn: bool

    @property
    def is_approved(self) -> bool:
        """Return whether a person approved it and nobody took that back."""
        return self.decision.verdict is Verdict.APPROVED and not self.is_withdrawn

    @property
    def place(self) -> tuple[str, str, int]:
        """Its place in the order of decisions: the moment, the week and the attempt."""
        return self.decision.decided_at, self.decision.week, self.decision.attempt


class DecisionChain:
    """The chain of decisions, computed once from the documents that a command holds."""

    def __init__(self, reviews: Reviews) -> None:
        """Keep the documents; nothing is read yet."""
        self.reviews = reviews

    @classmethod
    def below(cls, folder: Path) -> DecisionChain:
        """Return the chain as it now stands below a folder of attempts."""
        return cls(Reviews(folder))

    @functools.cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link with its file and digest, in the order they were made in.

        The order is decided_at, week, attempt; links of one second follow each other as they say.

        Raises:
            RefusedError: One of them is broken or edited.
        """
        found = (link for folder in self.reviews.attempts for link in self._links_in(folder))
        chain: list[Link] = []
        for _, group in groupby(sorted(found, key=_chain_order), key=lambda link: link[1].decided_at):
            chain.extend(_order_by_link(tuple(group), chain[-1][2] if chain else None))
        return tuple(chain)

    @property
    def latest(self) -> tuple[ChainLink, Sha256] | None:
        """The newest link and the digest of its bytes; None when nothing was decided.

        Raises:
            RefusedError: A decision is broken or edited.
        """
        return self.links[-1][1:] if self.links else None

    @functools.cached_property
    def decided(self) -> tuple[DecidedAttempt, ...]:
        """Every decision, oldest week and attempt first; of the proposals only the digests are compared.

        Raises:
            RefusedError: A decision is broken or edited, or a decided proposal is not what was decided about.
        """
        withdrawn = {file.parent for file, one, _ in self.links if isinstance(one, Withdrawal)}
        found = [
            DecidedAttempt(folder=file.parent, decision=one, is_withdrawn=file.parent in withdrawn)
            for file, one, _ in self.links
            if isinstance(one, Decision)
        ]
        for one in found:
            if one.is_withdrawn or not self._is_decided_about(one.folder):
                self.reviews.proposal(one.folder)  # says what is wrong with it
        return tuple(sorted(found, key=lambda one: documents.place_of(one.folder)))

    @property
    def last_approved(self) -> StoredProposal | None:
        """The proposal that was approved last and is approved still; None where none is.

        Raises:
            RefusedError: A decision or a decided proposal was edited.
        """
        return self._last_where(one for one in self.decided if one.is_approved)

    def refused_after(self, approved: StoredProposal) -> StoredProposal | None:
        """Return the proposal that was rejected, or whose approval was withdrawn, after another was approved.

        Whoever says no to the later proposal does not say yes to the earlier one. None where nobody did
        since.

        Raises:
            RefusedError: A decision or a decided proposal was edited.
        """
        own = next(one.place for one in self.decided if one.folder == approved.folder)
        return self._last_where(one for one in self.decided if not one.is_approved and one.place > own)

    def verify(self, anchored: Iterable[str] = ()) -> None:
        """Check that no decision and no decided proposal was edited, cut or reordered.

        Args:
            anchored: Digests of decisions that published pools recorded as `audit_head`, and of the answers
                that filed proposals were made under. A chain alone cannot know that its newest end was cut
                off.

        Raises:
            RefusedError: Names the file that does not fit.
        """
        before: Sha256 | None = None
        seen: set[str] = set()
        for file, decision, sha256 in self.links:
            if decision.previous != before:
                raise documents.edited_error(
                    file, f"it follows {_shorten(decision.previous)}, not {_shorten(before)}"
                )
            # What a later link follows cannot be written anew: of its proposal the digest says enough.
            is_earlier = isinstance(decision, Decision) and decision is not self.links[-1][1]
            if not (is_earlier and self._is_decided_about(file.parent)):
                self.reviews.proposal(file.parent)
            before = sha256
            seen.add(sha256)
        if lost := sorted(set(anchored) - seen):
            below = self.reviews.folder
            raise RefusedError(
                f"a published pool or a filed proposal follows {_shorten(lost[0])}, "
                f"which is not below {below}",
                hint="A file there was removed or changed: "
                f"`git log --stat -- {shlex.quote(str(below))}` or a backup shows it.",
            )

    def _links_in(self, folder: Path) -> Iterator[Link]:
        for name, kind in _KINDS:
            for file in self.reviews.files(folder, name):
                yield file, *self.reviews.load(file, kind)

    def _is_decided_about(self, folder: Path) -> bool:
        """Return whether a folder holds the very bytes that were decided about, of the pool that was."""
        decision, _ = self.reviews.load(folder / documents.DECISION, Decision)
        if folder.name != documents.folder_name(decision.week, decision.attempt):
            return False
        stated = f'"pool_sha256":"{decision.pool_sha256}"'.encode()
        return self.reviews.is_decided_about(folder) and stated in self.reviews.bytes_of(
            folder / documents.PROPOSAL
        )

    def _last_where(self, found: Iterable[DecidedAttempt]) -> StoredProposal | None:
        last = max(found, key=attrgetter("place"), default=None)
        return self.reviews.proposal(last.folder) if last else None


def latest_decision(reviews: Path) -> tuple[ChainLink, Sha256] | None:
    """Return the newest link that is on disk now, and the digest of its bytes; None when nothing was decided.

    Raises:
        RefusedError: A decision is broken or edited.
    """
    return DecisionChain.below(reviews).latest


def check_follows(decision: ChainLink, latest: tuple[ChainLink, Sha256] | None) -> None:
    """Check that a new link names the last one on record and is not dated before it.

    Raises:
        RefusedError: Another was filed since, or the clock is behind the last one.
    """
    head = latest[1] if latest else None
    if decision.previous != head:
        raise RefusedError(
            f"the decision follows {_shorten(decision.previous)}, but the last one filed is {_shorten(head)}",
            hint="Somebody decided at the same time. Read the pending proposal again: `modelpool review`.",
        )
    if latest and decision.decided_at < latest[0].decided_at:
        raise RefusedError(
            f"the clock says {decision.decided_at}, before the last decision at {latest[0].decided_at}",
            hint="Set the clock of this machine, or the value of --now, then decide again.",
        )


def _chain_order(link: Link) -> tuple[str, str, int]:
    _, decision, _ = link
    return decision.decided_at, decision.week, decision.attempt


def _order_by_link(links: Sequence[Link], before: Sha256 | None) -> Iterator[Link]:
    """Order the links of one second by what each follows; those that follow nothing known come last."""
    waiting = list(links)
    while waiting:
        following = next((one for one in waiting if one[1].previous == before), waiting[0])
        waiting.remove(following)
        yield following
        before = following[2]


def _shorten(digest: str | None) -> str:
    return "nothing" if digest is None else digest[:12]
