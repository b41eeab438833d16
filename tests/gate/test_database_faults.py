"""Every command that writes tells the truth where the database is locked, corrupt, newer, full or read-only.

`python -m tests.gate.test_database_faults` tries every pair of fault and command, in some minutes; `make
printed-commands` runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_one_writer import WRITES
from tests.example import Example, copy_record, invoke
from tests.gate.test_database import FAULTS, corrupt, full, locked, newer, read_only
from tests.gate.workspace import GateWorkspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer
    from tests.gate.test_database import Fault

pytestmark = pytest.mark.usefixtures("_sqlite_file")

WHY = ("--reviewer", "R. Viewer", "--note", ("Its card says so. " * 110).strip())
EVERY_PAIR = "MODELPOOL_EVERY_PAIR" in os.environ
ASKS_IT = {
    "run", "approve", "answer", "reject", "withdraw", "publish", "rebuild", "crosswalk map", "crosswalk undo",
}  # fmt: skip
"""Commands that open the database."""
SCORE = ("run", "crosswalk map", "crosswalk undo")
"""Those of them that take seconds."""
NEVER = {
    "memory retract", "backup", "prune", "sources accept", "policy upgrade", "usage import",
    "usage fit", "usage approve",
}  # fmt: skip
"""Commands that write files only: the next of the others tells the database. (`prune` opens it for
`--keep-weeks` alone, see `tests/flow/test_simulated_year.py`.)"""
NO_BLOCKER: set[tuple[Fault, str]] = {(corrupt, "rebuild"), (newer, "rebuild")}
"""What is made again is set aside."""
FITS_ALWAYS = {"approve", "reject", "withdraw", "publish"}
"""What they write fits into the last page of a database; `test_database.py` fills that first."""


@pytest.fixture(scope="module")
def _recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run, a pending proposal, two judgements that a command may undo, and a database."""
    folder = tmp_path_factory.mktemp("recorded") / "workspace"
    copy_record(folder)
    there = Example(folder)
    assert there.run().code == 10
    assert there("crosswalk", "map", "grok-4-fast-chat", "grok-4-fast@none", *WHY).code == 0
    with closing(sqlite3.connect(folder / "data" / "pipeline.sqlite")) as database:
        database.execute("VACUUM")  # a full disk is noticed only where no page of the file is free
    return folder


@pytest.fixture
def there(_recorded: Path, tmp_path: Path) -> GateWorkspace:
    shutil.copytree(_recorded, tmp_path / "there")
    return GateWorkspace(tmp_path / "there")


def _typed(there: GateWorkspace, command: str) -> tuple[str, ...]:
    """Return words with which a command would do its work here."""
    example = Example(there.folder)
    if command == "publish":
        assert example.approve().code == 0
        return ("publish", "--although-expired")
    if command == "withdraw":
        digest = example.digest()[:16]
        assert example.approve().code == 0
        return ("withdraw", digest, *WHY)
    if command in {"approve", "reject", "answer"}:
        more = ("--never", "1") if command == "answer" else ()
        return (command, example.digest()[:16], *more, *WHY)
    return {
        "run": ("run", "--captures", f"{there.folder}/data/sample/2026-W33", "--week", "2026-W34"),
        "rebuild": ("rebuild",),
        "crosswalk map": ("crosswalk", "map", "grok-4-fast-chat", "--not-routed", *WHY),
        "crosswalk undo": ("crosswalk", "undo", "grok-4-fast-chat", *WHY),
    }[command]


def test_every_writing_command_asks_the_database_or_never_does() -> None:
    assert WRITES.keys() == ASKS_IT | NEVER
    assert not ASKS_IT & NEVER


def tells_the_truth(
    there: GateWorkspace, monkeypatch: pytest.MonkeyPatch, fault: Fault, command: str
) -> Answer:
    """Type a command while the database fails; what it says must be what happened."""
    words = _typed(there, command)
    before = there.files()
    with fault(there, monkeypatch):
        said = Example(there.folder)(*words)
    text = said.out + said.err
    assert "Traceback" not in text
    assert not (there.folder / "data" / "errors.log").exists()
    if "othing was changed" in text:
        assert there.files() == before
    if (fault, command) in NO_BLOCKER:
        assert said.code == 0, text
        return said
    assert FAULTS[fault] in text, "the fault fired"
    if said.code == 30:
        assert there.files() == before
    else:
        assert said.code in {0, 10}, text
        assert there.files() != before
        assert "WARN the database does not know of it yet" in text
    return said


QUICK = [
    (fault, command)
    for fault in FAULTS
    for command in sorted(ASKS_IT - {*SCORE})
    if fault is not full or command not in FITS_ALWAYS
]


@pytest.mark.parametrize(("fault", "command"), QUICK, ids=lambda one: getattr(one, "__name__", one))
def test_a_failing_database_is_told_and_what_is_said_is_true(
    there: GateWorkspace, monkeypatch: pytest.MonkeyPatch, fault: Fault, command: str
) -> None:
    tells_the_truth(there, monkeypatch, fault, command)
    assert there("verify").code == 0


def _typed_of_files(there: GateWorkspace, command: str) -> tuple[str, ...]:
    """Return words with which a command that writes files only would do its work here."""
    example = Example(there.folder)
    if command == "memory retract":
        assert example("reject", example.digest()[:16], *WHY).code == 0
        return ("memory", "retract", json.loads(example("memory", "--json").out)[0]["key"], *WHY)
    if command == "backup":
        return ("backup", str(there.folder.parent / "elsewhere"))
    line = {"request": "r1", "workload": "review", "time": "2026-08-01T12:00:00Z", "variant": "small@none"}
    (there.folder / "answers.jsonl").write_text(json.dumps(line) + "\n")
    return ("usage", "import", str(there.folder / "answers.jsonl"))


@pytest.mark.parametrize("command", ["memory retract", "backup", "usage import"])
def test_a_command_that_writes_files_only_does_not_need_the_database(
    there: GateWorkspace, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    words = _typed_of_files(there, command)
    before = {path: path.read_bytes() for path in there.folder.parent.rglob("*.json*") if path.is_file()}
    with corrupt(there, monkeypatch):
        spoiled = there.place.database.read_bytes()
        said = Example(there.folder)(*words)
        assert there.place.database.read_bytes() == spoiled
    assert said.code == 0, said.err
    assert "database" not in said.out + said.err
    after = {path: path.read_bytes() for path in there.folder.parent.rglob("*.json*") if path.is_file()}
    assert after.keys() > before.keys()
    assert there("verify").code == 0


@pytest.mark.parametrize("fault", [full, read_only], ids=lambda one: one.__name__)
def test_a_restore_says_that_the_database_is_not_filled(
    there: GateWorkspace, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    copy, place = there.folder.parent / "copy", there.folder.parent / "restored"
    assert there("backup", str(copy)).code == 0
    with fault(there, monkeypatch):
        said = invoke(["restore", str(copy), str(place)])
    assert said.code == 0, said.err
    assert FAULTS[fault] in said.out, "the fault fired"
    assert "WARN the database could not be filled" in said.out
    restored = GateWorkspace(place)
    assert {name for name in restored.files() if name.startswith("reviews/")} == {
        name for name in there.files() if name.startswith("reviews/")
    }
    assert restored("rebuild").code == 0
    assert restored("verify").code == 0


PAIRS = (
    [(fault, command) for fault in FAULTS for command in SCORE]
    if EVERY_PAIR
    else [(full, "run"), (corrupt, "crosswalk map"), (locked, "crosswalk undo")]
)


@pytest.mark.parametrize(("fault", "command"), PAIRS, ids=lambda one: getattr(one, "__name__", one))
def test_a_failing_database_is_told_by_commands_that_score(
    there: GateWorkspace, monkeypatch: pytest.MonkeyPatch, fault: Fault, command: str
) -> None:
    """The other pairs are tried by `python -m tests.gate.test_database_faults`."""
    tells_the_truth(there, monkeypatch, fault, command)
    assert there("rebuild").code == 0
    assert there("verify").code == 0


if __name__ == "__main__":
    os.environ["MODELPOOL_EVERY_PAIR"] = "1"
    sys.exit(pytest.main([__file__, "-q", "-p", "no:cacheprovider", "--timeout", "600"]))
