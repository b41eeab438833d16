"""Ask the mix of coding tools what was asked of it: `python -m tests.bench.coding_targets`.

Truth is what public coding runs really cost (`coding_runs.csv` beside this file) and, where captures of the
index lie beside the project, the tokens of its coding evaluations at list price. Told is the ladder's cost
under the general mix, the coding mix and each kind of the coding mix alone. Printed first is what the mix's
constants were read from: the agent turn that meets the dollars a request best, and the tokens of whole edits.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.domain.ids import SourceName
from pipeline.domain.score import ListPrice
from pipeline.policy.load import load_policy
from pipeline.scoring.cost.task_cost import ladder_cost
from tests.bench.cost_tables import read_page
from tests.bench.cost_targets import PAGES, ROOT, order_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.domain.policy import Policy, TaskKind
    from tests.bench.cost_tables import Spent

RUNS: Final = Path(__file__).with_name("coding_runs.csv")
EVALUATIONS: Final = {"terminalbenchHard": 0.8, "terminalbenchV21": 0.8, "scicode": 0.0}
"""The index's coding evaluations, two of agents and one of single requests, with the share of input taken as
read from a cache: the captures state none."""

CACHE_PRICE: Final = 0.2
"""Of the input price, where the captures state none; most vendors ask between a tenth and a quarter."""

FEWEST: Final = 50
DRAWS: Final = 200
EXERCISES: Final = 225
"""Of one run of whole edits."""

TURNS: Final = ((25_000.0, 0.8), (35_000.0, 0.85), (154_000.0, 0.96))
"""Larger agent turns, tokens in and their cached share; the last is TraceLab's mean step."""

FIT_CACHED: Final = (0.8, 0.9, 0.95)
FIT_REASONING: Final = (0.0, 0.17, 0.5, 1.0)
FIT_IN: Final = np.geomspace(2_000, 60_000, 69)
FIT_OUT: Final = np.geomspace(60, 3_000, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one variant cost on one kind of work."""

    kind: str
    effort: str
    price: ListPrice
    usd: float
    requests: float | None
    """How many requests one task took; None where nobody says."""
    tokens: tuple[float, float] | None = None
    """In and out, of the whole run; None where they are not counted."""


def read_runs(path: Path = RUNS) -> tuple[Run, ...]:
    """Read the public runs; lines that begin with # tell where they come from."""
    with path.open(newline="") as table:
        rows = list(csv.DictReader(line for line in table if not line.startswith("#")))
    return tuple(
        Run(
            kind=row["kind"],
            effort=row["effort"],
            price=_price(float(row["input"]), float(row["output"]), _known(row["cache_read"])),
            usd=float(row["usd"]),
            requests=_known(row["requests"]),
            tokens=(float(row["tokens_in"]), float(row["tokens_out"])) if row["tokens_in"] else None,
        )
        for row in rows
    )


def _known(cell: str) -> float | None:
    return float(cell) if cell else None


def _price(usd_in: float, usd_out: float, usd_cache: float | None) -> ListPrice:
    return ListPrice(
        input_microusd_per_mtok=round(usd_in * 1e6),
        output_microusd_per_mtok=round(usd_out * 1e6),
        cache_read_microusd_per_mtok=None if usd_cache is None else round(usd_cache * 1e6),
        sources=(SourceName("public-runs"),),
    )


def tables() -> Mapping[str, tuple[Run, ...]]:
    """Give the public runs by kind of task; an agent's by request, as a router sees it, and by issue."""
    runs = read_runs()
    agents = [run for run in runs if run.kind == "agent" and run.requests is not None]
    return {
        "whole edits": tuple(run for run in runs if run.kind == "edit"),
        "agent, a request": tuple(_of_one_request(run) for run in agents),
        "agent, an issue": tuple(agents),
    }


def _of_one_request(run: Run) -> Run:
    usd = run.usd / run.requests if run.requests else run.usd
    return Run(kind=run.kind, effort=run.effort, price=run.price, usd=usd, requests=1.0)


def index_tables() -> Iterable[tuple[str, tuple[Run, ...]]]:
    """Give the index's coding evaluations, their tokens at list price; nothing without captures."""
    for path in sorted(PAGES.glob("*.json.gz"))[-1:]:
        rows = read_page(path)
        for evaluation, cached in EVALUATIONS.items():
            counted = [row for row in rows if row.tokens.get(evaluation) and row.tokens_in.get(evaluation)]
            if len(counted) >= FEWEST:
                runs = tuple(_at_list_price(row, evaluation, cached) for row in counted)
                yield f"{evaluation}, tokens of {path.name[:10]} at list price", runs


def _at_list_price(row: Spent, evaluation: str, cached: float) -> Run:
    price = row.trait.price
    usd_in, usd_out = price.input_microusd_per_mtok / 1e6, price.output_microusd_per_mtok / 1e6
    usd_cache = usd_in * CACHE_PRICE
    usd_input = row.tokens_in[evaluation] * ((1 - cached) * usd_in + cached * usd_cache)
    return Run(
        kind=evaluation,
        effort=row.trait.effort,
        price=_price(usd_in, usd_out, usd_cache if cached else None),
        usd=(usd_input + row.tokens[evaluation] * usd_out) / 1e6,
        requests=None,
    )


def told(runs: Sequence[Run], mix: Sequence[TaskKind], policy: Policy) -> list[float]:
    """Cost the runs by the ladder under one mix, in dollars per task."""
    return [ladder_cost(run.price, run.effort, policy.cost, mix).usd_per_task for run in runs]


def wrong_pairs(runs: Sequence[Run], mix: Sequence[TaskKind], policy: Policy) -> tuple[float, float]:
    """Share of pairs ordered wrongly, and Spearman's rank correlation, of one mix."""
    order = order_of(told(runs, mix, policy), [run.usd for run in runs])
    return order.wrong, order.rho


def drawn_sd(runs: Sequence[Run], mix: Sequence[TaskKind], policy: Policy) -> float:
    """Standard deviation of the share of wrong pairs over runs drawn with replacement."""
    said, true = np.array(told(runs, mix, policy)), np.array([run.usd for run in runs])
    draw = np.random.default_rng(policy.seed)
    shares = []
    for _ in range(DRAWS):
        taken = draw.integers(0, len(runs), len(runs))
        shares.append(order_of(said[taken].tolist(), true[taken].tolist()).wrong)
    return stdev(share for share in shares if not math.isnan(share))


def mixes(policy: Policy) -> Mapping[str, tuple[TaskKind, ...]]:
    """Name the mixes to compare: both shipped ones, the coding kinds alone, and larger agent turns."""
    coding = policy.task_mixes["coding"]
    turn, *others = coding
    alone = {f"{kind.name} alone": (kind.model_copy(update={"share": 1.0}),) for kind in coding}
    larger = {
        f"coding, turn {tokens:,.0f}": (
            turn.model_copy(update={"tokens_in": tokens, "cached_share": cached}),
            *others,
        )
        for tokens, cached in TURNS
    }
    return {"general": policy.task_mix, "coding": coding, **alone, **larger}


def report(name: str, runs: tuple[Run, ...], policy: Policy) -> None:
    """Print one table's figures, list price first."""
    listed = order_of([run.price.blended_usd_per_mtok for run in runs], [run.usd for run in runs])
    print(f"{name}: {len(runs)} runs, {listed.pairs} pairs more than 15 % apart")  # noqa: T201 - a report for a person
    print(f"  {'list price':<24} {listed.wrong:6.1%} / {listed.rho:.3f}")  # noqa: T201 - a report for a person
    for mix_name, mix in mixes(policy).items():
        wrong, rho = wrong_pairs(runs, mix, policy)
        spread = f"  (SD {drawn_sd(runs, mix, policy):.1%})" if mix_name in ("general", "coding") else ""
        print(f"  {mix_name:<24} {wrong:6.1%} / {rho:.3f}{spread}")  # noqa: T201 - a report for a person


def likeliest_turn(
    runs: Sequence[Run], cached: float, reasoning: float, policy: Policy
) -> tuple[float, float, float]:
    """Find the tokens in and out of one request that meet the runs' dollars best, and what still differs.

    Least squares of the log dollars on a grid; the third figure is the root of their mean square.
    """
    price = np.array([_billed(run.price, cached) for run in runs]) / 1e6
    effort = np.array([policy.cost.effort_ladder[run.effort] for run in runs])
    out = price[:, 1] * (reasoning * effort + 1 - reasoning)
    usd = FIT_IN[:, None, None] * price[:, 0] + FIT_OUT[None, :, None] * out
    gaps = np.log(np.array([run.usd for run in runs])) - np.log(usd)
    misses = np.sqrt((gaps**2).mean(axis=2))
    best_in, best_out = np.unravel_index(int(misses.argmin()), misses.shape)
    return float(FIT_IN[best_in]), float(FIT_OUT[best_out]), float(misses.min())


def misses(runs: Sequence[Run], kind: TaskKind, policy: Policy) -> tuple[float, float]:
    """How far one kind of task alone is from the runs' dollars: root mean square of the log, middle ratio."""
    costs = told(runs, (kind.model_copy(update={"share": 1.0}),), policy)
    gaps = [math.log(run.usd / usd) for run, usd in zip(runs, costs, strict=True)]
    return math.sqrt(fmean(gap**2 for gap in gaps)), math.exp(median(gaps))


def _billed(price: ListPrice, cached: float) -> tuple[float, float]:
    usd_in, usd_out = price.input_microusd_per_mtok / 1e6, price.output_microusd_per_mtok / 1e6
    cache = price.cache_read_microusd_per_mtok
    return (1 - cached) * usd_in + cached * (usd_in if cache is None else cache / 1e6), usd_out


def turns(runs: Sequence[Run], policy: Policy) -> None:
    """Print the agent turn that meets the dollars a request best, by its cached and its reasoning share."""
    for cached in FIT_CACHED:
        for reasoning in FIT_REASONING:
            tokens_in, tokens_out, miss = likeliest_turn(runs, cached, reasoning, policy)
            print(  # noqa: T201 - a report for a person
                f"  cached {cached:.2f}, reasoning {reasoning:.2f}: {tokens_in:7,.0f} tokens in,"
                f" {tokens_out:6,.0f} out, log dollars off by {miss:.3f}"
            )
    miss, ratio = misses(runs, policy.task_mixes["coding"][0], policy)
    print(f"  as shipped: log dollars off by {miss:.3f}, the middle bill {ratio:.2f} of it")  # noqa: T201 - a report for a person


def edits(runs: Sequence[Run]) -> None:
    """Print the tokens of one exercise of whole edits, by effort."""
    counted = [run for run in runs if run.tokens is not None]
    for effort in dict.fromkeys(run.effort for run in counted):
        tokens = [run.tokens for run in counted if run.effort == effort and run.tokens is not None]
        out = median(one[1] for one in tokens) / EXERCISES
        print(f"  {effort:<8} {out:7,.0f} tokens out   ({len(tokens)} runs)")  # noqa: T201 - a report for a person
    tokens_in = median(run.tokens[0] for run in counted if run.tokens is not None) / EXERCISES
    print(f"  all      {tokens_in:7,.0f} tokens in   ({len(counted)} runs)")  # noqa: T201 - a report for a person


def main() -> None:
    """Print what the mix was read from, then wrong pairs and rank correlation by kind of task and mix."""
    policy, _ = load_policy(ROOT / "data" / "policy" / "tiers.toml")
    runs = tables()
    print("The agent turn that meets the dollars a request best:")  # noqa: T201 - a report for a person
    turns(runs["agent, a request"], policy)
    print("Tokens of one exercise of whole edits, medians:")  # noqa: T201 - a report for a person
    edits(runs["whole edits"])
    for name, rows in (*runs.items(), *index_tables()):
        report(name, rows, policy)


if __name__ == "__main__":
    main()
