"""One measured figure beside its peer, and how both are taken.

Processes keep bytecode here, as an installed command does: where a shell forbids it, the compiler would be
most of what is measured.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True, slots=True)
class Line:
    """One measured figure beside its peer."""

    what: str
    milliseconds: float
    peer: str
    peer_milliseconds: float
    target: str

    @property
    def ratio(self) -> float:
        """How many times the peer's time."""
        return self.milliseconds / self.peer_milliseconds


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median of several rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def process(*arguments: str, rounds: int = ROUNDS) -> float:
    """Return the median wall time of a whole process, in milliseconds."""
    return median(lambda: _run(arguments), rounds)


def children_milliseconds() -> float:
    """Return the processor time, user and system, of all processes that were waited for so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def processor(*arguments: str, rounds: int = ROUNDS) -> float:
    """Return the mean processor time of a whole process, in milliseconds, once its bytecode is written."""
    _run(arguments)
    before = children_milliseconds()
    process(*arguments, rounds=rounds)
    return (children_milliseconds() - before) / rounds


def _run(arguments: tuple[str, ...]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
