"""How good the rules would have been: a policy file judged on past weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.history import between
from pipeline.backtest.judge import judge, judge_naive
from pipeline.backtest.reader import read_history
from pipeline.errors import UsageError
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.backtest.history import History
    from pipeline.backtest.scorecard import Scorecard
    from pipeline.domain.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to judge on what."""

    history: Path
    policy: Path
    first: Week | None = None
    last: Week | None = None
    """Later weeks are seen by nobody, not even as judges of earlier picks."""
    horizon: int = 12
    """Weeks after a pick at which it is judged."""
    seed: int | None = None
    """In place of the policy's."""
    compare: tuple[str, ...] = ()
    """Naive policies; `all` for every one."""
    backfilled_prices: bool = False
    draws: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the policy reached, and what others reached on the same weeks."""

    history: History
    horizon: int
    own: Scorecard
    others: tuple[Scorecard, ...]


def backtest(question: Question) -> Answer:
    """Walk the weeks of a history with the rules of a policy file.

    Raises:
        UsageError: A file or an option is not of the written form.
    """
    if question.horizon < 1:
        raise UsageError(f"--horizon {question.horizon} is not in the future", hint="Give weeks, e.g. 12.")
    if question.seed is not None and question.seed < 0:
        raise UsageError(f"--seed {question.seed} is below zero", hint="Give any number from 0 on.")
    policy, _ = load_policy(question.policy)
    if question.seed is not None:
        policy = policy.model_copy(update={"seed": question.seed})
    whole = read_history(question.history, backfilled_prices=question.backfilled_prices)
    history = between(whole, question.first, question.last)
    horizon = question.horizon
    return Answer(
        history=history,
        horizon=horizon,
        own=judge(history, policy, horizon=horizon, draws=question.draws),
        others=judge_naive(history, policy, question.compare, horizon=horizon),
    )
