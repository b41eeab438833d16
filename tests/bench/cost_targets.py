"""Ask the cost per task what was asked of it: `python -m tests.bench.cost_targets`.

Truth is what Artificial Analysis paid to run its index on a variant (what the level of an index version
is depends on its tasks, so the median is taken out before coverage is counted) and, for other work, the
operator's mix at list price with the tokens the variant wrote on single questions. Nothing is fitted here:
every figure comes from the shipped policy and the functions a run uses. It takes some minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.domain.policy import TaskKind
from pipeline.policy.load import load_policy
from pipeline.scoring.cost.task_cost import (
    fit_spending_effects,
    ladder_cost,
    measured_cost,
    mix_usd,
    pooled_cost,
)
from tests.bench.cost_tables import QUESTIONS, read_page, read_week

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipeline.domain.policy import Policy
    from pipeline.domain.score import Cost
    from tests.bench.cost_tables import Spent

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
PAGES = SHARED / "sources" / "artificial-analysis" / "site-leaderboard"
HISTORY = SHARED / "history" / "aa_weekly.csv.gz"
Z80 = 1.2816
APART = math.log(1.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How well predicted dollars order true ones."""

    wrong: float
    """Share of pairs that differ by more than 15 % ordered the other way round; a tie is half."""
    pairs: int
    rho: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Held-out variants and what was said of each."""

    rows: tuple[Spent, ...]
    costs: tuple[Cost, ...]

    def order(self, usd: Sequence[float] | None = None) -> Order:
        """Compare with the truth, or compare other predictions of the same rows."""
        told = usd or [cost.usd_per_task for cost in self.costs]
        return order_of(told, [row.usd for row in self.rows])

    def inside(self) -> Order:
        """Compare pairs of one release alone."""
        releases = [row.trait.release for row in self.rows]
        told = [cost.usd_per_task for cost in self.costs]
        return order_of(told, [row.usd for row in self.rows], releases)

    def covered(self, grade: str) -> tuple[float, int]:
        """Share of the 80 % intervals of one grade that hold the truth, and of how many."""
        gaps = [
            math.log(row.usd / cost.usd_per_task) for row, cost in zip(self.rows, self.costs, strict=True)
        ]
        level = median(gaps)
        inside = [
            abs(gap - level) <= Z80 * cost.log_sd
            for gap, cost in zip(gaps, self.costs, strict=True)
            if cost.grade == grade
        ]
        return (sum(inside) / len(inside), len(inside)) if inside else (math.nan, 0)


def order_of(told: Sequence[float], true: Sequence[float], groups: Sequence[str] | None = None) -> Order:
    """Count wrongly ordered pairs, of all variants or within groups, and take Spearman's rho."""
    one, other = np.triu_indices(len(true), 1)
    really = np.subtract(*(np.log(true)[side] for side in (one, other)))
    said = np.subtract(*(np.log(told)[side] for side in (one, other)))
    asked = np.abs(really) > APART
    if groups is not None:
        names = np.array(groups)
        asked &= names[one] == names[other]
    wrong = np.where(said == 0, 0.5, said * really < 0)[asked]
    rho = float(pd.Series(told).rank().corr(pd.Series(true).rank()))
    return Order(wrong=float(wrong.mean()) if wrong.size else math.nan, pairs=int(wrong.size), rho=rho)


def index_work(policy: Policy) -> Policy:
    """Price the index's own task instead of the operator's mix."""
    task = TaskKind(
        name="index",
        share=1.0,
        tokens_in=policy.cost.index_task_tokens_in,
        tokens_out=policy.cost.index_task_tokens_out,
        cached_share=0.0,
    )
    return policy.model_copy(update={"task_mix": (task,)})


def told(seen: Sequence[Spent], asked: Sequence[Spent], policy: Policy) -> tuple[Cost, ...]:
    """Cost some variants from what others, or they themselves, published."""
    published = {row.trait.variant: row.usd for row in seen}
    spending = fit_spending_effects(published, {row.trait.variant: row.trait for row in seen}, policy.cost)
    return tuple(
        ladder_cost(row.trait.price, row.trait.effort, policy.cost, policy.task_mix)
        if spending is None
        else pooled_cost(row.trait, spending, policy, own=row.trait.variant in published)
        for row in asked
    )


def left_out(rows: Sequence[Spent], key: Callable[[Spent], str], policy: Policy) -> Judged:
    """Leave every group out once and cost it from the rest."""
    found: dict[str, Cost] = {}
    for name in sorted({key(row) for row in rows}):
        asked = [row for row in rows if key(row) == name]
        costs = told([row for row in rows if key(row) != name], asked, policy)
        found |= {row.trait.variant: cost for row, cost in zip(asked, costs, strict=True)}
    return Judged(rows=tuple(rows), costs=tuple(found[row.trait.variant] for row in rows))


def newcomers(rows: Sequence[Spent], share: float, policy: Policy) -> Judged:
    """Cost the youngest releases from the older ones alone."""
    aged = sorted(rows, key=lambda row: (str(row.trait.released_on), row.trait.variant))
    cut = int(len(aged) * (1 - share))
    return Judged(rows=tuple(aged[cut:]), costs=told(aged[:cut], aged[cut:], policy))


def tables() -> Iterable[tuple[str, tuple[Spent, ...]]]:
    """Read every table there is, oldest first; the last history week overlaps none of the pages."""
    for path in sorted(PAGES.glob("*.json.gz")):
        rows = read_page(path)
        if len(rows) > 50:
            yield path.name[:10], rows
    yield "history 2026-05-25", read_week(HISTORY, "2026-05-25")


def spoken(what: str, asked: str, order: Order, listed: Order) -> None:
    """Print one line of asked, measured and list price."""
    print(  # noqa: T201 - a report for a person
        f"  {what:<34} asked {asked:<14} measured {order.wrong:6.1%} / {order.rho:.3f}"
        f"   list {listed.wrong:6.1%} / {listed.rho:.3f}   ({order.pairs} pairs)"
    )


def list_price(rows: Sequence[Spent]) -> list[float]:
    """Three parts input, one part output: what a person compares without this project."""
    return [row.trait.price.blended_usd_per_mtok for row in rows]


def report(name: str, rows: tuple[Spent, ...], policy: Policy) -> None:
    """Print one table's figures on the index's own work."""
    work = index_work(policy)
    print(f"{name}: {len(rows)} variants")  # noqa: T201 - a report for a person
    ladder = Judged(rows=rows, costs=told((), rows, work))
    variant = left_out(rows, lambda row: row.trait.variant, work)
    release = left_out(rows, lambda row: f"{row.trait.vendor} {row.trait.release}", work)
    listed = variant.order(list_price(rows))
    spoken("ladder alone (3b)", "", ladder.order(), listed)
    spoken("variant left out", "9 % / .94", variant.order(), listed)
    spoken("whole release left out", "", release.order(), listed)
    inside = order_of(list_price(rows), [row.usd for row in rows], [row.trait.release for row in rows])
    spoken("pairs inside one release", "10 %", variant.inside(), inside)
    for share in (0.25, 0.4):
        young = newcomers(rows, share, work)
        spoken(
            f"newcomers, youngest {share:.0%}",
            "12 % / .90",
            young.order(),
            young.order(list_price(young.rows)),
        )
        covered("  of newcomers", young, "3a")
    covered("ladder alone", ladder, "3b")
    covered("variant left out", variant, "3a")
    covered("release left out", release, "3a")


def covered(what: str, judged: Judged, grade: str) -> None:
    """Print the coverage of one grade."""
    share, count = judged.covered(grade)
    print(f"  80 % interval, {grade}, {what:<36} asked 70-90 %  measured {share:6.1%}  ({count})")  # noqa: T201 - a report for a person


def questions(name: str, rows: tuple[Spent, ...], policy: Policy) -> None:
    """Print how dollars of the index carry to the operator's mix, by tokens on single questions."""
    out = left_out(rows, lambda row: row.trait.variant, policy)
    kept = {row.trait.variant: cost for row, cost in zip(rows, out.costs, strict=True)}
    for evaluation in QUESTIONS:
        counted = tuple(row for row in rows if evaluation in row.tokens)
        plain = [row.tokens[evaluation] for row in counted if row.trait.effort == "none"]
        if not plain:
            continue
        usual = median(plain)
        truth = tuple(
            replace(row, usd=mix_usd(row.trait.price, policy.task_mix, row.tokens[evaluation] / usual))
            for row in counted
        )
        plainly = tuple(
            measured_cost(row.trait.price, row.usd, policy.cost, policy.task_mix) for row in counted
        )
        ladder = Judged(rows=truth, costs=told((), counted, policy))
        own = Judged(rows=truth, costs=told(rows, counted, policy))
        other = Judged(rows=truth, costs=tuple(kept[row.trait.variant] for row in counted))
        listed = own.order(list_price(truth))
        spoken(f"{evaluation}: ladder alone", "", ladder.order(), listed)
        spoken(f"{evaluation}: plain multiplier", "", Judged(rows=truth, costs=plainly).order(), listed)
        spoken(f"{evaluation}: own dollars, 2b", "", own.order(), listed)
        spoken(f"{evaluation}: others' dollars, 3a", "", other.order(), listed)
        covered(f"{evaluation}", own, "2b")
        covered(f"{evaluation}", other, "3a")
        covered(f"{evaluation}", ladder, "3b")


def main() -> None:
    """Print every table's figures."""
    policy, _ = load_policy(ROOT / "data" / "policy" / "tiers.toml")
    for name, rows in tables():
        report(name, rows, policy)
        questions(name, rows, policy)
    print("coding runs: python -m tests.bench.coding_targets")  # noqa: T201 - a report for a person


if __name__ == "__main__":
    main()
