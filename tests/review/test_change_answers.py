"""Answers to single changes and their retractions: links of the chain, bound to one proposal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.answers import AnswerKind, Direction
from pipeline.domain.ids import Sha256
from pipeline.domain.pool import Cause
from pipeline.domain.proposal import Verdict
from pipeline.errors import PipelineError, RefusedError, UsageError
from pipeline.review.decisions.chain import DecisionChain, latest_decision
from pipeline.review.decisions.change_answers import (
    AnswersInput,
    ChangeAnswerInput,
    RetractionInput,
    file_answers,
    file_retraction,
    make_answers,
    make_retraction,
)
from pipeline.review.decisions.decisions import (
    DecisionInput,
    WithdrawalInput,
    consent,
    file_decision,
    file_withdrawal,
    make_decision,
    make_withdrawal,
)
from pipeline.review.decisions.remembered_answers import last_link_that_counts, read_decision_memory
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.proposal_store import RenderedPages
from pipeline.review.proposals.questions import partner_of, questions_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.review.proposals.compose import Draft
    from pipeline.review.proposals.proposal_store import StoredProposal

PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")


@pytest.fixture
def filed(draft: Draft, tmp_path: Path) -> StoredProposal:
    """A proposal that waits for an answer."""
    return proposal_store.read_proposal(
        proposal_store.write_proposal(compose_proposal(draft), tmp_path, PAGES)
    )


def words(filed: StoredProposal, now: datetime, *answers: ChangeAnswerInput) -> AnswersInput:
    return AnswersInput(
        digest_start=filed.proposal.pool_sha256[:8],
        answers=answers or (ChangeAnswerInput(number=_number(filed, Direction.ENTER)),),
        reviewer="R. Viewer",
        note="Unproven.",
        now=now,
    )


def _number(filed: StoredProposal, direction: Direction | None) -> int:
    return next(one.number for one in questions_of(filed.proposal) if one.direction is direction)


def answered(filed: StoredProposal, word: AnswersInput) -> Path:
    latest = latest_decision(filed.folder.parent)
    return file_answers(filed, make_answers(filed, word, previous=latest[1] if latest else None))


def rejected(filed: StoredProposal, now: datetime, verdict: Verdict = Verdict.REJECTED) -> Path:
    latest = latest_decision(filed.folder.parent)
    decision_input = DecisionInput(
        verdict=verdict,
        digest_start=consent(filed.proposal),
        reviewer="R. Viewer",
        note="Not now.",
        now=now,
    )
    return file_decision(filed, make_decision(filed, decision_input, previous=latest[1] if latest else None))


def test_an_answer_is_kept_with_the_evidence_of_its_proposal(
    filed: StoredProposal, tmp_path: Path, now: datetime
) -> None:
    enter = _number(filed, Direction.ENTER)
    day = (now + timedelta(days=30)).date()
    answered(filed, words(filed, now, ChangeAnswerInput(number=enter, until=day, note="Wait.")))
    (one,) = read_decision_memory(DecisionChain.below(tmp_path)).answers
    change = questions_of(filed.proposal)[enter - 1].change
    assert (one.tier, one.variant, one.kind, one.until) == (
        change.tier,
        change.variant,
        AnswerKind.HOLD,
        day,
    )
    assert (one.note, one.reviewer, one.folder) == ("Wait.", "R. Viewer", "2026-W33")
    standings = {each.variant: each for each in filed.proposal.tiers[one.tier].standings}
    assert one.evidence[one.variant].quality == float(standings[one.variant].quality or 0)
    DecisionChain.below(tmp_path).verify()


def test_a_change_is_not_taken_without_the_one_that_it_goes_with(
    filed: StoredProposal, now: datetime
) -> None:
    asked = questions_of(filed.proposal)
    enter, leave = next(
        (one, partner)
        for one in asked
        if one.direction is Direction.ENTER and (partner := partner_of(one, asked)) is not None
    )
    assert partner_of(leave, asked) == enter
    for held, taken in ((enter, leave), (leave, enter)):
        word = words(filed, now, ChangeAnswerInput(number=held.number))
        assert make_answers(filed, word, previous=None).answers
        with pytest.raises(
            RefusedError, match=f"change {taken.number} cannot be taken without change {held.number}"
        ):
            make_answers(filed, replace(word, accepted=(taken.number,)), previous=None)


def test_a_rejection_answers_entrants_and_risers_and_an_approval_ends_that(
    filed: StoredProposal, draft: Draft, tmp_path: Path, now: datetime
) -> None:
    rejected(filed, now)
    asked = {
        (one.change.tier, one.change.variant)
        for one in questions_of(filed.proposal)
        if one.direction in {Direction.ENTER, Direction.RISE}
    }
    assert (
        {(one.tier, one.variant) for one in read_decision_memory(DecisionChain.below(tmp_path)).answers}
        == asked
        != set()
    )
    later = proposal_store.read_proposal(
        proposal_store.write_proposal(compose_proposal(replace(draft, attempt=2, seed=2)), tmp_path, PAGES)
    )
    before = read_decision_memory(DecisionChain.below(tmp_path)).answers
    rejected(later, now, Verdict.APPROVED)
    assert read_decision_memory(DecisionChain.below(tmp_path)).answers == ()
    assert last_link_that_counts(DecisionChain.below(tmp_path)) is not None, (
        "a replay needs to know where the chain stood"
    )
    approved, latest = proposal_store.read_proposal(later.folder), latest_decision(tmp_path)
    assert latest is not None
    word = WithdrawalInput(
        digest_start=approved.proposal.pool_sha256[:8],
        reviewer="R. Viewer",
        note="A price is wrong.",
        now=now,
    )
    file_withdrawal(approved, make_withdrawal(approved, word, previous=latest[1]))
    assert read_decision_memory(DecisionChain.below(tmp_path)).answers == before, (
        "an approval that was withdrawn ends nothing"
    )


def test_a_rejected_first_pool_answers_nothing(draft: Draft, tmp_path: Path, now: datetime) -> None:
    first = tuple(one.model_copy(update={"cause": Cause.FIRST}) for one in draft.changes)
    proposal = compose_proposal(replace(draft, changes=first))
    rejected(proposal_store.read_proposal(proposal_store.write_proposal(proposal, tmp_path, PAGES)), now)
    assert read_decision_memory(DecisionChain.below(tmp_path)).answers == ()


def test_the_same_answers_again_change_nothing_and_others_are_refused(
    filed: StoredProposal, tmp_path: Path, now: datetime
) -> None:
    file = answered(filed, words(filed, now))
    body = file.read_bytes()
    assert answered(filed, words(filed, now + timedelta(hours=1))) == file
    assert file.read_bytes() == body
    with pytest.raises(RefusedError, match="answered changes of 2026-W33"):
        answered(filed, replace(words(filed, now), note="Another reason."))
    assert file.read_bytes() == body
    assert len(DecisionChain.below(tmp_path).links) == 1


def test_a_retraction_ends_an_answer_and_is_a_link_of_the_chain(
    filed: StoredProposal, tmp_path: Path, now: datetime
) -> None:
    rejected(filed, now)
    before = read_decision_memory(DecisionChain.below(tmp_path)).answers
    last_first = sorted(before, key=lambda one: one.key, reverse=True)
    for one in last_first:  # all in the second of the rejection: the links say in which order
        latest = latest_decision(tmp_path)
        assert latest is not None
        word = RetractionInput(key=one.key, reviewer="A. Nother", note="Proven.", now=now)
        _, retraction = make_retraction(tmp_path, word, previous=latest[1])
        file_retraction(tmp_path, retraction)
        DecisionChain.below(tmp_path).verify()
    assert len(before) > 1
    assert read_decision_memory(DecisionChain.below(tmp_path)).answers == ()
    again = RetractionInput(key=before[0].key, reviewer="A. Nother", note="Proven.", now=now)
    with pytest.raises(RefusedError, match="no answer on record"):
        make_retraction(tmp_path, again, previous=Sha256(retraction.previous))
    first = tmp_path / "2026-W33" / f"retraction-{last_first[0].key}.json"
    first.write_text(first.read_text().replace("A. Nother", "S. Omebody"))
    with pytest.raises(RefusedError, match="follows"):
        DecisionChain.below(tmp_path).verify()


def test_nothing_is_filed_beside_what_somebody_decided_meanwhile(
    filed: StoredProposal, draft: Draft, tmp_path: Path, now: datetime
) -> None:
    made = make_answers(filed, words(filed, now), previous=None)
    rejected(filed, now)
    with pytest.raises(RefusedError, match="follows nothing, but the last one filed"):
        file_answers(filed, made)
    assert not (filed.folder / "answers.json").exists()
    latest = latest_decision(tmp_path)
    assert latest is not None
    key = read_decision_memory(DecisionChain.below(tmp_path)).answers[0].key
    word = RetractionInput(key=key, reviewer="A. Nother", note="Proven.", now=now)
    _, retraction = make_retraction(tmp_path, word, previous=latest[1])
    later = compose_proposal(replace(draft, attempt=2, seed=2))
    rejected(proposal_store.read_proposal(proposal_store.write_proposal(later, tmp_path, PAGES)), now)
    with pytest.raises(RefusedError, match="but the last one filed"):
        file_retraction(tmp_path, retraction)
    assert not list(tmp_path.glob("*/retraction-*.json"))


def _edit_answers(folder: Path) -> None:
    file = folder / "answers.json"
    file.write_text(file.read_text().replace('"never"', '"hold"'))


def _edit_note(folder: Path) -> None:
    file = folder / "answers.json"
    file.write_text(file.read_text().replace("Unproven.", "Proven."))


def _move(folder: Path) -> None:
    (folder / "answers.json").rename(folder / "answer.json")


@pytest.mark.parametrize("tamper", [_edit_answers, _edit_note, _move])
def test_an_edited_or_removed_answer_breaks_the_chain(
    filed: StoredProposal, tmp_path: Path, now: datetime, tamper: Callable[[Path], None]
) -> None:
    answered(filed, words(filed, now))
    rejected(filed, now)
    DecisionChain.below(tmp_path).verify()
    tamper(filed.folder)
    with pytest.raises(RefusedError, match=r"2026-W33/(answers|decision)\.json was changed"):
        DecisionChain.below(tmp_path).verify()


def test_an_answer_to_another_proposal_is_not_read(filed: StoredProposal, now: datetime) -> None:
    file = answered(filed, words(filed, now))
    file.write_text(file.read_text().replace(filed.sha256, "0" * 64))
    with pytest.raises(RefusedError, match="another proposal"):
        proposal_store.read_proposal(filed.folder)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"digest_start": "00000000"}, RefusedError, "00000000 is not the digest of the pending proposal"),
        ({"digest_start": ""}, RefusedError, "no text is the digest of the pending proposal"),
        ({"now": datetime(2026, 8, 15, 11, tzinfo=UTC)}, RefusedError, "the clock says"),
        ({"answers": ()}, UsageError, "no change is held"),
        ({"answers": (ChangeAnswerInput(number=99),)}, UsageError, "no change 99"),
        ({"reviewer": "Your Name"}, UsageError, "is a placeholder"),
        ({"reviewer": "."}, UsageError, "is not a name: it has no letter"),
        ({"reviewer": "\u3164"}, UsageError, r"\\u3164 is not a name"),
        ({"reviewer": "Ann\u202e"}, UsageError, r"\\u202e as its character 4"),
        ({"reviewer": "x" * 2001}, UsageError, "has 2001 characters, more than 2000"),
        ({"note": " "}, UsageError, "--note is empty"),
        (
            {"answers": (ChangeAnswerInput(number=1, until=date(2026, 8, 15)),)},
            UsageError,
            "not in the future",
        ),
        ({"answers": (ChangeAnswerInput(number=1, note="\x1b[2J"),)}, UsageError, "cannot be printed"),
    ],
)
def test_what_cannot_be_answered_is_refused_and_nothing_is_filed(
    filed: StoredProposal,
    now: datetime,
    change: dict[str, object],
    error: type[PipelineError],
    said: str,
) -> None:
    word = replace(words(filed, now), **change)  # type: ignore[arg-type] # reason: names checked at run time
    with pytest.raises(error, match=said):
        answered(filed, word)
    assert not (filed.folder / "answers.json").exists()


def test_a_change_is_answered_once(filed: StoredProposal, now: datetime) -> None:
    one = ChangeAnswerInput(number=_number(filed, Direction.ENTER))
    with pytest.raises(UsageError, match="answered twice"):
        answered(filed, words(filed, now, one, one))


def test_who_leaves_by_a_rule_cannot_be_held(draft: Draft, tmp_path: Path, now: datetime) -> None:
    retired = tuple(
        one.model_copy(update={"cause": Cause.RETIRED}) if one.rank_after is None else one
        for one in draft.changes
    )
    proposal = compose_proposal(replace(draft, changes=retired))
    filed = proposal_store.read_proposal(proposal_store.write_proposal(proposal, tmp_path, PAGES))
    number = _number(filed, None)
    with pytest.raises(RefusedError, match="it leaves by a rule"):
        answered(filed, words(filed, now, ChangeAnswerInput(number=number)))


def test_a_decided_proposal_is_not_answered(filed: StoredProposal, now: datetime) -> None:
    rejected(filed, now)
    with pytest.raises(RefusedError, match=r"was rejected by R\. Viewer"):
        answered(proposal_store.read_proposal(filed.folder), words(filed, now))
