"""One policy's measures, tier by tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.backtest import metrics, regret
from pipeline.backtest.adoption import weeks_to_adopt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.backtest.course import Course

Measures = dict[str, float | None]
"""By the name of the measure; None: nothing could be counted."""

MEASURES: Final = (
    "regret_first",
    "regret_pool",
    "regret_with_launches",
    "dominated",
    "churn",
    "noise_swaps",
    "back_within_8",
    "filled",
    "median_price",
    "weeks_to_adopt",
)
"""What is measured in each tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What a policy reached."""

    policy: str
    tiers: Mapping[str, Measures]
    boards: Mapping[str, Mapping[str, Measures]]
    """Board to tier to the regrets on that board, in its own unit."""


def scorecard(policy: str, courses: Mapping[str, Course], *, horizon: int, two_boards: bool) -> Scorecard:
    """Measure what a policy held.

    Args:
        policy: Its name.
        courses: By tier.
        horizon: Weeks after a pick at which it is judged.
        two_boards: Whether the history holds index points too.
    """
    values = {"arena": regret.elo} | ({"artificial_analysis": regret.points} if two_boards else {})
    boards: dict[str, dict[str, Measures]] = {
        board: {
            tier: {
                "regret_first": regret.regret_first(course, horizon, value),
                "regret_pool": regret.regret_pool(course, horizon, value),
            }
            for tier, course in courses.items()
        }
        for board, value in values.items()
    }
    tiers = {tier: boards["arena"][tier] | _measures(course, horizon) for tier, course in courses.items()}
    return Scorecard(policy=policy, tiers=tiers, boards=boards)


def _measures(course: Course, horizon: int) -> Measures:
    return {
        "regret_with_launches": regret.regret_with_launches(course, horizon),
        "dominated": metrics.dominated(course),
        "churn": metrics.churn(course),
        "noise_swaps": metrics.noise_swaps(course),
        "back_within_8": metrics.back_within(course),
        "filled": metrics.filled(course),
        "median_price": metrics.median_price(course),
        "weeks_to_adopt": weeks_to_adopt(course),
    }
