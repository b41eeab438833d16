"""Many cells on several local processes: each is named when it fails, and nothing is left behind."""

from __future__ import annotations

import signal
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

Shared = TypeVar("Shared")
Found = TypeVar("Found")

_LEAVE_SECONDS: Final = 5.0
"""A worker that was told to stop and has not by then is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[Shared, Found]):
    """The same work on one shared value for every cell."""

    work: Callable[[Shared, int], Found]
    """A function of a module, so that another process finds it."""
    shared: Shared
    names: Sequence[str]
    """What each cell is called in a message."""
    told: Callable[[str], None]
    """Hears the name of a cell that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Found]):
    """What a cell found, or why it failed."""

    found: Found | None = None
    error: str = ""


@dataclass(slots=True, kw_only=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    busy_with: int = -1


def in_processes(task: Task[Shared, Found], *, processes: int) -> tuple[Found, ...]:
    """Do all cells; the answer is in their order, whoever did them.

    Args:
        task: What to do.
        processes: How many at a time; 1 does the work here.

    Raises:
        PipelineError: A cell failed or its process died.
    """
    if processes == 1 or len(task.names) == 1:
        numbers = range(len(task.names))
        return tuple(opened(task, each, attempt(task.work, task.shared, each)) for each in numbers)
    with _hired(task, min(processes, len(task.names))) as crew:
        found = _shared_out(task, crew)
    return tuple(found[number] for number in range(len(task.names)))


def failed(name: str, found: str) -> PipelineError:
    """Say which cell failed, and how to look at it closely."""
    return PipelineError(
        f"cell {name} failed: {found}",
        hint="Nothing was written. Put these values into a policy file and run `modelpool backtest` on it.",
    )


def attempt(work: Callable[[Shared, int], Found], shared: Shared, number: int) -> Answer[Found]:
    """Do one cell where the errors of this package cannot be raised: in another process."""
    try:
        return Answer(found=work(shared, number))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side names the cell
        return Answer(error=last_words(error))


def opened(task: Task[Shared, Found], number: int, answer: Answer[Found]) -> Found:
    """Take what a cell found out of its answer.

    Raises:
        PipelineError: It failed.
    """
    if answer.found is None:
        raise failed(task.names[number], answer.error)
    task.told(task.names[number])
    return answer.found


def last_words(error: BaseException) -> str:
    """The last line a traceback would have."""
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__


@contextmanager
def _hired(task: Task[Shared, Found], count: int) -> Iterator[list[_Worker]]:
    """Start workers, and end them whatever happens; an interrupt is for this process alone."""
    context, crew = get_context("spawn"), list[_Worker]()
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, task.work, task.shared), daemon=True)
            # A blocked signal stays blocked in the child for good; here it is delivered afterwards.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
                crew.append(_Worker(process=process, pipe=ours))
            finally:
                theirs.close()
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield crew
    finally:
        _dismiss(crew)


def _serve(pipe: Connection, work: Callable[[Shared, int], Found], shared: Shared) -> None:
    """Work until the other side hangs up."""
    while True:
        try:
            number = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send(attempt(work, shared, number))
        except OSError:
            return


def _shared_out(task: Task[Shared, Found], crew: Sequence[_Worker]) -> dict[int, Found]:
    waiting, found = iter(range(len(task.names))), dict[int, Found]()
    at_work = {worker.pipe: worker for worker in crew if _given(worker, waiting, task.names)}
    while at_work:
        for pipe in wait(list(at_work)):
            worker = next(one for one in at_work.values() if one.pipe is pipe)
            name = task.names[worker.busy_with]
            try:
                answer: Answer[Found] = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join(_LEAVE_SECONDS)
                raise failed(name, f"its process died (exit {worker.process.exitcode})") from None
            found[worker.busy_with] = opened(task, worker.busy_with, answer)
            if not _given(worker, waiting, task.names):
                del at_work[worker.pipe]
    return found


def _given(worker: _Worker, waiting: Iterator[int], names: Sequence[str]) -> bool:
    """Hand the next cell to a worker; False where none is left."""
    number = next(waiting, None)
    if number is None:
        return False
    worker.busy_with = number
    try:
        worker.pipe.send(number)
    except OSError:
        worker.process.join(_LEAVE_SECONDS)
        raise failed(names[number], f"its process died (exit {worker.process.exitcode})") from None
    return True


def _dismiss(crew: Sequence[_Worker]) -> None:
    for worker in crew:
        worker.process.terminate()
    for worker in crew:
        worker.process.join(_LEAVE_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.pipe.close()
        worker.process.close()
