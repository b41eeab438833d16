"""Many policies judged on past weeks: chosen on the earlier ones, reported on the later ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.cluster import on_cluster
from pipeline.backtest.crew import Task, in_processes
from pipeline.backtest.grid import read_grid
from pipeline.backtest.history import between
from pipeline.backtest.objective import Figures, Miss
from pipeline.backtest.reader import read_history
from pipeline.backtest.spans import TUNABLE, Span, Sweep, folds, measured, weeks_needed
from pipeline.backtest.walk_forward import Choice, Standing, Trade, outcome
from pipeline.errors import UsageError
from pipeline.flow.history_names import with_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.backtest.grid import Grid
    from pipeline.backtest.history import History
    from pipeline.backtest.walk_forward import Outcome
    from pipeline.workspace import Workspace

__all__ = ["TUNABLE", "Choice", "Figures", "Miss", "Search", "Span", "Standing", "Trade", "Tuned", "tune"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
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
class Tuned:
    """What was found, and on which weeks."""

    history: History
    outcome: Outcome

    @property
    def whole(self) -> Span:
        """All weeks."""
        return Span(start=0, end=len(self.history.tables), seen=len(self.history.tables))


def tune(search: Search, started: Callable[[int], Callable[[str], None]]) -> Tuned:
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
    task = Task(
        work=measured,
        shared=Sweep(
            history=history,
            policies=tuple(cell.policy for cell in grid.cells),
            yardstick=grid.base,
            spans=(*spans, whole),
            horizon=grid.horizon,
        ),
        names=tuple(cell.name for cell in grid.cells),
        told=started(len(grid.cells)),
    )
    if search.scheduler is None:
        found = in_processes(task, processes=search.processes)
    else:
        found = on_cluster(task, address=search.scheduler)
    return Tuned(history=history, outcome=outcome(grid, cuts, found))


def _history(search: Search, grid: Grid) -> History:
    path = search.history or grid.history
    if path is None:
        raise UsageError(
            f"{search.grid} names no history", hint="Give --history FILE, a weekly table, plain or .gz."
        )
    whole = read_history(path, backfilled_prices=grid.backfilled_prices)
    return between(with_names(whole, search.workspace), grid.first, grid.last)
