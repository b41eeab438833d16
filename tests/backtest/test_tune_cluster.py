"""The same cells on a real Dask cluster of two workers on this machine."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.tuning.parallel import CellTask, run_cells
from pipeline.errors import PipelineError, UsageError
from tests.backtest.test_tune_command import run
from tests.backtest.tuning import (
    NAMES,
    ROOT,
    again,
    die,
    grid,
    nobody,
    refuse,
    square,
    toy_sweep,
    toy_weeks,
    whom,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INSTALLED = importlib.util.find_spec("distributed") is not None
needs_dask = pytest.mark.skipif(not INSTALLED, reason="the extra `dask` is not installed")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a scheduler with two worker processes; a death is not tried again."""
    import dask
    from distributed import LocalCluster

    quiet = {"distributed.scheduler.allowed-failures": 0, "distributed.logging.distributed": "critical"}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            local_directory=str(tmp_path_factory.mktemp("dask")),
        ) as running,
    ):
        yield running.scheduler_address


@needs_dask
def test_two_workers_of_a_cluster_share_the_cells(cluster: str, tmp_path: Path) -> None:
    found = run_cells(CellTask(work=whom, shared=tmp_path, names=NAMES, on_done=nobody), scheduler=cluster)
    assert [number for number, _ in found] == [0, 1, 2, 3]
    assert len({worker for _, worker in found} - {os.getpid()}) == 2


@needs_dask
def test_a_worker_of_a_cluster_scores_the_weeks_once_for_all_its_cells(cluster: str, tmp_path: Path) -> None:
    task = CellTask(work=again, shared=(toy_sweep(tmp_path), tmp_path), names=NAMES, on_done=nobody)
    found = run_cells(task, scheduler=cluster)
    workers = {worker for worker, _ in found}
    assert [before for _, before in found].count(False) == len(workers) == 2


@needs_dask
def test_the_answer_of_a_cluster_is_in_the_order_of_the_cells(cluster: str) -> None:
    heard: list[str] = []
    found = run_cells(CellTask(work=square, shared=10, names=NAMES, on_done=heard.append), scheduler=cluster)
    assert found == (10, 11, 14, 19)
    assert sorted(heard) == sorted(NAMES)


@needs_dask
def test_a_cluster_finds_the_same_bytes_as_this_process(cluster: str, tmp_path: Path) -> None:
    typed = ("--grid", str(grid(tmp_path)), "--history", str(toy_weeks(tmp_path)), "--json")
    assert run(*typed, "--scheduler", cluster) == run(*typed, "--processes", "1")


@needs_dask
def test_a_cell_that_raises_on_a_cluster_is_named(cluster: str) -> None:
    with pytest.raises(PipelineError, match=r"^cell two failed: ZeroDivisionError: nothing to share$"):
        run_cells(CellTask(work=refuse, shared=0, names=NAMES, on_done=nobody), scheduler=cluster)


@needs_dask
def test_a_cell_that_kills_its_worker_on_a_cluster_is_named(cluster: str) -> None:
    with pytest.raises(PipelineError, match=r"^cell alone failed: every worker that tried it died$"):
        run_cells(CellTask(work=die, shared=0, names=("alone",), on_done=nobody), scheduler=cluster)


@needs_dask
@pytest.mark.parametrize(
    ("address", "found"),
    [("tcp://127.0.0.1:9", "no Dask scheduler answers"), ("spam://x", "no Dask scheduler answers")],
)
def test_where_no_scheduler_answers_is_told_with_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, found: str
) -> None:
    monkeypatch.setattr("pipeline.backtest.tuning.parallel._ANSWER_SECONDS", 1)
    typed = ("--grid", str(grid(tmp_path)), "--history", str(toy_weeks(tmp_path)))
    code, out, told = run(*typed, "--scheduler", address)
    assert (code, out) == (2, "")
    assert found in told
    assert len(told.splitlines()) == 2


def test_without_the_extra_the_option_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs the extra `dask`") as caught:
        run_cells(CellTask(work=square, shared=0, names=NAMES, on_done=nobody), scheduler="tcp://127.0.0.1:9")
    assert "modelpool[dask]" in caught.value.hint


def test_dask_is_loaded_only_for_a_cluster(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.backtest.test_tune_command import run; "
        f"print(run('--grid', {str(grid(tmp_path))!r}, '--history', {str(toy_weeks(tmp_path))!r}, "
        "'--processes', '1')[0], 'distributed' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 False"
