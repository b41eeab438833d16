"""A name that spells one variant: used, shown, and judged only where a person approves exactly that."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files
from pipeline.domain.document import sha256_hex
from pipeline.identity.crosswalk.load import load_crosswalk
from tests.databases import connected
from tests.example import Example, copy_record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer

KEYS = ("muse-spark-1.2 (xHigh)", "Muse Spark 1.2 (xhigh)")
VARIANT = "muse-spark-1.2@xhigh"
WHO = ("--reviewer", "R. Viewer", "--now", "2026-08-16T12:00:00Z")


def _judgements(example: Example) -> Path:
    return example.folder / "data/crosswalk/judgements.csv"


def _without(example: Example) -> None:
    """Take the judgements of one release off the text board and the index; the other board's stays."""
    file = _judgements(example)
    lines = file.read_text().splitlines(keepends=True)
    gone = [line for line in lines if line.split(",")[2] in KEYS and not line.startswith("lmarena-webdev")]
    assert len(gone) == 2
    file.write_text("".join(line for line in lines if line not in gone))


@pytest.fixture(scope="module")
def _after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = Example(tmp_path_factory.mktemp("provisional") / "workspace")
    copy_record(example.folder)
    _without(example)
    assert example.run().code == 10
    return example.folder


@pytest.fixture
def pending(_after: Path, tmp_path: Path) -> Example:
    """A pending proposal that carries two judgements."""
    shutil.copytree(_after, tmp_path / "pending")
    return Example(tmp_path / "pending")


def _proposal(example: Example, folder: str = "2026-W33") -> bytes:
    return (example.folder / "reviews" / folder / "proposal.json").read_bytes()


def _approve(example: Example, digest: str | None = None, verb: str = "approve") -> Answer:
    return example(verb, digest or sha256_hex(_proposal(example))[:16], "--note", "Read the list.", *WHO)


def _recorded(example: Example) -> int:
    """How many of the two judgements the database holds."""
    live = f"SELECT count(*) FROM judgement WHERE superseded_at IS NULL AND variant = '{VARIANT}'"  # noqa: S608 - ours
    with connected(example.folder) as connection:
        (number,) = connection.exec_driver_sql(f"{live} AND source <> 'lmarena-webdev'").one()
    assert isinstance(number, int)
    return number


def _meant(example: Example) -> list[str | None]:
    words = load_crosswalk(example.folder / "data/crosswalk").judgements.values()
    return [one.variant for one in words if one.name in KEYS and one.source != "lmarena-webdev"]


def test_the_pools_are_those_of_the_judged_names(pending: Example, ran: Example) -> None:
    tiers = [json.loads(_proposal(one))["pool"]["tiers"] for one in (pending, ran)]
    assert tiers[0] == tiers[1]
    assert "provisional" not in json.loads(_proposal(ran))


def test_every_page_shows_each_name_before_the_digest_is_typed(pending: Example) -> None:
    proposal = json.loads(_proposal(pending))
    assert [(one["name"], one["variant"]) for one in proposal["provisional"]] == [
        (KEYS[1], VARIANT),
        (KEYS[0], VARIANT),
    ]
    assert any("premium" in move for one in proposal["provisional"] for move in one["touches"])
    folder = pending.folder / "reviews/2026-W33"
    texts = (
        pending("review").out,
        (folder / "proposal.md").read_text(),
        (folder / "report.html").read_text(),
    )
    typed = f"modelpool approve {sha256_hex(_proposal(pending))[:8]}"
    for text in texts:
        assert typed in text
        assert "accepted with this proposal" in text
        for key in KEYS:
            assert key in text
    assert texts[0].index(KEYS[0]) < texts[0].index(typed)
    assert not any(key in (folder / "open-names.csv").read_text() for key in KEYS)


def test_the_digest_of_the_pool_alone_approves_nothing(pending: Example) -> None:
    before = _judgements(pending).read_bytes()
    refused = _approve(pending, json.loads(_proposal(pending))["pool_sha256"])
    assert refused.code == 30
    assert _judgements(pending).read_bytes() == before
    assert pending("status", "--json").json["pending"] is not None


def test_approval_writes_who_when_and_why_and_the_week_goes_on(pending: Example) -> None:
    before = _judgements(pending).read_text()
    answer = _approve(pending)
    assert answer.code == 0, answer.err
    assert KEYS[0] in answer.out
    added = _judgements(pending).read_text().removeprefix(before).splitlines()
    digest = sha256_hex(_proposal(pending))[:12]
    assert len(added) == 2
    assert _recorded(pending) == 2, "the database knows them at once"
    for line in added:
        assert f"{VARIANT},2026-08-16,R. Viewer," in line
        assert f"accepted with proposal {digest} of 2026-W33" in line
    assert pending("publish").code == 0
    assert pending("verify").code == 0
    assert pending("rebuild").code == 0
    again = pending.run(None, "--json")
    assert again.json["provisional"] == []
    assert again.json["changes"] == []


def test_rejection_writes_nothing(pending: Example) -> None:
    before = _judgements(pending).read_bytes()
    assert _approve(pending, verb="reject").code == 0
    assert _judgements(pending).read_bytes() == before


@pytest.mark.parametrize("answer", ["--not-routed", "muse-spark-1.1@default"])
def test_a_persons_word_since_the_run_makes_the_proposal_stale(pending: Example, answer: str) -> None:
    said = ("--source", "lmarena-text", "--note", "No.", *WHO)
    assert pending("crosswalk", "map", KEYS[0], answer, *said).code == 0
    refused = _approve(pending)
    assert refused.code == 30
    assert "data/crosswalk changed" in refused.err
    assert "modelpool run --week 2026-W33" in refused.err
    assert pending.run().code == 10
    names = json.loads(_proposal(pending, "2026-W33.2")).get("provisional", [])
    assert KEYS[0] not in {one["name"] for one in names}


def test_a_withdrawn_judgement_is_never_proposed_again(pending: Example) -> None:
    assert _approve(pending).code == 0
    undone = ("crosswalk", "undo", KEYS[0], "--source", "lmarena-text", "--note", "Not sure.", *WHO)
    assert pending(*undone).code == 0
    listed = pending("crosswalk", "open", "--json", "--top", "100").json
    assert listed["provisional"] == []
    assert KEYS[0] in json.dumps(listed["names"])


def test_an_approval_that_was_stopped_before_its_lines_is_completed_once(
    pending: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _judgements(pending).read_bytes()

    def refuse(_target: Path, _body: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(atomic_files, "replace_file", refuse)
        stopped = _approve(pending)
        assert stopped.code == 0, "the decision stands"
        assert "WARN the judgements accepted with it could not be written: [Errno 28]" in stopped.out
    assert (pending.folder / "reviews/2026-W33/decision.json").exists()
    assert _judgements(pending).read_bytes() == before
    assert _meant(pending) == []
    answer = _approve(pending)
    assert answer.code == 0, answer.err
    assert _recorded(pending) == 2
    after = _judgements(pending).read_bytes()
    assert _meant(pending) == [VARIANT, VARIANT]
    assert _approve(pending).code == 30
    assert pending("publish").code == 0
    assert _judgements(pending).read_bytes() == after


@pytest.mark.parametrize("late", ["publish", "judge"])
def test_whatever_comes_next_completes_it_and_a_later_word_holds(
    pending: Example, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.flow.approval.approve.write_accepted_names", lambda _workspace: ())
        assert _approve(pending).code == 0
    assert _meant(pending) == []
    assert _recorded(pending) == 0
    if late == "publish":
        assert pending("publish").code == 0
        assert _meant(pending) == [VARIANT, VARIANT]
        assert _recorded(pending) == 2
        return
    said = ("--not-routed", "--source", "lmarena-text", "--note", "No.", *WHO)
    assert pending("crosswalk", "map", KEYS[0], *said).code == 0
    assert sorted(_meant(pending), key=str) == [None, VARIANT]
    refused = pending("publish")
    assert refused.code == 30
    assert "data/crosswalk changed since the proposal 2026-W33: the judgement of" in refused.err


def test_the_names_are_listed_and_can_be_asked_about(pending: Example) -> None:
    listed = pending("crosswalk", "open")
    assert "used as the variant they spell" in listed.out
    asked = pending("crosswalk", "suggest", KEYS[0], "--source", "lmarena-text", "--json")
    assert asked.code == 0, asked.err
    options = asked.json["options"]
    assert isinstance(options, list)
    assert options[0]["suggestion"]["variant"] == VARIANT
    assert asked.json["judged"] is None


def test_an_explanation_says_that_nobody_judged_the_name_yet(pending: Example) -> None:
    told = pending("explain", VARIANT)
    assert told.code == 0, told.err
    assert "used provisionally" in told.out
