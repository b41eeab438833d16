"""Two promises of a review, measured on the embedded week: subsets of its changes, and ten weeks after a no.

`python -m tests.bench.decision_memory [SUBSETS]` holds 200 random subsets of the changes of a proposal, each
in a workspace of its own, and checks what is left: a valid pool without what was held, rendered with its
digest before anybody can approve it, and no other bytes approved. Then it rejects the whole proposal and
runs ten more weeks on the same evidence. It prints both counts and ends with 1 where one is not as promised.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.answers import Direction
from pipeline.domain.calendar import week_of
from pipeline.domain.ids import VariantId
from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.flow.approval.answer_changes import AnswersInput, ChangeAnswerInput, answer_changes
from pipeline.flow.approval.approve import DecisionInput, consent, decide_proposal
from pipeline.flow.run.run_state import RunRequest
from pipeline.flow.run.weekly import run
from pipeline.pools.worth.concentration import vendor_cap
from pipeline.pools.worth.ranking import purposes
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.review.proposals.questions import questions_of
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.example import copy_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.domain.pool import TierPool
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.run.run_state import RunResult
    from pipeline.review.proposals.questions import ChangeQuestion

NOON = datetime(2026, 8, 15, 12, tzinfo=UTC)
SUBSETS, WEEKS, SEED = 200, 10, 20260815
WHO = {"reviewer": "R. Viewer", "note": "As drawn."}


@dataclass(frozen=True, slots=True)
class Subset:
    """Which changes were held, and what was wrong with what is left; nothing: it is as promised."""

    held: tuple[int, ...]
    wrong: tuple[str, ...]


def embedded_week(folder: Path) -> Workspace:
    """Propose the second embedded week in a workspace of its own."""
    copy_record(folder)
    place = Workspace(folder)
    propose(place, NOON)
    return place


def propose(place: Workspace, now: datetime) -> RunResult:
    """Run a week on the embedded captures."""
    captures = str(place.root / "data/sample/2026-W33")
    job = RunRequest(
        workspace=place,
        settings=Settings(),
        week=week_of(now),
        now=now,
        captures=(captures,),
        progress=lambda _: None,
    )
    return run(job)


def random_subsets(start: Workspace, folder: Path, count: int) -> Iterator[Subset]:
    """Hold random subsets of the changes that can be answered, each until a day or for good."""
    draw = random.Random(SEED)  # noqa: S311 - no secret
    whole = _pending(start)
    asked = [one for one in questions_of(whole) if one.direction is not None]
    for number in range(count):
        held = draw.sample(asked, draw.randint(1, len(asked)))
        until = [draw.choice([None, (NOON + timedelta(days=30)).date()]) for _ in held]
        place = Workspace(folder / f"subset-{number}")
        shutil.copytree(start.root, place.root)
        word = AnswersInput(
            digest_start=whole.pool_sha256[:8],
            answers=tuple(
                ChangeAnswerInput(number=one.number, until=day) for one, day in zip(held, until, strict=True)
            ),
            now=NOON,
            reviewer=WHO["reviewer"],
            note=WHO["note"],
        )
        left = answer_changes(place, Settings(), word, lambda _: None).left
        yield Subset(
            held=tuple(sorted(one.number for one in held)), wrong=tuple(_wrong(place, whole, left, held))
        )
        shutil.rmtree(place.root)


def _wrong(place: Workspace, whole: Proposal, left: RunResult, held: list[ChangeQuestion]) -> Iterator[str]:
    """Name what is not as promised about what is left of a proposal."""
    if _approves(place, consent(whole)):
        yield "the proposal that was answered could still be approved"
    if left.proposal is None:
        return
    yield from _unlike(left.proposal, held)
    digest = left.proposal.pool_sha256
    for name in ("report.html", "proposal.md"):
        if digest not in (left.folder / name).read_text("utf-8"):
            yield f"{name} does not show its digest"
    if not _approves(place, consent(left.proposal)):
        yield "what is left cannot be approved by its own digest"
    filed = proposal_store.Reviews(place.reviews).proposals
    approved = [one for one in filed if one.is_approved and one.folder == left.folder]
    if [one.proposal.pool_sha256 for one in approved] != [digest]:
        yield "other bytes were approved than those that were rendered"


def _unlike(left: Proposal, held: list[ChangeQuestion]) -> Iterator[str]:
    """Name what a pool breaks: a rule of a tier, or an answer."""
    for name, tier in left.pool.tiers.items():
        yield from (f"{name}: {why}" for why in _broken(tier))
    for one in held:
        places = [each.variant for each in left.pool.tiers[one.change.tier].members]
        if not _is_held(one, places):
            yield f"{one.change.variant} in {one.change.tier} is not held"


def _is_held(one: ChangeQuestion, places: list[str]) -> bool:
    """Tell whether an entrant is out, a leaver in, or a riser behind whom it would pass."""
    variant, against = one.change.variant, one.against
    if one.direction is Direction.RISE and variant in places and against in places:
        return places.index(variant) > places.index(str(against))
    return (variant in places) is (one.direction is Direction.LEAVE) or one.direction is Direction.RISE


def _broken(tier: TierPool) -> Iterator[str]:
    """Name the rules of a tier that a pool breaks: its size, its limits, its orders and its purposes."""
    ids = tuple(VariantId(one.variant) for one in tier.members)
    vendors = [one.vendor for one in tier.members]
    if len(ids) > tier.k or [one.rank for one in tier.members] != list(range(1, len(ids) + 1)):
        yield "its places are not counted"
    if len({one.family for one in tier.members}) < len(ids):
        yield "two members are of one family"
    if any(vendors.count(one) > vendor_cap(tier.k) for one in vendors):
        yield "a vendor holds too many places"
    bands = {name: tuple(map(VariantId, order)) for name, order in tier.bands.items()}
    if any(sorted(order) != sorted(ids) for order in bands.values()):
        yield "a band orders other members"
    elif ids and purposes(ids, bands, dict(zip(ids, vendors, strict=True))) != {
        VariantId(one.variant): one.serves for one in tier.members
    }:
        yield "purposes are not those of its orders"


def _approves(place: Workspace, digest: str) -> bool:
    decision_input = DecisionInput(verdict=Verdict.APPROVED, digest_start=digest, now=NOON, **WHO)
    try:
        decide_proposal(place, Settings(), decision_input)
    except RefusedError:
        return False
    return True


def weeks_after_a_rejection(place: Workspace, weeks: int) -> tuple[int, int]:
    """Reject the pending proposal and run later weeks on the same evidence.

    Returns:
        How many changes were rejected that can be answered, and how often one was proposed again.
    """
    whole = _pending(place)
    decision_input = DecisionInput(verdict=Verdict.REJECTED, digest_start=consent(whole), now=NOON, **WHO)
    decide_proposal(place, Settings(), decision_input)
    rejected = {
        (one.change.tier, one.change.variant, one.direction)
        for one in questions_of(whole)
        if one.direction in {Direction.ENTER, Direction.RISE} and one.change.cause != "first"
    }
    again = 0
    for week in range(1, weeks + 1):
        result = propose(place, NOON + timedelta(weeks=week))
        asked = questions_of(result.proposal) if result.proposal else ()
        again += sum((one.change.tier, one.change.variant, one.direction) in rejected for one in asked)
    return len(rejected), again


def _pending(place: Workspace) -> Proposal:
    found = Reviews(place.reviews).pending
    if found is None:
        raise RuntimeError("no proposal is pending")
    return found.proposal


def main() -> int:
    """Print both counts; 1 where one of them is not as promised."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SUBSETS
    with tempfile.TemporaryDirectory(prefix="modelpool-memory-") as name:
        folder = Path(name)
        start = embedded_week(folder / "start")
        wrong = 0
        for one in random_subsets(start, folder, count):
            wrong += bool(one.wrong)
            sys.stdout.writelines(f"{one.held}: {why}\n" for why in one.wrong)
            sys.stdout.flush()
        sys.stdout.write(f"{count} random subsets of changes held: {wrong} not as promised\n")
        rejected, again = weeks_after_a_rejection(start, WEEKS)
        sys.stdout.write(
            f"{rejected} rejected changes, {WEEKS} weeks on the same evidence: {again} times proposed again\n"
        )
    return 1 if wrong or again or not rejected else 0


if __name__ == "__main__":
    sys.exit(main())
