"""Measures one policy, tier by tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history_adapter import ARENA
from pipeline.backtest.metrics import regret, stability
from pipeline.backtest.metrics.stability import weeks_to_adopt
from pipeline.domain.ids import AA_INTELLIGENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.backtest.simulate.universe import Holdings

Measures = dict[str, float | None]
"""By the name of the measure; None: nothing could be counted."""

MEASURES: Final = (
    "value_regret_first",
    "value_regret_bands",
    "value_regret_vendor_down",
    "value_regret_first_12_weeks",
    "value_regret_bands_12_weeks",
    "value_regret_vendor_down_12_weeks",
    "noise_swaps",
    "wrong_entrants",
    "outsider_dominated",
    "usd_per_1000_tasks",
    "regret_first",
    "regret_pool",
    "regret_with_launches",
    "dominated",
    "churn",
    "noise_swaps_elo",
    "back_within_8",
    "filled",
    "median_price",
    "weeks_to_adopt",
)
"""What is measured in each tier: first what the rules are judged by, then what is told beside it."""

SOON: Final = 4
"""Weeks after a pick at which its value is judged: about as long as a late approval."""
LATE: Final = 12
"""Weeks after which a swap should have proved right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What a policy reached."""

    policy: str
    tiers: Mapping[str, Measures]
    boards: Mapping[str, Mapping[str, Measures]]
    """Board to tier to the regrets on that board in its own unit, and V judged by that board alone in answers
    per 100 requests."""


def scorecard(policy: str, courses: Mapping[str, Holdings], *, horizon: int, two_boards: bool) -> Scorecard:
    """Measure what a policy held.

    Args:
        policy: Its name.
        courses: By tier.
        horizon: Weeks after a pick at which its loss in points is judged.
        two_boards: Whether the history holds index points too.
    """
    values = {"arena": (regret.elo, ARENA)}
    if two_boards:
        values["artificial_analysis"] = (regret.points, AA_INTELLIGENCE)
    boards: dict[str, dict[str, Measures]] = {
        board: {
            tier: {
                "regret_first": regret.regret_first(holdings, horizon, value),
                "regret_pool": regret.regret_pool(holdings, horizon, value),
                **regret.value_by_board(holdings, SOON, metric),
            }
            for tier, holdings in courses.items()
        }
        for board, (value, metric) in values.items()
    }
    tiers = {
        tier: {name: (boards["arena"][tier] | found)[name] for name in MEASURES}
        for tier, holdings in courses.items()
        if (found := _value_measures(holdings) | _measures(holdings, horizon))
    }
    return Scorecard(policy=policy, tiers=tiers, boards=boards)


def _value_measures(holdings: Holdings) -> Measures:
    return {
        "value_regret_first": regret.value_regret_first(holdings, SOON),
        "value_regret_bands": regret.value_regret_bands(holdings, SOON),
        "value_regret_vendor_down": regret.value_regret_vendor_down(holdings, SOON),
        "value_regret_first_12_weeks": regret.value_regret_first(holdings, LATE),
        "value_regret_bands_12_weeks": regret.value_regret_bands(holdings, LATE),
        "value_regret_vendor_down_12_weeks": regret.value_regret_vendor_down(holdings, LATE),
        "noise_swaps": stability.noise_swaps(holdings),
        "wrong_entrants": stability.wrong_entrants(holdings, LATE),
        "outsider_dominated": stability.outsider_dominated_share(holdings),
        "usd_per_1000_tasks": stability.usd_per_1000_tasks(holdings),
    }


def _measures(holdings: Holdings, horizon: int) -> Measures:
    return {
        "regret_with_launches": regret.regret_with_launches(holdings, horizon),
        "dominated": stability.dominated_share(holdings),
        "churn": stability.churn(holdings),
        "noise_swaps_elo": stability.noise_swaps_elo(holdings),
        "back_within_8": stability.back_within(holdings),
        "filled": stability.filled_share(holdings),
        "median_price": stability.median_price(holdings),
        "weeks_to_adopt": weeks_to_adopt(holdings),
    }
