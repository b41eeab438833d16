"""Cells on several processes: in order whoever did them, named when they fail, nothing left behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.tuning.parallel import CellTask, run_cells
from pipeline.errors import PipelineError
from tests.backtest.tuning import NAMES, ROOT, again, die, nobody, refuse, square, toy_sweep, whom

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 100
"""After which a process that does not end fails the test; nothing waits for them."""
SLEEPERS = """
import sys
from pathlib import Path
import typer
from pipeline.backtest.tuning.parallel import CellTask, run_cells
from pipeline.cli.console import handle_errors
from tests.backtest.tuning import nobody, sleep
task = CellTask(work=sleep, shared="{begun}", names=("one", "two", "three"), on_done=nobody)
try:
    with handle_errors(as_json=False, log=Path("{log}")):
        run_cells(task, processes=2)
except typer.Exit as error:
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("processes", [1, 2, 9])
def test_the_answer_is_in_the_order_of_the_cells(processes: int) -> None:
    heard: list[str] = []
    task = CellTask(work=square, shared=10, names=NAMES, on_done=heard.append)
    assert run_cells(task, processes=processes) == (10, 11, 14, 19)
    assert sorted(heard) == sorted(NAMES)


def test_two_processes_share_the_cells(tmp_path: Path) -> None:
    found = run_cells(CellTask(work=whom, shared=tmp_path, names=NAMES, on_done=nobody), processes=2)
    assert [number for number, _ in found] == [0, 1, 2, 3]
    workers = {worker for _, worker in found}
    assert len(workers) == 2
    assert os.getpid() not in workers
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("processes", [1, 2])
def test_a_cell_that_raises_is_named(processes: int) -> None:
    with pytest.raises(PipelineError, match=r"^cell two failed: ZeroDivisionError: nothing to share$"):
        run_cells(CellTask(work=refuse, shared=0, names=NAMES, on_done=nobody), processes=processes)
    assert multiprocessing.active_children() == []


def test_the_cells_that_were_worked_on_when_a_process_died_are_named() -> None:
    with pytest.raises(
        PipelineError, match=r"^a worker process died in cell [a-z]+( or in cell [a-z]+)?$"
    ) as caught:
        run_cells(CellTask(work=die, shared=1, names=NAMES, on_done=nobody), processes=2)
    assert "cell two" in str(caught.value)
    assert "fewer --processes" in caught.value.hint
    assert multiprocessing.active_children() == []


def test_a_worker_scores_the_weeks_once_for_all_its_cells(tmp_path: Path) -> None:
    task = CellTask(work=again, shared=(toy_sweep(tmp_path), tmp_path), names=NAMES, on_done=nobody)
    found = run_cells(task, processes=2)
    workers = {worker for worker, _ in found}
    assert [before for _, before in found].count(False) == len(workers) == 2


def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Killed as the kernel does when memory runs out: nothing of this process runs any more."""
    with sleepers(tmp_path) as (started, workers):
        started.kill()
        started.communicate(timeout=SECONDS)
    assert started.returncode == -signal.SIGKILL
    assert len(workers) == 2


@pytest.mark.parametrize("to_all", [True, False])
def test_an_interrupt_leaves_nothing_behind(
    to_all: bool,  # noqa: FBT001 - pytest passes it
    tmp_path: Path,
) -> None:
    """Ctrl-C reaches the whole group of a terminal; `kill -INT` only the one. Workers hear neither."""
    with sleepers(tmp_path) as (started, workers):
        assert [worker for worker in workers if hears_an_interrupt(worker)] == []
        (os.killpg if to_all else os.kill)(started.pid, signal.SIGINT)
        out, told = started.communicate(timeout=SECONDS)
    assert (started.returncode, out) == (130, "")
    assert told.splitlines()[0] == "error: interrupted"
    assert "Traceback" not in told


@contextmanager
def sleepers(folder: Path) -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """A process group of its own, and its two workers, which are at work and do not end by themselves.

    Whoever is in the group holds the pipes of `communicate`, which ends when the last one has ended.
    """
    begun = folder / "begun"
    os.mkfifo(begun)
    started = subprocess.Popen(
        [sys.executable, "-c", SLEEPERS.format(log=f"{folder}/errors.log", begun=begun)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        with os.fdopen(os.open(begun, os.O_RDWR)) as pipe:
            yield started, {int(pipe.readline()), int(pipe.readline())}
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)


def hears_an_interrupt(process: int) -> bool:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    deaf = int(fields["SigBlk"], 16) | int(fields["SigIgn"], 16)
    return not deaf >> (signal.SIGINT - 1) & 1
