"""Judges a policy file on past weeks, and writes the page about it where the operator says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.backtest.evaluate import evaluate_baseline, score_once
from pipeline.backtest.history import History, between, named, read_history
from pipeline.backtest.history_adapter import answerable_policy
from pipeline.backtest.metrics.scorecard import SOON, Scorecard
from pipeline.backtest.simulate.weekly_log import evaluate_weekly, evaluate_with_log
from pipeline.domain.observation import SCORE_ATTRIBUTION
from pipeline.errors import UsageError, is_full_disk
from pipeline.flow.backtests.tables import LEGEND, span_words, tables_of
from pipeline.flow.replay.workspace_history import check_length, own_history
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.names.kinship import Kinship
from pipeline.policy.load import load_policy
from pipeline.regular_file import read_file
from pipeline.review.pages.backtest_view import BacktestView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.domain.calendar import Week
    from pipeline.domain.policy import Policy
    from pipeline.domain.run import PastWeek
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """What to judge on what."""

    history: Path | None
    """A weekly table; None: the workspace's own record."""
    policy: Path | None
    """None: the workspace's own policy."""
    workspace: Workspace
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
    with_log: bool = False
    """Keep what every week did, for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestReport:
    """What the policy reached, and what baselines reached on the same weeks."""

    history: History
    horizon: int
    own: Scorecard
    others: tuple[Scorecard, ...]
    worth: Mapping[str, Mapping[str, float | None]]
    """What a refresh of the policy's pools was worth in Elo points, by tier and age in weeks."""
    worth_answers: Mapping[str, Mapping[str, float | None]]
    """The same in answers per 100 requests."""
    turns: Mapping[str, tuple[PastWeek, ...]]
    """What every week of the policy did, by tier; empty unless asked for."""
    unjudged: tuple[str, ...] = ()
    """Tiers of the policy that believe boards a history does not hold."""


def backtest(question: BacktestRequest) -> BacktestReport:
    """Simulate the weeks of a history with the rules of a policy file.

    Raises:
        UsageError: A file or an option is not of the written form.
    """
    if question.horizon < 1:
        raise UsageError(f"--horizon {question.horizon} is not in the future", hint="Give weeks, e.g. 12.")
    if question.seed is not None and question.seed < 0:
        raise UsageError(f"--seed {question.seed} is below zero", hint="Give any number from 0 on.")
    whole, _ = load_policy(question.policy or question.workspace.policy)
    policy = answerable_policy(whole)
    if question.seed is not None:
        policy = policy.model_copy(update={"seed": question.seed})
    history = between(_read(question, policy), question.first, question.last)
    if history.own:
        check_length(history, question.horizon)
    horizon, weeks = question.horizon, score_once(history, policy)
    if question.with_log:
        story = evaluate_with_log(history, policy, horizon=horizon, weeks=weeks)
    else:
        story = evaluate_weekly(history, policy, horizon=horizon, draws=question.draws, weeks=weeks)
    return BacktestReport(
        history=history,
        horizon=horizon,
        own=story.card,
        worth=story.worth,
        worth_answers=story.worth_answers,
        turns=story.turns,
        others=evaluate_baseline(history, policy, question.compare, horizon=horizon, weeks=weeks),
        unjudged=tuple(sorted(whole.tiers.keys() - policy.tiers.keys())),
    )


def _read(question: BacktestRequest, policy: Policy) -> History:
    if question.history is None:
        return own_history(question.workspace, policy)
    whole = read_history(question.history, backfilled_prices=question.backfilled_prices)
    return attach_names(whole, question.workspace)


def attach_names(history: History, workspace: Workspace) -> History:
    """Give each model of a table the vendor, family and effort that follow from its name.

    Where the folder holds no crosswalk, names tell nothing: every model is of a vendor of its own.

    Raises:
        UsageError: A file of the crosswalk is not of the expected form.
    """
    if not workspace.crosswalk.is_dir():
        return history
    return named(history, Kinship(load_crosswalk(workspace.crosswalk)).of)


_MARK: Final = b"<title>Backtest of "
"""What only these pages hold."""


def check_place(path: Path) -> None:
    """Refuse a place that holds anything but an earlier page of a backtest.

    Raises:
        UsageError: It is not ours to replace, or cannot be read.
    """
    try:
        ours = not path.exists() or _MARK in read_file(path)
    except OSError as error:
        raise _not_written(path, error) from None
    if not ours:
        raise UsageError(
            f"{path} exists and is not a page of a backtest", hint="Name a new file, e.g. backtest.html."
        )


def write_page(answer: BacktestReport, path: Path) -> None:
    """Draw the page and write it whole; an earlier one of that name is replaced.

    Raises:
        UsageError: The place is not ours to write, or cannot be written.
        OSError: The disk is full.
    """
    from pipeline.review.pages.backtest_page import backtest_html

    check_place(path)
    try:
        atomic_files.replace_file(path, backtest_html(backtest_view(answer)).encode())
    except OSError as error:
        if is_full_disk(error):
            raise
        raise _not_written(path, error) from None


def _not_written(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror}", hint="Name a file in a folder you may write to."
    )


def backtest_view(answer: BacktestReport) -> BacktestView:
    """Put together what the page shows."""
    return BacktestView(
        policy=answer.own.policy,
        span=tuple(span_words(answer.history, answer.horizon)),
        horizon=SOON,
        tables=tuple(tables_of(answer)),
        legend=" ".join(LEGEND),
        tiers=tuple(answer.turns.items()),
        attribution=SCORE_ATTRIBUTION,
    )
