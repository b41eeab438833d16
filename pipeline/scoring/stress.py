"""The same week under a doubt: a board without a voice, or boards that disagree more than they do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipeline.domain.policy import Evidence
    from pipeline.scoring.boards import Boards


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """What is doubted."""

    silent: frozenset[str] = frozenset()
    """Metrics that have no voice. The Arena still makes the scale on which the index speaks."""
    tau_factor: float = 1.0
    """Multiplies the between-source SD."""


CALM: Final = Stress()
"""Nothing is doubted."""


def stressed(boards: Boards | None, evidence: Evidence, stress: Stress) -> Boards | None:
    """Take a silent board's scores out, after both were placed, and widen tau; None stays None."""
    if boards is None:
        return None
    return replace(
        boards,
        fits=tuple(replace(fit, tau=fit.tau * stress.tau_factor) for fit in boards.fits),
        arena={} if evidence.arena in stress.silent else boards.arena,
        index={} if evidence.index in stress.silent else boards.index,
    )
