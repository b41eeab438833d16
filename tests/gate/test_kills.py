"""A command that is killed at any of its file calls leaves the record as it was or as it will be."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.record.integrity import verify_record
from tests.gate.workspace import NOON, SAY, GateWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)
CALLS = ("fsync", "link", "unlink", "replace")
KILLED = -signal.SIGKILL


def _run_killed(gate: GateWorkspace, words: tuple[str, ...], at: int | None) -> tuple[int, int]:
    """Run a command in a process that kills itself before file call `at`; return its end and its calls."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            for name in CALLS:
                setattr(os, name, _counted(getattr(os, name), writer, at))
            code = gate(*words, at=NOON + HOUR).code
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        calls = len(file.read())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), calls


_made = [0]


def _counted(call: Callable[..., None], writer: int, at: int | None) -> Callable[..., None]:
    def counted(*arguments: object, **named: object) -> None:
        if _made[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)
        _made[0] += 1
        os.write(writer, b".")
        call(*arguments, **named)

    return counted


def _to_approve(gate: GateWorkspace) -> tuple[str, ...]:
    return ("approve", gate.propose().proposal.pool_sha256[:16], *SAY)


def _to_publish(gate: GateWorkspace) -> tuple[str, ...]:
    assert gate(*_to_approve(gate)).code == 0
    return ("publish",)


def _to_withdraw(gate: GateWorkspace) -> tuple[str, ...]:
    words = _to_approve(gate)
    assert gate(*words).code == 0
    return ("withdraw", words[1], *SAY)


@pytest.mark.parametrize(
    ("prepare", "calls"),
    [(_to_approve, 4), (_to_publish, 7), (_to_withdraw, 4)],
    ids=["approve", "publish", "withdraw"],
)
def test_a_command_killed_at_any_file_call_can_be_run_again(
    gate: GateWorkspace, prepare: Callable[[GateWorkspace], tuple[str, ...]], calls: int
) -> None:
    words = prepare(gate)
    before = gate.files()
    end, made = _run_killed(gate, words, None)
    assert (end, made) == (0, calls)
    after = gate.files()
    for at in range(calls):
        for name in after.keys() - before.keys():
            (gate.folder / name).unlink()
        end, made = _run_killed(gate, words, at)
        assert (end, made) == (KILLED, at), "the kill fired"
        verify_record(gate.place)
        again = gate(*words, at=NOON + HOUR)
        assert again.code in {0, 30}, again.err
        left = {name: body for name, body in gate.files().items() if not name.endswith(".new")}
        assert left == after, at
