"""The chain of decisions: each link names the one before it, so that none is edited, cut or reordered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import sha256_hex
from pipeline.domain.proposal import AnswerRetraction, ChangeAnswers, Decision, Verdict, Withdrawal
from pipeline.errors import RefusedError
from pipeline.review.proposals import documents
from pipeline.review.proposals.proposal_store import read_proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.domain.ids import Sha256
    from pipeline.domain.proposal import ChainLink

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
        """Tell whether a person approved it and nobody took that back."""
        return self.decision.verdict is Verdict.APPROVED and not self.is_withdrawn

    @property
    def place(self) -> tuple[str, str, int]:
        """Its place in the order of decisions: the moment, the week and the attempt."""
        return self.decision.decided_at, self.decision.week, self.decision.attempt


def decided_attempts(reviews: Path) -> tuple[DecidedAttempt, ...]:
    """Read every decision, oldest week and attempt first; of the proposals only the digests are compared.

    Raises:
        RefusedError: A decision is broken or edited, or a decided proposal is not what was decided about.
    """
    links = chain_links(reviews)
    withdrawn = {file.parent for file, one, _ in links if isinstance(one, Withdrawal)}
    found = [
        DecidedAttempt(folder=file.parent, decision=one, is_withdrawn=file.parent in withdrawn)
        for file, one, _ in links
        if isinstance(one, Decision)
    ]
    for one in found:
        if one.is_withdrawn or not _is_decided_about(one.folder, one.decision):
            read_proposal(one.folder)  # says what is wrong with it
    return tuple(sorted(found, key=lambda one: documents.place_of(one.folder)))


def _is_decided_about(folder: Path, decision: Decision) -> bool:
    """Tell whether a folder holds the very bytes that were decided about, of the pool that was."""
    body = documents.bytes_if_whole(folder / documents.PROPOSAL)
    named = folder.name == documents.folder_name(decision.week, decision.attempt)
    stated = f'"pool_sha256":"{decision.pool_sha256}"'.encode() in body
    return named and stated and sha256_hex(body) == decision.proposal_sha256


def latest_decision(reviews: Path) -> tuple[ChainLink, Sha256] | None:
    """Return the newest link and the digest of its bytes; None when nothing was decided.

    Raises:
        RefusedError: A decision is broken or edited.
    """
    chain = chain_links(reviews)
    return (chain[-1][1], chain[-1][2]) if chain else None


def verify_chain(reviews: Path, anchored: Iterable[str] = ()) -> None:
    """Check that no decision and no decided proposal was edited, cut or reordered.

    Args:
        reviews: The folder of all attempts.
        anchored: Digests of decisions that published pools recorded as `audit_head`, and of the answers that
            filed proposals were made under. A chain alone cannot know that its newest end was cut off.

    Raises:
        RefusedError: Names the file that does not fit.
    """
    before: Sha256 | None = None
    seen: set[str] = set()
    chain = chain_links(reviews)
    for file, decision, sha256 in chain:
        if decision.previous != before:
            raise documents.edited_error(
                file, f"it follows {_short(decision.previous)}, not {_short(before)}"
            )
        # What a later link follows cannot be written anew: of its proposal the digest says enough.
        is_last = decision is chain[-1][1]
        if is_last or not isinstance(decision, Decision) or not _is_decided_about(file.parent, decision):
            read_proposal(file.parent)
        before = sha256
        seen.add(sha256)
    if lost := sorted(set(anchored) - seen):
        raise RefusedError(
            f"a published pool or a filed proposal follows {_short(lost[0])}, which is not below {reviews}",
            hint=f"A file there was removed or changed: `git log --stat -- {reviews}` or a backup shows it.",
        )


def chain_links(reviews: Path) -> list[Link]:
    """Return every link with its file and digest, in the order they were made in.

    The order is decided_at, week, attempt; links of one second follow each other as they say.

    Raises:
        RefusedError: One of them is broken or edited.
    """
    found = (link for folder in documents.attempts(reviews) for link in _links_in(folder))
    chain: list[Link] = []
    for _, group in groupby(sorted(found, key=_chain_order), key=lambda link: link[1].decided_at):
        chain.extend(_linked(tuple(group), chain[-1][2] if chain else None))
    return chain


def check_follows(decision: ChainLink, latest: tuple[ChainLink, Sha256] | None) -> None:
    """See that a new link names the last one on record and is not dated before it.

    Raises:
        RefusedError: Another was filed since, or the clock is behind the last one.
    """
    head = latest[1] if latest else None
    if decision.previous != head:
        raise RefusedError(
            f"the decision follows {_short(decision.previous)}, but the last one filed is {_short(head)}",
            hint="Somebody decided at the same time. Read the pending proposal again: `modelpool review`.",
        )
    if latest and decision.decided_at < latest[0].decided_at:
        raise RefusedError(
            f"the clock says {decision.decided_at}, before the last decision at {latest[0].decided_at}",
            hint="Set the clock of this machine, or the value of --now, then decide again.",
        )


def _links_in(folder: Path) -> Iterator[Link]:
    for name, kind in _KINDS:
        for file in sorted(folder.glob(name)):
            yield file, *documents.load_document(file, kind)


def _chain_order(link: Link) -> tuple[str, str, int]:
    _, decision, _ = link
    return decision.decided_at, decision.week, decision.attempt


def _linked(links: Sequence[Link], before: Sha256 | None) -> Iterator[Link]:
    """Order the links of one second by what each follows; those that follow nothing known come last."""
    waiting = list(links)
    while waiting:
        following = next((one for one in waiting if one[1].previous == before), waiting[0])
        waiting.remove(following)
        yield following
        before = following[2]


def _short(digest: str | None) -> str:
    return "nothing" if digest is None else digest[:12]
