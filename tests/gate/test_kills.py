"""A command that is killed at any of its file calls leaves the record as it was or as it will be."""

from __future__ import annotations

import json
import os
import signal
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.record.integrity import AlteredRecordError, check_files
from pipeline.flow.record.record_files import RecordFiles
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.review.proposals.questions import questions_of
from pipeline.settings import Settings
from tests.example import Example
from tests.gate.workspace import NOON, SAY, GateWorkspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HOUR = timedelta(hours=1)
CALLS = ("fsync", "link", "unlink", "replace")
KILLED = -signal.SIGKILL
LATER = ("--now", "2026-08-15T13:00:00Z")
PROPOSAL_WAITS = 10
ANSWER_CALLS = 18
"""File calls of an answer: it files the answers, then what is left as a proposal of four files."""


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


def _to_retract(ran: GateWorkspace) -> tuple[str, ...]:
    assert ran("reject", Example(ran.folder).digest()[:16], *SAY).code == 0
    key = json.loads(ran("memory", "--json").out)[0]["key"]
    return ("memory", "retract", key, *SAY, *LATER)


def _to_answer(ran: GateWorkspace) -> tuple[str, ...]:
    pending = Reviews(ran.place.reviews).pending
    assert pending is not None
    entrant = next(one for one in questions_of(pending.proposal) if one.direction is not None)
    digest = pending.proposal.pool_sha256[:16]
    return ("answer", digest, "--never", str(entrant.number), *SAY, *LATER)


def _kill_at(gate: GateWorkspace, words: tuple[str, ...], calls: int, places: Iterable[int]) -> None:
    """Kill a command at each place, then type it again: what it leaves is what it leaves without a kill."""
    before = gate.files()
    end, made = _run_killed(gate, words, None)
    assert (end, made) == (PROPOSAL_WAITS if words[0] == "answer" else 0, calls)
    after = gate.files()
    for at in places:
        for name in after.keys() - before.keys():
            (gate.folder / name).unlink()
        if words[0] != "publish":  # the database and the log know of what was just removed
            assert gate("rebuild", at=NOON).code == 0
        assert {name: body for name, body in gate.files().items() if not name.endswith(".new")} == before
        end, made = _run_killed(gate, words, at)
        assert (end, made) == (KILLED, at), "the kill fired"
        cut_off = words[0] == "publish" and (gate.place.pools / "v0001.json").exists()
        cut_off = cut_off and not (gate.place.pools / "latest.json").exists()
        with (
            pytest.raises(AlteredRecordError, match="its publication was cut off")
            if cut_off
            else nullcontext()
        ):
            check_files(RecordFiles(gate.place), Settings())
        again = gate(*words, at=NOON + HOUR)
        assert again.code in {0, PROPOSAL_WAITS, 30}, again.err
        left = {name: body for name, body in gate.files().items() if not name.endswith(".new")}
        assert left == after, at


@pytest.mark.parametrize(
    ("prepare", "calls"),
    [(_to_approve, 4), (_to_publish, 7), (_to_withdraw, 4)],
    ids=["approve", "publish", "withdraw"],
)
def test_a_command_killed_at_any_file_call_can_be_run_again(
    gate: GateWorkspace, prepare: Callable[[GateWorkspace], tuple[str, ...]], calls: int
) -> None:
    _kill_at(gate, prepare(gate), calls, range(calls))


def test_a_retraction_killed_at_any_file_call_can_be_run_again(ran: Example) -> None:
    gate = GateWorkspace(ran.folder)
    _kill_at(gate, _to_retract(gate), 4, range(4))


@pytest.mark.timeout(1200)
def test_answers_killed_at_a_file_call_can_be_typed_again(ran: Example) -> None:
    """Answers make the week once more, so that each kill takes seconds: `make nightly` tries every call."""
    gate = GateWorkspace(ran.folder)
    every = range(ANSWER_CALLS) if "MODELPOOL_TEST_KILLS" in os.environ else (0, 1, 3, ANSWER_CALLS - 3)
    _kill_at(gate, _to_answer(gate), ANSWER_CALLS, every)
