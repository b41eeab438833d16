"""Every command that writes waits for the one that writes already, then says which that is."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING

import pytest

from pipeline import workspace_lock
from pipeline.cli.app import app
from pipeline.workspace_lock import LOCK, LockHolder, hold_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Event
    from pathlib import Path

    import typer

    from tests.example import Example

SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")
WHY = ("--reviewer", "R. Viewer", "--note", "The page says so.")
WRITES = {
    "run": ("--captures", "data/sample/2026-W33"),
    "approve": ("0123abcd", *SAY),
    "answer": ("0123abcd", "--never", "1", *SAY),
    "reject": ("0123abcd", *SAY),
    "memory retract": ("0123abcd", *SAY),
    "withdraw": ("0123abcd", *SAY),
    "publish": (),
    "rebuild": (),
    "prune": (),
    "backup": ("elsewhere",),
    "crosswalk map": ("a-name", "--not-routed", *WHY),
    "crosswalk undo": ("a-name", *WHY),
    "sources accept": ("lmarena-text", *WHY),
    "policy upgrade": (),
    "usage import": ("spend.jsonl",),
    "usage fit": (),
    "usage approve": ("0123abcd", *SAY),
}
"""The commands that write the record, with words that parse."""
OTHERS = {
    "init", "review", "status", "history", "diff", "verify", "export", "explain", "why-not", "whatif",
    "crosswalk open", "crosswalk suggest", "sources", "sources check", "replay", "backtest", "tune",
    "usage table", "usage costs", "usage sample", "gateway", "doctor", "doctor gateway", "metrics",
    "schedule", "restore", "help", "memory",
}  # fmt: skip
"""They write nothing of the record; `init` names its folder otherwise and has a test of its own."""


def _hold(folder: Path, held: Event, free: Event) -> None:
    with hold_lock(folder / "data", LockHolder(command="run", since="2026-08-15T12:00:00Z")):
        held.set()
        free.wait(60)


@pytest.fixture
def holder(example: Example) -> Iterator[int]:
    """Another process that writes into the workspace."""
    context = multiprocessing.get_context("spawn")
    held, free = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(example.folder, held, free))
    process.start()
    assert held.wait(60), "the lock is held"
    assert process.pid is not None
    yield process.pid
    free.set()
    process.join(timeout=30)
    assert process.exitcode == 0


def _commands(group: typer.Typer, before: str = "") -> set[str]:
    named = {
        before + (one.name or (one.callback.__name__ if one.callback else "")).replace("_", "-")
        for one in group.registered_commands
    }
    for one in group.registered_groups:
        if one.typer_instance is None:
            continue
        name = f"{before}{one.name or one.typer_instance.info.name}"
        named |= {name} if one.typer_instance.info.invoke_without_command is True else set()
        named |= _commands(one.typer_instance, f"{name} ")
    return named


def test_every_command_is_known_to_write_or_not() -> None:
    assert _commands(app) == WRITES.keys() | OTHERS


def test_a_writing_command_is_told_who_writes(
    example: Example,
    holder: int,
    monkeypatch: pytest.MonkeyPatch,
    files_below: Callable[[Path], dict[str, bytes]],
) -> None:
    monkeypatch.setattr(workspace_lock, "WAIT_SECONDS", 0.05)
    before = {name: body for name, body in files_below(example.folder).items() if name != "data/log.jsonl"}
    for command, words in WRITES.items():
        said = example(*command.split(), *words)
        assert said.code == 30, (command, said.out, said.err)
        for word in (
            f"process {holder}",
            "`modelpool run`",
            "since 2026-08-15T12:00:00Z",
            "Nothing was changed",
        ):
            assert word in said.err, (command, said.err)
    new = typer_init(example.folder)
    assert f"process {holder}" in new
    after = {name: body for name, body in files_below(example.folder).items() if name != "data/log.jsonl"}
    assert after == before


def typer_init(folder: Path) -> str:
    from typer.testing import CliRunner

    return CliRunner().invoke(app, ["init", str(folder)]).stderr


def test_who_asks_does_not_wait(example: Example, holder: int) -> None:
    assert example("status").code == 0
    assert example("history").code == 0


def test_a_command_waits_for_the_one_before(example: Example) -> None:
    """The other command ends while this one waits: both are done, one after the other."""
    context = multiprocessing.get_context("spawn")
    held, free = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(example.folder, held, free))
    process.start()
    assert held.wait(60)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"x")
        os._exit(example("policy", "upgrade").code)
    assert os.read(reader, 1) == b"x"
    free.set()
    process.join(timeout=30)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_holder_that_ended_holds_nothing(example: Example) -> None:
    """What the file says is only for people: the lock is the operating system's."""
    (example.folder / "data" / LOCK).write_text("1 2026-08-15T12:00:00Z run\n")
    assert example("policy", "upgrade").code == 0


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"one 2026 run", b"7"])
def test_a_holder_that_did_not_name_itself_is_told_of_all_the_same(
    example: Example, holder: int, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    monkeypatch.setattr(workspace_lock, "WAIT_SECONDS", 0.05)
    (example.folder / "data" / LOCK).write_bytes(text)
    said = example("policy", "upgrade")
    assert said.code == 30
    assert "another modelpool command is writing" in said.err


def test_a_link_in_the_place_of_the_lock_is_not_followed(example: Example, tmp_path: Path) -> None:
    target = tmp_path / "theirs"
    target.write_text("theirs")
    (example.folder / "data" / LOCK).symlink_to(target)
    said = example("policy", "upgrade")
    assert said.code == 30
    assert LOCK in said.err
    assert target.read_text() == "theirs"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda lock: lock.mkdir(), "workspace.lock is a folder"),
        (lambda lock: lock.symlink_to("/dev/null"), "workspace.lock is a link"),
    ],
)
def test_what_stands_in_the_place_of_the_lock_is_named(
    make: Callable[[Path], None], words: str, ran: Example
) -> None:
    lock = ran.folder / "data" / LOCK
    lock.unlink(missing_ok=True)
    make(lock)
    answer = ran("publish")
    assert (answer.code, words in " ".join(answer.err.split())) == (30, True), answer
    assert f"{lock}`." in answer.err.replace("\n", ""), "the command that removes it"
