"""What is large: 400 variants in five tiers, and three years of weeks."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.history import clip_weeks, read_history
from pipeline.backtest.history_adapter import answerable_policy, judgeable_tiers, score_weeks
from pipeline.domain.calendar import Week
from pipeline.flow.backtests.backtest import attach_names
from pipeline.policy.load import load_policy
from pipeline.workspace import Workspace
from tests.backtest.policy_runs import evaluate_policy
from tests.bench.measure import ROOT, Line, process

if TYPE_CHECKING:
    from collections.abc import Callable

HISTORY = ROOT.parent / "shared" / "history" / "arena_text_weekly.csv.gz"
POLICY = ROOT / "data" / "policy" / "tiers.toml"
FIRST = "2023-W49"
HORIZON = 12
NUMPY = "import numpy"


@dataclass(frozen=True, slots=True)
class PriorState:
    """Megabytes a process held at most."""

    what: str
    mb: float
    target: str


def crowd_lines(numpy: float) -> tuple[list[Line], list[PriorState]]:
    """Score and select 400 variants for five tiers; the peer is one start of numpy, in milliseconds."""
    lines, memory = [], []
    for wide, words in ((), "as shipped"), (("wide",), "nobody kept out"):
        told = _told("-m", "tests.bench.crowd", *wide)
        what = f"score + select 400 x 5 x 2,000, {words}"
        lines += [
            Line(what, told["wall_s"] * 1000, NUMPY, numpy, "< 1000 ms"),
            Line("  the same, processor time", told["processor_s"] * 1000, NUMPY, numpy, "report"),
        ]
        memory += [
            PriorState(what, told["mb_peak"], "< 300 MB"),
            PriorState("  of it since the start", told["mb_peak"] - told["mb_before"], "report"),
        ]
    return lines, memory


def history_lines(numpy: float) -> list[Line]:
    """Walk one policy over the public history; nothing where the history is not at hand."""
    if not HISTORY.exists():
        return []
    policy = answerable_policy(load_policy(POLICY)[0])
    whole = attach_names(read_history(HISTORY, backfilled_prices=True), Workspace(ROOT))
    history = clip_weeks(whole, Week(FIRST), None)
    weeks = tuple(score_weeks(history.tables, judgeable_tiers(policy)))
    command = ["-m", "pipeline.cli", "backtest", "--history", str(HISTORY), "--policy", str(POLICY)]
    command += ["--from", FIRST, "--backfilled-prices", "--json"]
    own = f"backtest {len(weeks)} weeks x {len(policy.tiers)} tiers"
    return [
        Line(
            f"{own}, processor",
            _work(lambda: evaluate_policy(history, policy, horizon=HORIZON), 5),
            NUMPY,
            numpy,
            "<= 1000 ms",
        ),
        Line(
            "  of it after the weeks are scored",
            _work(lambda: evaluate_policy(history, policy, horizon=HORIZON, weeks=weeks), 5),
            NUMPY,
            numpy,
            "report",
        ),
        Line(
            "  with draws, processor",
            _work(lambda: evaluate_policy(history, policy, horizon=HORIZON, draws=True), 1),
            NUMPY,
            numpy,
            "<= 10000 ms",
        ),
        Line("modelpool backtest, whole command", process(*command, rounds=3), NUMPY, numpy, "report"),
        Line("  with --draws", process(*command, "--draws", rounds=1), NUMPY, numpy, "report"),
    ]


def _work(work: Callable[[], object], rounds: int) -> float:
    """Return the least processor time of some rounds, in milliseconds: other processes do not count."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return min(times)


def _told(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told
