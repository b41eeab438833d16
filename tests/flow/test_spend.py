"""The next proposal shows what answers really cost, and is replayed with the answers that it read."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.example import Example, copy_record
from tests.gateway.conftest import sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEMBERS = {member["variant"]: member["usd_per_task"] for member in sample()["tiers"]["balanced"]["members"]}
FIRST, SECOND, *_ = MEMBERS


def answer(request: str, variant: str, usd: str, time: str = "2026-08-10T12:00:00Z") -> str:
    line = {"request": request, "workload": "help", "time": time, "variant": variant, "usd": usd}
    return json.dumps(line) + "\n"


@pytest.fixture(scope="module")
def spent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run after two imports: one of answers before the last four weeks, one with later and recent ones."""
    folder = tmp_path_factory.mktemp("spent") / "workspace"
    copy_record(folder)
    example = Example(folder)
    old = folder / "old.jsonl"
    old.write_text(answer("r0", FIRST, "9", "2026-06-01T12:00:00Z"))
    new = folder / "new.jsonl"
    lines = [
        answer("r1", FIRST, "0.002"),
        answer("r2", FIRST, "0.004"),
        answer("r3", SECOND, "0.012"),
        answer("r4", "not-a-member@none", "5"),
        answer("r5", SECOND, "7", "2026-08-15T12:00:01Z"),
    ]
    new.write_text("".join(lines))
    for file in (old, new):
        assert example("usage", "import", str(file)).code == 0
        file.unlink()
    assert example.run().code == 10
    return folder


@pytest.fixture
def example(spent: Path, tmp_path: Path) -> Example:
    """That workspace, in a place of its own."""
    folder = tmp_path / "workspace"
    shutil.copytree(spent, folder)
    return Example(folder)


def proposal(example: Example) -> dict[str, Any]:
    document = json.loads((example.folder / "reviews/2026-W33/proposal.json").read_bytes())
    assert isinstance(document, dict)
    return document


def usage_file(example: Example) -> Path:
    """Return the file that the run read."""
    (line,) = [one for one in proposal(example)["inputs"] if one["name"].startswith("usage:")]
    return example.folder / str(line["detail"])


def test_realised_dollars_stand_beside_projected_ones_by_tier(example: Example) -> None:
    (tier,) = [one for one in proposal(example)["spend"] if one["tier"] == "balanced"]
    projected = (2 * float(MEMBERS[FIRST]) + float(MEMBERS[SECOND])) / 3
    assert (tier["answers"], tier["usd_per_answer"]) == (3, "0.00600000")
    assert float(tier["projected_usd_per_task"]) == pytest.approx(projected, abs=1e-8)
    found = {one["variant"]: (one["answers"], one["usd_per_answer"]) for one in tier["members"]}
    assert found == {FIRST: (2, "0.00300000"), SECOND: (1, "0.01200000")}


def test_the_page_and_the_whole_review_show_it(example: Example) -> None:
    page = (example.folder / "reviews/2026-W33/report.html").read_text()
    assert "What answers really cost: balanced $0.006 an answer" in page
    shown = example("review", "--all").out
    assert "What answers really cost" in shown
    assert "$0.012" in shown


def test_a_replay_reads_the_same_answers_whatever_was_imported_since(example: Example) -> None:
    late = example.folder / "late.jsonl"
    late.write_text(answer("r9", FIRST, "3"))
    assert example("usage", "import", str(late)).code == 0
    assert example("replay", "2026-W33").code == 0


def test_a_replay_without_the_answers_names_them(example: Example) -> None:
    usage_file(example).unlink()
    found = example("replay", "2026-W33")
    assert found.code == 30
    assert "usage:1" in found.out + found.err


def _edit(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"0.012", b"0.013"))


def _replace_by_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("change", [_edit, _replace_by_a_pipe])
def test_a_file_of_answers_that_was_changed_is_left_out_with_a_warning(
    example: Example, change: Callable[[Path], None]
) -> None:
    file = usage_file(example)
    change(file)
    assert example.run().code == 10
    document = json.loads((example.folder / "reviews/2026-W33.2/proposal.json").read_bytes())
    assert "spend" not in document
    (warning,) = [one for one in document["findings"] if one["kind"] == "damaged-usage"]
    assert (warning["severity"], warning["subject"]) == ("warn", file.name)
    assert example("replay", "2026-W33.2").code == 0
