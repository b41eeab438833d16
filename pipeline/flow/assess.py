"""From readings to scoreboards; the same for this week and for a week that is rebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.identity.dated import valid_on
from pipeline.identity.resolve import resolve
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pipeline.domain.crosswalk import Resolution
    from pipeline.domain.observation import Reading
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Who is meant, and what they are worth."""

    resolution: Resolution
    scoreboards: Mapping[str, Scoreboard]


def assess(readings: Sequence[Reading], rules: Rules, *, on: date) -> Assessment:
    """Resolve the names and score every evidence a tier believes, as people's word stands on a day."""
    crosswalk = valid_on(rules.crosswalk, on)
    resolution = resolve(readings, crosswalk)
    boards = {name: score(name, resolution, crosswalk, rules.policy) for name in rules.evidence_in_use}
    return Assessment(resolution=resolution, scoreboards=boards)
