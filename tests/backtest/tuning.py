"""A small grid on a small history, and work for workers that is quick, slow or fatal."""

from __future__ import annotations

import os
import signal
import time
from datetime import date, timedelta
from pathlib import Path

from pipeline.backtest.history import read_history
from pipeline.backtest.tuning.folds import Span, Sweep, measure
from pipeline.backtest.tuning.grid import read_grid

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "data" / "policy" / "tiers.toml"

HEAD = """format = 1
policy = "{policy}"
from = "2026-W02"
splits = ["2026-W05"]
horizon = 2
frontier = ["regret_pool", "churn"]
"""
VALUES = """[values.change]
swap_intervals = [0.2, 1.0]
cooldown_weeks = [0, 8]
"""
ASKED = """[limits]
value_regret_first = 0.5
filled = {frugal = 1.0}
[minimise]
regret_pool = 1.0
churn = 100.0
"""


def grid(folder: Path, *, head: str = HEAD, values: str = VALUES, asked: str = ASKED) -> Path:
    """A grid file on the shipped policy."""
    file = folder / "grid.toml"
    file.write_text(head.format(policy=SHIPPED) + values + asked)
    return file


def toy_weeks(folder: Path, weeks: int = 8) -> Path:
    """Weeks of six models that overtake each other; prices fall with the letter."""
    lines = ["week,date,model,score,ci_low,ci_high,votes,input_price,output_price"]
    for week in range(weeks):
        day = date(2026, 1, 5) + timedelta(weeks=week)
        for place, model in enumerate("abcdef"):
            score = 1300 - 12 * place + week * place * (4 - place)
            price = 0.07 * (6 - place)
            lines.append(f"{day},{day},{model},{score},{score - 4},{score + 4},9000,{price},{price}")
    file = folder / "toy.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def square(shared: int, number: int) -> int:
    """Quick work; the later cells are done first."""
    time.sleep(0.02 * (5 - number))
    return shared + number * number


def refuse(_: int, number: int) -> int:
    """Work that raises in one cell."""
    if number == 1:
        raise ZeroDivisionError("nothing to share")
    return number


def die(shared: int, number: int) -> int:
    """Work whose process ends in the cell of that number."""
    if number == shared:
        os._exit(7)
    time.sleep(0.05)
    return number


def sleep(begun: str, number: int) -> int:
    """Work that says in a named pipe that it has begun, and does not end by itself."""
    with Path(begun).open("w") as pipe:
        pipe.write(f"{os.getpid()}\n")
    signal.pause()
    return number


def whom(folder: Path, number: int) -> tuple[int, int]:
    """Say which process did it, once another one works, too."""
    (folder / f"{os.getpid()}.here").touch()
    for _ in range(600):
        if len(list(folder.glob("*.here"))) > 1:
            break
        time.sleep(0.05)
    return number, os.getpid()


def again(shared: tuple[Sweep, Path], number: int) -> tuple[int, bool]:
    """Judge a cell, and say which process did it and whether it had scored the weeks before."""
    sweep, folder = shared
    before = bool(sweep.scored)
    measure(sweep, number)
    _, worker = whom(folder, number)
    return worker, before


def toy_sweep(folder: Path) -> Sweep:
    """Four policies that see the same scores, on toy weeks."""
    past = read_history(toy_weeks(folder))
    span = Span(start=0, end=len(past.tables), seen=len(past.tables))
    found = read_grid(grid(folder))
    policies = tuple(cell.policy for cell in found.cells)
    return Sweep(history=past, policies=policies, yardstick=found.base, spans=(span,), horizon=2)


NAMES = ("one", "two", "three", "four")


def nobody(_: str) -> None:
    """Hear and forget."""
