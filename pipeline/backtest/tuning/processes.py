"""Many cells on several local processes: each is named when it fails, and nothing is left behind.

The standard library's executor does the work. Of its own this module has what that leaves out: a cell that
raises is named, an interrupt is for this process alone, and workers end with it, however it ends.
"""

from __future__ import annotations

import os
import signal
import traceback
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

Shared = TypeVar("Shared")
Found = TypeVar("Found")

_DUTY: Final[list[Callable[[int], object]]] = []
"""What this process does with the number of a cell, if it is a worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTask(Generic[Shared, Found]):
    """The same work on one shared value for every cell."""

    work: Callable[[Shared, int], Found]
    """A function of a module, so that another process finds it."""
    shared: Shared
    names: Sequence[str]
    """What each cell is called in a message."""
    told: Callable[[str], None]
    """Hears the name of a cell that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult(Generic[Found]):
    """What a cell found, or why it failed."""

    found: Found | None = None
    error: str = ""


def run_in_processes(task: CellTask[Shared, Found], *, processes: int) -> tuple[Found, ...]:
    """Do all cells; the answer is in their order, whoever did them.

    Args:
        task: What to do; each process receives the shared value once.
        processes: How many at a time; 1 does the work here.

    Raises:
        PipelineError: A cell failed or a process died.
    """
    numbers, count = range(len(task.names)), min(processes, len(task.names))
    if count <= 1:
        return tuple(opened(task, each, attempt(task.work, task.shared, each)) for each in numbers)
    with _start_workers(task, count) as give:
        found = _distribute(task, give, count)
    return tuple(found[number] for number in numbers)


def failed(name: str, found: str) -> PipelineError:
    """Say which cell failed, and how to look at it closely."""
    return PipelineError(
        f"cell {name} failed: {found}",
        hint="Nothing was written. Put these values into a policy file and run `modelpool backtest` on it.",
    )


def attempt(work: Callable[[Shared, int], Found], shared: Shared, number: int) -> CellResult[Found]:
    """Do one cell where the errors of this package cannot be raised: in another process."""
    try:
        return CellResult(found=work(shared, number))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side names the cell
        return CellResult(error=last_words(error))


def opened(task: CellTask[Shared, Found], number: int, answer: CellResult[Found]) -> Found:
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
def _start_workers(
    task: CellTask[Shared, Found], count: int
) -> Iterator[Callable[[int], Future[CellResult[Found]]]]:
    """Give who takes the number of a cell to a crew; the crew is gone afterwards, done with it or not.

    Handing out a cell may start a worker. A thread that hears no interrupt does it: nothing tears a start
    apart halfway, and what such a thread starts hears none either.
    """
    others = {*active_children()}
    crew = ProcessPoolExecutor(count, get_context("spawn"), _start_worker, (task.work, task.shared))
    unheard = (signal.SIG_BLOCK, {signal.SIGINT})
    with ThreadPoolExecutor(1, initializer=signal.pthread_sigmask, initargs=unheard) as hand:

        def give(number: int) -> Future[CellResult[Found]]:
            return cast("Future[CellResult[Found]]", hand.submit(crew.submit, _serve, number).result())

        try:
            yield give
        except BaseException:
            hand.shutdown()
            for worker in {*active_children()} - others:
                worker.kill()  # the executor itself would wait until the cells are done
            raise
        finally:
            crew.shutdown(cancel_futures=True)


def _start_worker(work: Callable[[Shared, int], Found], shared: Shared) -> None:
    _DUTY[:] = [partial(attempt, work, shared)]
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the parent does, were it killed: the executor's workers would wait for cells for ever."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _serve(number: int) -> object:
    return _DUTY[0](number)


def _distribute(
    task: CellTask[Shared, Found], give: Callable[[int], Future[CellResult[Found]]], count: int
) -> dict[int, Found]:
    """Hand out as many cells as there are workers, so that it is known which ones a death may have struck."""
    waiting, found = iter(range(len(task.names))), dict[int, Found]()
    at_work: dict[Future[CellResult[Found]], int] = {}
    try:
        while len(found) < len(task.names):
            for number in islice(waiting, count - len(at_work)):
                at_work[give(number)] = number
            done = wait(at_work, return_when=FIRST_COMPLETED).done
            for future in sorted(done, key=lambda one: (one.exception() is not None, at_work[one])):
                answer = future.result()
                number = at_work.pop(future)
                found[number] = opened(task, number, answer)
    except BrokenProcessPool:
        raise _worker_death([task.names[number] for number in at_work.values()]) from None
    return found


def _worker_death(names: Sequence[str]) -> PipelineError:
    where = f"in cell {' or in cell '.join(names)}" if names else "between two cells"
    return PipelineError(
        f"a worker process died {where}",
        hint="Nothing was written. Often memory ran out: try again with fewer --processes.",
    )
