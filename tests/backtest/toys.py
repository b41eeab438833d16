"""Hand-made histories: a few weeks, a few models, numbers one can add up in the head."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.backtest.evaluate import score_once
from pipeline.backtest.history import History, HistoryRow, WeekTable
from pipeline.backtest.history_adapter import answerable_policy
from pipeline.backtest.simulate.universe import Holdings, WeekUniverse, universes
from pipeline.domain.calendar import week_of
from pipeline.domain.policy import Policy, TaskKind
from pipeline.domain.price import JUDGEMENT
from pipeline.domain.score import ListPrice
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from collections.abc import Mapping


ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "data" / "policy" / "tiers.toml"
CEILINGS = {"frugal": 0.5, "balanced": 3.0, "premium": 20.0}
"""List-price caps of the published baselines, dollars per million tokens."""
MONDAY = date(2026, 1, 5)

Cell = tuple[float, float | None] | tuple[float, float | None, float]
"""Score, price in dollars per million tokens, and half of the 95 % interval (1 where it is left out)."""


def shipped() -> Policy:
    """The shipped policy as far as a history answers it."""
    return answerable_policy(load_policy(SHIPPED)[0])


@cache
def caps() -> Policy:
    """The shipped policy with the list-price caps of the published baselines, and no floor or least gain.

    One kind of task of 3 input : 1 output tokens and a flat ladder make cost proportional to the list price.
    """
    policy = shipped()
    tiers = {
        name: tier.model_copy(
            update={
                "floor_elo_below_reference": 5000.0,
                "floor_probability": 0.0,
                "ceiling_usd_per_task": None,
                "ceiling_list_usd_per_mtok": CEILINGS[name],
            }
        )
        for name, tier in policy.tiers.items()
    }
    flat = policy.cost.model_copy(update={"effort_ladder": dict.fromkeys(policy.cost.effort_ladder, 1.0)})
    blend = TaskKind(name="blend", share=1.0, tokens_in=3000.0, tokens_out=1000.0, cached_share=0.0)
    change = policy.change.model_copy(update={"least_gain_per_100": 0.0})
    parts = {"tiers": tiers, "cost": flat, "change": change, "task_mix": (blend,)}
    return policy.model_copy(update={"name": "caps", **parts})


def priced(usd: float) -> ListPrice:
    """A list price that is the same for input and output."""
    return ListPrice(
        input_microusd_per_mtok=round(usd * 1e6),
        output_microusd_per_mtok=round(usd * 1e6),
        cache_read_microusd_per_mtok=None,
        sources=(JUDGEMENT,),
    )


def row(model: str, cell: Cell, index: float | None = None) -> HistoryRow:
    score, usd, half = cell if len(cell) == 3 else (*cell, 1.0)
    return HistoryRow(
        model=model,
        score=score,
        low=score - half,
        high=score + half,
        votes=5000,
        price=None if usd is None else priced(usd),
        index=index,
        index_estimated=False,
    )


def table(place: int, cells: dict[str, Cell], index: dict[str, float] | None = None) -> WeekTable:
    """The table of the week `place` weeks after the first."""
    day = MONDAY + timedelta(weeks=place)
    return WeekTable(
        week=week_of(datetime.combine(day, time(), UTC)),
        day=day,
        rows={model: row(model, cell, (index or {}).get(model)) for model, cell in cells.items()},
        number=day.toordinal() // 7,
    )


def history(*weeks: dict[str, Cell]) -> History:
    """One table a week, in order."""
    return History(tables=tuple(table(place, cells) for place, cells in enumerate(weeks)))


def holdings(past: History, *lineups: str, k: int = 2, tier: str = "balanced") -> Holdings:
    """What somebody held: `"a b"` is a in the first place and b in the second."""
    held = tuple(tuple(names.split()) for names in lineups)
    return Holdings(offers=seen(past, caps())[tier], lineups=held, k=k)


def seen(past: History, policy: Policy) -> Mapping[str, tuple[WeekUniverse, ...]]:
    """Each week as each tier sees it."""
    return universes(score_once(past, policy), policy)
