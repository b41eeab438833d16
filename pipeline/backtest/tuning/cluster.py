"""The same cells on a Dask cluster that somebody runs; the workers have this package installed."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pipeline.backtest.tuning.processes import Found, attempt, failed, last_words, opened
from pipeline.errors import PipelineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client, Future

    from pipeline.backtest.tuning.processes import CellResult, CellTask, Shared

_ANSWER_SECONDS: Final = 10
"""In which a scheduler answers, and a cluster shows a worker."""
_PATIENCE: Final = 6
"""So many looks in a row without any worker, and the cluster is given up."""
_HINT: Final = "Start one with `dask scheduler` and `dask worker ADDRESS`, or leave --scheduler out."


def run_on_cluster(task: CellTask[Shared, Found], *, address: str) -> tuple[Found, ...]:
    """Do all cells on a cluster; the answer is in their order, whoever did them.

    The shared value is sent to each worker once. A cell whose worker died is tried on another one as often as
    the scheduler's `allowed-failures` says; one that raised is not tried again.

    Args:
        task: What to do.
        address: The scheduler's, e.g. `tcp://10.0.0.5:8786`.

    Raises:
        UsageError: The extra is not installed, or no scheduler with workers answers there.
        PipelineError: A cell failed, its workers died, or the cluster went away.
    """
    with _connect(address) as client:
        try:
            return _distribute_cells(client, task, address)
        except (OSError, CancelledError) as error:
            raise _scheduler_gone(address, last_words(error)) from None


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
        found = f"no Dask scheduler answers at {address}: {last_words(error)}"
        raise UsageError(found, hint=_HINT) from None
    try:
        try:
            client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
        except TimeoutError:
            raise UsageError(f"the Dask scheduler at {address} has no workers", hint=_HINT) from None
        yield client
    finally:
        client.close(timeout=_ANSWER_SECONDS)


def _distribute_cells(client: Client, task: CellTask[Shared, Found], address: str) -> tuple[Found, ...]:
    # A task, not scattered data: the scheduler can make it again when the workers that hold it die. On every
    # worker, or the cells would crowd where it is.
    shared = client.submit(_keep_client, task.shared, pure=False)
    client.replicate([shared])
    futures = [
        client.submit(attempt, task.work, shared, number, pure=False, retries=0)
        for number in range(len(task.names))
    ]
    numbers, found = {future: number for number, future in enumerate(futures)}, dict[int, Found]()
    for future in _collect(client, futures, address):
        number = numbers[future]
        found[number] = opened(task, number, _cell_result(future, task.names[number]))
    return tuple(found[number] for number in range(len(task.names)))


def _keep_client(shared: Shared) -> Shared:
    return shared


def _collect(
    client: Client, futures: list[Future[CellResult[Found]]], address: str
) -> Iterator[Future[CellResult[Found]]]:
    """Yield each future when it is done; give up when there has been no worker for a while."""
    from distributed import wait

    waiting, lonely = set(futures), 0
    while waiting:
        try:
            with client.as_current():
                done = wait(waiting, timeout=_ANSWER_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            lonely = 0 if client.scheduler_info()["workers"] else lonely + 1
            if lonely == _PATIENCE:
                raise _scheduler_gone(address, "it has no workers any more") from None
            continue
        yield from sorted(done, key=futures.index)
        waiting -= done


def _cell_result(future: Future[CellResult[Found]], name: str) -> CellResult[Found]:
    from distributed import KilledWorker

    try:
        return future.result(timeout=_ANSWER_SECONDS)
    except KilledWorker:
        raise failed(name, "every worker that tried it died") from None


def _scheduler_gone(address: str, found: str) -> PipelineError:
    return PipelineError(f"the Dask cluster at {address} went away: {found}", hint=_HINT)
