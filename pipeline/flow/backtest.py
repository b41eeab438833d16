"""How good the rules would have been: a policy file judged on past weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.backtest.asked import answerable
from pipeline.backtest.history import between
from pipeline.backtest.judge import judge_naive, scored_once
from pipeline.backtest.reader import read_history
from pipeline.backtest.told import judge_story, judge_told
from pipeline.errors import UsageError
from pipeline.flow.history_names import with_names
from pipeline.flow.own_history import check_length, own_history
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.backtest.history import History
    from pipeline.backtest.scorecard import Scorecard
    from pipeline.backtest.told import Turn
    from pipeline.domain.policy import Policy
    from pipeline.domain.week import Week
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to judge on what."""

    history: Path | None
    """A weekly table; None: the workspace's own record."""
    policy: Path | None
    """None: the workspace's own policy."""
    workspace: Workspace
    settings: Settings
    first: Week | None = None
    last: Week | None = None
    """Later weeks are seen by nobody, not even as judges of earlier picks."""
    horizon: int = 12
    """Weeks after a pick at which its loss in points is judged; its value is judged 4 and 12 weeks later."""
    seed: int | None = None
    """In place of the policy's."""
    compare: tuple[str, ...] = ()
    """Naive policies; `all` for every one."""
    backfilled_prices: bool = False
    draws: bool = False
    told: bool = False
    """Keep what every week did, for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the policy reached, and what others reached on the same weeks."""

    history: History
    horizon: int
    own: Scorecard
    others: tuple[Scorecard, ...]
    worth: Mapping[str, Mapping[str, float | None]]
    """What a refresh of the policy's pools was worth in Elo points, by tier and age in weeks."""
    worth_answers: Mapping[str, Mapping[str, float | None]]
    """The same in answers per 100 requests."""
    turns: Mapping[str, tuple[Turn, ...]]
    """What every week of the policy did, by tier; empty unless asked for."""
    unjudged: tuple[str, ...] = ()
    """Tiers of the policy that believe boards a history does not hold."""


def backtest(question: Question) -> Answer:
    """Walk the weeks of a history with the rules of a policy file.

    Raises:
        UsageError: A file or an option is not of the written form.
    """
    if question.horizon < 1:
        raise UsageError(f"--horizon {question.horizon} is not in the future", hint="Give weeks, e.g. 12.")
    if question.seed is not None and question.seed < 0:
        raise UsageError(f"--seed {question.seed} is below zero", hint="Give any number from 0 on.")
    whole, _ = load_policy(question.policy or question.workspace.policy)
    policy = answerable(whole)
    if question.seed is not None:
        policy = policy.model_copy(update={"seed": question.seed})
    history = between(_read(question, policy), question.first, question.last)
    if history.own:
        check_length(history, question.horizon)
    horizon, weeks = question.horizon, scored_once(history, policy)
    if question.told:
        story = judge_told(history, policy, horizon=horizon, weeks=weeks)
    else:
        story = judge_story(history, policy, horizon=horizon, draws=question.draws, weeks=weeks)
    return Answer(
        history=history,
        horizon=horizon,
        own=story.card,
        worth=story.worth,
        worth_answers=story.worth_answers,
        turns=story.turns,
        others=judge_naive(history, policy, question.compare, horizon=horizon, weeks=weeks),
        unjudged=tuple(sorted(whole.tiers.keys() - policy.tiers.keys())),
    )


def _read(question: Question, policy: Policy) -> History:
    if question.history is None:
        return own_history(question.workspace, question.settings, policy)
    whole = read_history(question.history, backfilled_prices=question.backfilled_prices)
    return with_names(whole, question.workspace)
