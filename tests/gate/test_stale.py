"""An approval is refused, and so is a publication, when something the proposal was made from moved."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.approval.stale_proposal import NO_BLOCKER, find_blocker
from pipeline.flow.record.record_files import RecordFiles
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.publish.versions import file_bytes
from tests.gate.workspace import NOON, GateWorkspace, make_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LATER = NOON + timedelta(hours=1)


def _replace(gate: GateWorkspace, name: str, edit: Callable[[str], str]) -> None:
    file = gate.folder / "data" / name
    before = file.read_text()
    file.write_text(edit(before))
    assert file.read_text() != before, "the fault fired"


def _policy(gate: GateWorkspace) -> None:
    _replace(gate, "policy/tiers.toml", lambda text: text + "\n# a thought\n")


def _expectations(gate: GateWorkspace) -> None:
    _replace(gate, "policy/expectations.toml", lambda text: text + "\n# a thought\n")


def _release(gate: GateWorkspace) -> str:
    variants = load_crosswalk(gate.place.crosswalk).variants
    return next(one.release for name, one in variants.items() if name == gate.member)


def _price(gate: GateWorkspace) -> None:
    line = f"{_release(gate)},9.9,99,,2026-01-01,https://example.org/price,A. Person,dearer\n"
    _replace(gate, "crosswalk/prices.csv", lambda text: text + line)


def _route(gate: GateWorkspace) -> None:
    route = next(
        one.litellm
        for name, one in load_crosswalk(gate.place.crosswalk).variants.items()
        if name == gate.member
    )
    assert route is not None
    _replace(
        gate,
        "crosswalk/variants.csv",
        lambda text: "".join(
            line.replace(f",{route},", ",openai/another,") if line.startswith(f"{gate.member},") else line
            for line in text.splitlines(keepends=True)
        ),
    )


def _judged_line(text: str, member: str) -> tuple[str, list[str]]:
    """Return the line that holds about a name of a variant, and its cells."""
    found = {}
    for line in text.splitlines(keepends=True):
        cells = next(csv.reader([line]))
        found[cells[0], cells[1]] = (line, cells)
    return next(one for one in found.values() if one[1][3] == member)


def _line(*cells: str) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()


def _judgement_removed(gate: GateWorkspace) -> None:
    def edit(text: str) -> str:
        return text.replace(_judged_line(text, gate.member)[0], "")

    _replace(gate, "crosswalk/judgements.csv", edit)


def _judgement_withdrawn(gate: GateWorkspace) -> None:
    def edit(text: str) -> str:
        cells = _judged_line(text, gate.member)[1]
        return text + _line(*cells[:3], "?", "2026-08-15", "A. Person", "it was wrong")

    _replace(gate, "crosswalk/judgements.csv", edit)


def _judgement_added(gate: GateWorkspace) -> None:
    line = f"lmarena-text,a-new-name,a-new-name,{gate.member},2026-08-15,A. Person,the same model\n"
    _replace(gate, "crosswalk/judgements.csv", lambda text: text + line)


MOVED: dict[str, tuple[Callable[[GateWorkspace], None], str]] = {
    "policy": (_policy, "the policy changed"),
    "expectations": (_expectations, "the expectations changed"),
    "price": (_price, "judged prices of"),
    "route": (_route, "litellm of"),
    "judgement removed": (_judgement_removed, "the judgement of"),
    "judgement withdrawn": (_judgement_withdrawn, "the judgement of"),
    "judgement added": (_judgement_added, "the judgement of"),
}


@pytest.mark.parametrize("kind", MOVED)
@pytest.mark.parametrize("command", ["approve", "publish"])
def test_what_moved_since_the_run_is_named_and_the_command_refused(
    gate: GateWorkspace, kind: str, command: str
) -> None:
    move, word = MOVED[kind]
    filed = gate.propose()
    if command == "publish":
        assert gate.approve(filed).code == 0
    move(gate)
    assert word in find_blocker(RecordFiles(gate.place), filed, now=NOON).stale
    before = gate.files()
    said = gate.approve(filed, LATER) if command == "approve" else gate("publish", at=LATER)
    assert said.code == 30, said.out
    assert word in said.err
    assert f"modelpool run --week 2026-W33 --workspace {gate.folder}" in said.err.replace("\n", "")
    assert gate.files() == before
    assert gate.published() == 0
    assert gate("status", at=LATER).code == 0


def _unrelated_judgement(gate: GateWorkspace) -> None:
    line = "lmarena-text,a-new-name,a-new-name,,2026-08-15,A. Person,nothing we route to\n"
    _replace(gate, "crosswalk/judgements.csv", lambda text: text + line)


def _unrelated_variant(gate: GateWorkspace) -> None:
    line = "new-1@none,maker,new-1,new-1,none,2026-08-01,no,1000,,,,,,,,\n"
    _replace(gate, "crosswalk/variants.csv", lambda text: text + line)


def _affirmed(gate: GateWorkspace) -> None:
    def edit(text: str) -> str:
        cells = _judged_line(text, gate.member)[1]
        return text + _line(*cells[:4], "2026-08-15", "A. Person", "looked again")

    _replace(gate, "crosswalk/judgements.csv", edit)


@pytest.mark.parametrize("change", [_unrelated_judgement, _unrelated_variant, _affirmed])
def test_an_unrelated_line_makes_nothing_stale(
    gate: GateWorkspace, change: Callable[[GateWorkspace], None]
) -> None:
    filed = gate.propose()
    change(gate)
    assert find_blocker(RecordFiles(gate.place), filed, now=NOON) == NO_BLOCKER
    assert gate.approve(filed).code == 0
    _unrelated_judgement(gate)
    said = gate("publish", at=LATER)
    assert said.code == 0, said.err
    assert gate.published() == 1


def test_a_crosswalk_that_nobody_kept_cannot_be_compared(gate: GateWorkspace) -> None:
    filed = gate.propose()
    for kept in (gate.folder / "reviews/used").glob("crosswalk-*"):
        kept.unlink()
    _unrelated_variant(gate)
    said = gate.approve(filed)
    assert said.code == 30
    assert "what the run used of it is not here" in said.err


@pytest.mark.parametrize("command", ["approve", "publish"])
def test_another_version_in_force(gate: GateWorkspace, tmp_path: Path, command: str) -> None:
    elsewhere = make_workspace(tmp_path / "elsewhere")
    assert elsewhere.approve(elsewhere.propose(mark="theirs")).code == 0
    assert elsewhere("publish").code == 0
    filed = gate.propose()
    if command == "publish":
        assert gate.approve(filed).code == 0
    shutil.copytree(elsewhere.folder / "data/pools", gate.folder / "data/pools")
    before = gate.files()
    said = gate.approve(filed, LATER) if command == "approve" else gate("publish", at=LATER)
    assert said.code == 30
    assert "starts from v0000, but v0001 is in force" in said.err
    assert gate.files() == before


def test_a_publication_that_was_cut_off_is_completed_or_removed(gate: GateWorkspace) -> None:
    """What `status` and `verify` name works: `publish` while nothing moved, and then `rm`."""
    filed = gate.propose()
    assert gate.approve(filed).code == 0
    cut_off = gate.place.pools / "v0001.json"
    cut_off.parent.mkdir()
    cut_off.write_bytes(file_bytes(filed.proposal.pool))
    said = gate("status")
    assert said.code == 30
    assert "its publication was cut off" in said.err
    assert f"`{gate.place.command('publish')}` completes" in said.err
    _replace(gate, "policy/tiers.toml", lambda text: text + "# a thought\n")
    moved = gate("status")
    assert moved.code == 30
    assert "modelpool publish" not in moved.err
    assert f"`rm {cut_off}`" in " ".join(moved.err.split())
    assert gate("publish").code == 30
    cut_off.unlink()
    assert gate("status").code == 0


@pytest.mark.parametrize("file", ["policy/tiers.toml", "crosswalk/judgements.csv"])
@pytest.mark.parametrize("command", ["approve", "publish"])
def test_status_names_no_command_that_a_file_of_people_hinders(
    gate: GateWorkspace, command: str, file: str
) -> None:
    filed = gate.propose()
    if command == "publish":
        assert gate.approve(filed).code == 0
    broken = gate.folder / "data" / file
    broken.write_text(broken.read_text() + "neither = a key, nor a line\n")
    said = gate("status", at=LATER)
    assert said.code == 0, said.err
    assert f"First mend what cannot be read: {broken}" in said.out
    assert f"modelpool {command}" not in said.out
    refused = gate.approve(filed, LATER) if command == "approve" else gate("publish", at=LATER)
    assert refused.code == 2
    assert str(broken) in refused.err.replace("\n", "")
    assert gate.published() == 0
