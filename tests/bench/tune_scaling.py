"""Cells a second on one and on two processes: `python -m tests.bench.tune_scaling [ROUNDS [CELLS]]`.

A busy machine gives two processes less than two processors, so the wall clock alone says little. Rounds
alternate, and beside each ratio stands what two processes of bare arithmetic reached in the same minute:
that is what the machine had to give. On an idle one the ratio is 2 divided by the extra processor time: what
starting two processes costs, spread over the cells.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history import clip_weeks, read_history
from pipeline.backtest.tuning.folds import Span, Sweep, measure
from pipeline.backtest.tuning.grid import read_grid
from pipeline.backtest.tuning.parallel import CellTask, run_cells

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[2]

_BARE_CELLS: Final = 12
"""Of bare arithmetic: enough to say what the machine has to give."""


def arithmetic(shared: int, number: int) -> int:
    """Work that needs a processor and nothing else, about as long as a cell."""
    total = number
    for each in range(shared):
        total = (total * 31 + each) % 1_000_003
    return total


def _heard(_: str) -> None:
    """Nobody watches."""


def _sweep(cells: int) -> Sweep:
    grid = read_grid(ROOT / "data" / "policy" / "grid.toml")
    if grid.history is None or not grid.history.is_file():
        raise SystemExit("no ../shared/history beside the project: nothing to measure on")
    whole = read_history(grid.history, backfilled_prices=grid.backfilled_prices)
    history = clip_weeks(whole, grid.first, grid.last)
    policies = tuple(cell.policy for cell in islice(cycle(grid.cells), cells))
    span = Span(start=0, end=len(history.tables), seen=len(history.tables))
    return Sweep(history=history, policies=policies, yardstick=grid.base, spans=(span,), horizon=grid.horizon)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds, and processor seconds of this process and its children."""
    before, start = os.times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - start, os.times()
    spent = sum(after[:4]) - sum(before[:4])
    return wall, spent


def main() -> None:
    """Print each round and the medians."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    names = tuple(map(str, range(count)))
    cells = CellTask(work=measure, shared=_sweep(count), names=names, on_done=_heard)
    bare = CellTask(work=arithmetic, shared=15_000_000, names=names[:_BARE_CELLS], on_done=_heard)
    found = []
    for number in range(rounds):
        one, two = (_timed(lambda n=n: run_cells(cells, processes=n)) for n in (1, 2))  # type: ignore[misc]  # bound now
        alone, both = (_timed(lambda n=n: run_cells(bare, processes=n)) for n in (1, 2))  # type: ignore[misc]  # bound now
        found.append((one[0] / two[0], alone[0] / both[0], two[1] / one[1]))
        print(  # noqa: T201 - a table for people
            f"round {number + 1}: {count / one[0]:.2f} and {count / two[0]:.2f} cells/s, "
            f"ratio {found[-1][0]:.2f}; "
            f"bare arithmetic {found[-1][1]:.2f}; processor time {found[-1][2]:.2f} times that of one process"
        )
    speed, ceiling, work = (statistics.median(column) for column in zip(*found, strict=True))
    print(  # noqa: T201 - the same
        f"median: {speed:.2f} times as fast on two processes (target >= 1.8), bare arithmetic {ceiling:.2f}, "
        f"processor time {work:.2f} times: {2 / work:.2f} times as fast on two idle processors"
    )


if __name__ == "__main__":
    main()
