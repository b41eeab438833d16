"""Does the same work for many cells at once, on local processes or on a Dask cluster that somebody runs.

joblib does the work. Of its own this module has what joblib leaves out: a cell that raises or dies is named,
an interrupt is for this process alone, and workers end with it, however it ends.
"""

from __future__ import annotations

import logging
import os
import signal
import time
import traceback
import warnings
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from pipeline.errors import PipelineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from distributed import Client

Shared = TypeVar("Shared")
Found = TypeVar("Found")

_ANSWER_SECONDS: Final = 10
"""In which a scheduler answers, and a cluster shows a worker."""
_LOOK_SECONDS: Final = 0.5
"""How often a worker looks whether the process that started it is still there."""
_HINT: Final = "Start one with `dask scheduler` and `dask worker ADDRESS`, or leave --scheduler out."
_EACH: Final = {"batch_size": 1, "pre_dispatch": "n_jobs", "return_as": "generator_unordered"}
"""A cell takes seconds: each is sent alone, and reported when it is done."""
_DUTY: Final[list[Callable[[int], object]]] = []
"""What this process does with the number of a cell, if it is a local worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTask(Generic[Shared, Found]):
    """The same work on one shared value for every cell."""

    work: Callable[[Shared, int], Found]
    """A function of a module, so that another process finds it."""
    shared: Shared
    names: Sequence[str]
    """What each cell is called in a message."""
    on_done: Callable[[str], None]
    """Called with the name of each cell that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResult(Generic[Found]):
    """What a cell found, or why it failed."""

    number: int
    found: Found | None = None
    error: str = ""


def run_cells(
    task: CellTask[Shared, Found], *, processes: int = 1, scheduler: str | None = None
) -> tuple[Found, ...]:
    """Do all cells; the answer is in their order, whoever did them.

    Args:
        task: What to do; each worker receives the shared value once.
        processes: How many at a time; 1 does the work here.
        scheduler: Address of a Dask scheduler, e.g. `tcp://10.0.0.5:8786`, in place of local processes.

    Raises:
        UsageError: The extra `dask` is not installed, or no scheduler with workers answers.
        PipelineError: A cell failed, a worker died, or the cluster went away.
    """
    count = min(processes, len(task.names))
    if scheduler is not None:
        answers = _on_cluster(task, scheduler)
    elif count > 1:
        answers = _in_processes(task, count)
    else:
        answers = (_attempt(task.work, task.shared, number) for number in range(len(task.names)))
    found: dict[int, Found] = {}
    with closing(answers):
        for answer in answers:
            name = task.names[answer.number]
            if answer.found is None:
                raise _failure(name, answer.error)
            found[answer.number] = answer.found
            task.on_done(name)
    return tuple(found[number] for number in range(len(task.names)))


def _attempt(work: Callable[[Shared, int], Found], shared: Shared, number: int) -> CellResult[Found]:
    """Do one cell where the errors of this package cannot be raised: in another process."""
    try:
        return CellResult(number=number, found=work(shared, number))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side names the cell
        return CellResult(number=number, error=_last_words(error))


def _in_processes(task: CellTask[Shared, Found], count: int) -> Generator[CellResult[Found]]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    with TemporaryDirectory() as folder:
        duty = (partial(_attempt, task.work, task.shared), Path(folder), os.getpid())
        parallel = Parallel(n_jobs=count, backend="loky", initializer=_start_worker, initargs=duty, **_EACH)
        try:
            with _defer_interrupts():  # the threads and workers that start here inherit it
                answers = parallel(delayed(_serve)(number) for number in range(len(task.names)))
            yield from _without_warnings(answers)
        except BrokenProcessPool:
            at_work = sorted(int(mark.name) for mark in Path(folder).iterdir())
            raise _worker_death([task.names[number] for number in at_work]) from None
        finally:
            get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _on_cluster(task: CellTask[Shared, Found], address: str) -> Generator[CellResult[Found]]:
    """Send the cells to a cluster; one whose worker died is tried as often as the scheduler allows."""
    with _connect(address) as client:
        from distributed import KilledWorker
        from joblib import Parallel, delayed, parallel_config

        waiting = dict(enumerate(task.names))
        try:
            settings = {"client": client, "scatter": [task.shared], "retries": 0}
            with parallel_config(backend="dask", **settings) as config:
                _report_deaths(config["backend"])
                cell = partial(delayed(_attempt), task.work, task.shared)
                answers = Parallel(**_EACH)(cell(number) for number in range(len(task.names)))
            for answer in _without_warnings(answers):
                del waiting[answer.number]
                yield answer
        except KilledWorker:
            raise _failure(" or ".join(waiting.values()), "every worker that tried it died") from None
        except (OSError, CancelledError) as error:
            found = f"the Dask cluster at {address} went away: {_last_words(error)}"
            raise PipelineError(found, hint=_HINT) from None


class _DaskBackend(Protocol):
    """What joblib asks of its Dask backend."""

    submit: Callable[[object, Callable[[object], None]], Future[object]]
    retrieve_result_callback: Callable[[object], object]


def _report_deaths(backend: _DaskBackend) -> None:
    """Pass on to joblib that a cell's workers died; its Dask backend passes on what was found only."""
    submit, retrieve = backend.submit, backend.retrieve_result_callback

    def submit_cell(cell: object, callback: Callable[[object], None]) -> Future[object]:
        future = submit(cell, callback)
        future.add_done_callback(lambda done: callback(done) if done.exception() else None)
        return future

    def retrieve_cell(found: object) -> object:
        return found.result() if isinstance(found, Future) else retrieve(found)

    backend.submit, backend.retrieve_result_callback = submit_cell, retrieve_cell


def _without_warnings(answers: Generator[CellResult[Found]]) -> Iterator[CellResult[Found]]:
    """Pass answers on without joblib's warning of those that nobody waits for after a failure."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="joblib.parallel")
        yield from answers


@contextmanager
def _defer_interrupts() -> Iterator[None]:
    """Defer an interrupt until the workers have started."""
    resource_tracker.ensure_running()  # its start would end the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(attempt: Callable[[int], object], begun: Path, parent: int) -> None:
    def serve(number: int) -> object:
        mark = begun / str(number)
        mark.touch()
        answer = attempt(number)
        mark.unlink()
        return answer

    _DUTY[:] = [serve]
    Thread(target=_end_with_parent, args=(parent,), daemon=True).start()


def _serve(number: int) -> object:
    return _DUTY[0](number)


def _end_with_parent(parent: int) -> None:
    """End when the parent does, were it killed: nobody waits for this cell any more."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


@contextmanager
def _connect(address: str) -> Iterator[Client]:
    """Connect, and disconnect whatever happens: the scheduler then forgets the cells that are left."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        hint = "Run `pip install 'modelpool[dask]'`, or leave --scheduler out."
        raise UsageError("--scheduler needs the extra `dask`", hint=hint) from None
    for name in ("distributed.client", "distributed.core", "distributed.comm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they would log, the error below says
    try:
        client = Client(address, timeout=_ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        found = f"no Dask scheduler answers at {address}: {_last_words(error)}"
        raise UsageError(found, hint=_HINT) from None
    try:
        try:
            client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
        except TimeoutError:
            raise UsageError(f"the Dask scheduler at {address} has no workers", hint=_HINT) from None
        yield client
    finally:
        client.close(timeout=_ANSWER_SECONDS)


def _failure(name: str, found: str) -> PipelineError:
    return PipelineError(
        f"cell {name} failed: {found}",
        hint="Nothing was written. Put these values into a policy file and run `modelpool backtest` on it.",
    )


def _worker_death(names: Sequence[str]) -> PipelineError:
    where = f"in cell {' or in cell '.join(names)}" if names else "between two cells"
    return PipelineError(
        f"a worker process died {where}",
        hint="Nothing was written. Often memory ran out: try again with fewer --processes.",
    )


def _last_words(error: BaseException) -> str:
    """The last line a traceback would have."""
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
