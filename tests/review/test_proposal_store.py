"""Folders below `reviews/`: what is written last, what is refused, what is pending."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files
from pipeline.domain.proposal import Heartbeat, Verdict
from pipeline.errors import RefusedError
from pipeline.review.decisions.decisions import DecisionInput, file_decision, make_decision
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.documents import document_bytes
from pipeline.review.proposals.proposal_store import RenderedPages, Reviews

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import Proposal
    from pipeline.review.proposals.compose import Draft

PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")
FILES = ["open-names.csv", "proposal.json", "proposal.md", "report.html"]


def of(draft: Draft, attempt: int = 1, seed: int | None = None) -> Proposal:
    return compose_proposal(replace(draft, attempt=attempt, seed=draft.seed if seed is None else seed))


def beat(attempt: int, outcome: str = "unchanged", week: str = "2026-W33") -> Heartbeat:
    return Heartbeat.model_validate(
        {
            "format": 1,
            "week": week,
            "attempt": attempt,
            "as_of": "2026-08-15T12:00:00Z",
            "outcome": outcome,
            "base_version": 1,
            "inputs": (),
            "findings": (),
        }
    )


def answer(reviews: Path, now: datetime, verdict: Verdict = Verdict.REJECTED) -> None:
    found = Reviews(reviews).pending
    assert found is not None
    decision_input = DecisionInput(
        verdict=verdict,
        digest_start=found.proposal.pool_sha256[:8],
        reviewer="R. Viewer",
        note="read",
        now=now,
    )
    file_decision(found, make_decision(found, decision_input, previous=None))


def test_what_was_written_is_read_back(draft: Draft, tmp_path: Path) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    assert folder == tmp_path / "2026-W33"
    assert sorted(file.name for file in folder.iterdir()) == FILES
    found = proposal_store.read_proposal(folder)
    assert found.proposal == of(draft)
    assert found.decision is None


def test_a_crash_before_the_last_file_leaves_no_proposal_and_a_rerun_finishes(
    draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def stop(target: Path, _body: bytes) -> None:
        written.extend(sorted(file.name for file in target.parent.iterdir()))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(atomic_files, "create_file", stop)
        with pytest.raises(OSError, match="No space left"):
            proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    assert written == ["open-names.csv", "proposal.md", "report.html"]
    assert proposal_store.Reviews(tmp_path).proposals == ()
    assert proposal_store.next_attempt(tmp_path, "2026-W33") == 1
    proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    assert Reviews(tmp_path).pending is not None


def test_the_same_proposal_again_writes_nothing(draft: Draft, tmp_path: Path) -> None:
    first = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    other = RenderedPages(markdown="other", html="other", open_names="other")
    assert proposal_store.write_proposal(of(draft, attempt=2), tmp_path, other) == first
    assert [each.name for each in tmp_path.iterdir()] == ["2026-W33"]
    assert (first / "proposal.md").read_text() == "# page\n"


def test_other_content_gets_a_new_attempt_and_supersedes(draft: Draft, tmp_path: Path) -> None:
    proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    attempt = proposal_store.next_attempt(tmp_path, "2026-W33")
    assert proposal_store.write_proposal(of(draft, attempt, seed=8), tmp_path, PAGES).name == "2026-W33.2"
    found = Reviews(tmp_path).pending
    assert found is not None
    assert found.proposal.attempt == 2
    assert [each.proposal.attempt for each in proposal_store.Reviews(tmp_path).proposals] == [1, 2]


def test_a_filed_folder_is_never_written_again(draft: Draft, tmp_path: Path) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    with pytest.raises(RefusedError, match="never written again") as caught:
        proposal_store.write_proposal(of(draft, seed=8), tmp_path, PAGES)
    assert "next attempt is 2" in caught.value.hint
    assert proposal_store.read_proposal(folder).proposal == of(draft)


def test_a_decided_folder_is_never_written_again(draft: Draft, tmp_path: Path, now: datetime) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    answer(tmp_path, now)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(RefusedError, match="never written again"):
        proposal_store.write_proposal(
            of(draft), tmp_path, RenderedPages(markdown="x", html="x", open_names="x")
        )
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert proposal_store.next_attempt(tmp_path, "2026-W33") == 2


def cheaper(text: str) -> str:
    return text.replace('"usd_per_task":"0.0012"', '"usd_per_task":"0.0001"')


def gone(text: str) -> str:
    return text.replace("alpha-2@low", "evil-2@low")


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        pytest.param(gone, "does not have the digest", id="another model"),
        pytest.param(cheaper, "does not have the digest", id="another price"),
        pytest.param(lambda text: text.rstrip(), "not in the form", id="line end cut"),
        pytest.param(lambda text: json.dumps(json.loads(text), indent=1), "not in the form", id="formatted"),
        pytest.param(
            lambda text: text.replace('"seed":', '"seed":1,"seed":'), "not in the form", id="doubled key"
        ),
        pytest.param(lambda text: text[: len(text) // 2], "Invalid JSON", id="truncated"),
        pytest.param(lambda _: "", "Invalid JSON", id="empty"),
        pytest.param(
            lambda text: text.replace('{"anchors"', '{"anchor":1,"anchors"'), "anchor: ", id="unknown field"
        ),
        pytest.param(
            lambda text: text.replace('"attempt":1', '"attempt":2'), "attempt 2", id="other attempt"
        ),
        pytest.param(lambda text: text.replace('"seed":20260', '"seed":NaN'), "seed", id="NaN"),
    ],
)
def test_an_edited_proposal_is_refused(
    draft: Draft, tmp_path: Path, edit: Callable[[str], str], complaint: str
) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    file = folder / "proposal.json"
    changed = edit(file.read_text())
    assert changed != file.read_text()
    file.write_text(changed)
    with pytest.raises(RefusedError, match=complaint) as caught:
        _ = Reviews(tmp_path).pending
    assert str(file) in str(caught.value)
    assert "run the week again" in caught.value.hint
    assert f"git checkout -- {file}" in caught.value.hint


def test_an_edited_reason_is_refused_once_it_is_decided(draft: Draft, tmp_path: Path, now: datetime) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    answer(tmp_path, now)
    file = folder / "proposal.json"
    file.write_text(file.read_text().replace("Price fell 42 %", "Price fell 99 %"))
    with pytest.raises(RefusedError, match="about other bytes"):
        assert proposal_store.Reviews(tmp_path).proposals


def test_an_edited_page_changes_nothing(draft: Draft, tmp_path: Path) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    for name in ("proposal.md", "report.html", "open-names.csv"):
        (folder / name).write_text("edited")
    assert proposal_store.read_proposal(folder).proposal == of(draft)


def test_a_missing_proposal_beside_a_decision_is_refused(draft: Draft, tmp_path: Path, now: datetime) -> None:
    folder = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    answer(tmp_path, now)
    (folder / "proposal.json").unlink()
    with pytest.raises(RefusedError, match="cannot be read"):
        assert proposal_store.Reviews(tmp_path).proposals


def test_an_earlier_undecided_proposal_stays_superseded_when_the_later_one_is_decided(
    draft: Draft, tmp_path: Path, now: datetime
) -> None:
    proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    proposal_store.write_proposal(of(draft, 2, seed=8), tmp_path, PAGES)
    answer(tmp_path, now)
    assert Reviews(tmp_path).pending is None


def test_ten_attempts_are_in_the_order_of_numbers(draft: Draft, tmp_path: Path) -> None:
    for attempt in range(1, 12):
        proposal_store.write_proposal(of(draft, attempt, seed=attempt), tmp_path, PAGES)
    assert [each.proposal.attempt for each in proposal_store.Reviews(tmp_path).proposals] == list(
        range(1, 12)
    )
    assert proposal_store.next_attempt(tmp_path, "2026-W33") == 12
    assert proposal_store.next_attempt(tmp_path, "2026-W34") == 1


@pytest.mark.parametrize(("outcome", "still"), [("unchanged", False), ("held", True)])
def test_a_later_run_without_changes_supersedes_but_a_held_one_does_not(
    draft: Draft, tmp_path: Path, outcome: str, *, still: bool
) -> None:
    proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    proposal_store.write_heartbeat(beat(2, outcome), tmp_path)
    assert (Reviews(tmp_path).pending is not None) is still


def test_heartbeats_are_read_back_in_order_and_count_as_attempts(tmp_path: Path) -> None:
    late, early = beat(1, week="2026-W34"), beat(1, week="2026-W33")
    for heartbeat in (late, early):
        proposal_store.write_heartbeat(heartbeat, tmp_path)
    reviews = proposal_store.Reviews(tmp_path)
    assert [reviews.heartbeat(folder) for folder in reviews.attempts] == [early, late]
    assert (tmp_path / "2026-W33" / "heartbeat.json").read_bytes() == document_bytes(early)
    assert proposal_store.next_attempt(tmp_path, "2026-W33") == 2
    assert proposal_store.Reviews(tmp_path).proposals == ()


def test_a_heartbeat_never_lands_in_a_folder_with_a_proposal(draft: Draft, tmp_path: Path) -> None:
    proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    with pytest.raises(RefusedError, match="filed already"):
        proposal_store.write_heartbeat(beat(1), tmp_path)


@pytest.mark.parametrize("aim", ["itself", "nowhere"])
@pytest.mark.parametrize("name", ["2026-W33/proposal.json", "2026-W33/decision.json", "2026-W33"])
def test_a_link_that_leads_nowhere_is_a_damaged_document_and_not_a_missing_one(
    draft: Draft, tmp_path: Path, name: str, aim: str
) -> None:
    filed = proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    place = tmp_path / name
    if place == filed:
        place.rename(tmp_path / "aside")
    else:
        place.unlink(missing_ok=True)
    place.symlink_to(place.name if aim == "itself" else aim)
    with pytest.raises(RefusedError, match=rf"{place}.*cannot be read \((Too many levels|No such file)"):
        _ = Reviews(tmp_path).pending
    assert proposal_store.next_attempt(tmp_path, "2026-W33") == 2


def test_a_heartbeat_that_is_a_link_to_nowhere_is_damaged_too(tmp_path: Path) -> None:
    folder = proposal_store.write_heartbeat(beat(1), tmp_path)
    (folder / "heartbeat.json").unlink()
    (folder / "heartbeat.json").symlink_to("nowhere")
    with pytest.raises(RefusedError, match="cannot be read"):
        _ = Reviews(tmp_path).pending


def test_other_folders_and_an_absent_folder_are_not_ours(draft: Draft, tmp_path: Path) -> None:
    assert proposal_store.Reviews(tmp_path / "absent").proposals == ()
    assert Reviews(tmp_path / "absent").pending is None
    proposal_store.write_proposal(of(draft), tmp_path, PAGES)
    for name in ("notes", "2026-W33.1", "2026-W33.02", ".2026-W34"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "proposal.json").write_text("{}")
    assert len(proposal_store.Reviews(tmp_path).proposals) == 1
