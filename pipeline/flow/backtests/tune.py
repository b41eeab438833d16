"""Judges many policies on past weeks: chosen on the earlier ones, reported on the later ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.history import History, clip_weeks, read_history
from pipeline.backtest.tuning.folds import TUNABLE, Span, Sweep, folds, measure, weeks_needed
from pipeline.backtest.tuning.grid import Grid, read_grid
from pipeline.backtest.tuning.parallel import CellTask, run_cells
from pipeline.backtest.tuning.walk_forward import (
    Choice,
    Figures,
    LimitViolation,
    Outcome,
    Standing,
    Trade,
    walk_forward,
)
from pipeline.errors import UsageError
from pipeline.flow.backtests.backtest import attach_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.workspace import Workspace

__all__ = [
    "TUNABLE",
    "Choice",
    "Figures",
    "LimitViolation",
    "Span",
    "Standing",
    "Trade",
    "TuneRequest",
    "TuneResult",
    "tune",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneRequest:
    """What to try, and with what."""

    grid: Path
    workspace: Workspace
    """Whose crosswalk reads the names of the history."""
    history: Path | None = None
    """In place of the grid's."""
    processes: int = 1
    scheduler: str | None = None
    """Address of a Dask scheduler, in place of local processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneResult:
    """What was found, and on which weeks."""

    history: History
    outcome: Outcome

    @property
    def whole(self) -> Span:
        """All weeks."""
        return Span(start=0, end=len(self.history.tables), seen=len(self.history.tables))


def tune(search: TuneRequest, started: Callable[[int], Callable[[str], None]]) -> TuneResult:
    """Judge every cell of a grid; nothing is written.

    Args:
        search: What to try.
        started: Hears how many cells there are, and gives who hears each cell that is done.

    Raises:
        UsageError: A file or an option is not of the written form.
        PipelineError: A cell failed, or the cluster went away.
    """
    if search.processes < 1:
        raise UsageError(f"--processes {search.processes} is none", hint="Give any number from 1 on.")
    grid = read_grid(search.grid)
    history = _history(search, grid)
    needed = weeks_needed(grid.horizon, (*grid.objective.minimise, *grid.frontier))
    cuts = folds(history, grid.splits, horizon=needed)
    whole = Span(start=0, end=len(history.tables), seen=len(history.tables))
    spans = tuple(span for fold in cuts for span in (fold.choosing, fold.reporting))
    task = CellTask(
        work=measure,
        shared=Sweep(
            history=history,
            policies=tuple(cell.policy for cell in grid.cells),
            yardstick=grid.base,
            spans=(*spans, whole),
            horizon=grid.horizon,
        ),
        names=tuple(cell.name for cell in grid.cells),
        on_done=started(len(grid.cells)),
    )
    found = run_cells(task, processes=search.processes, scheduler=search.scheduler)
    return TuneResult(history=history, outcome=walk_forward(grid, cuts, found))


def _history(search: TuneRequest, grid: Grid) -> History:
    path = search.history or grid.history
    if path is None:
        raise UsageError(
            f"{search.grid} names no history", hint="Give --history FILE, a weekly table, plain or .gz."
        )
    whole = read_history(path, backfilled_prices=grid.backfilled_prices)
    return clip_weeks(attach_names(whole, search.workspace), grid.first, grid.last)
