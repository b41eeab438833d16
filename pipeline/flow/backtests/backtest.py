"""Judges a policy file on past weeks, and arranges what all policies reached for terminal and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.backtest.evaluate import evaluate_baseline, score_once
from pipeline.backtest.history import History, clip_weeks, read_history, with_families
from pipeline.backtest.history_adapter import answerable_policy
from pipeline.backtest.metrics.scorecard import SOON, Scorecard
from pipeline.backtest.simulate.weekly_log import evaluate_weekly, evaluate_with_log
from pipeline.domain.observation import SCORE_ATTRIBUTION
from pipeline.errors import UsageError, is_full_disk
from pipeline.flow.replay.workspace_history import check_length, own_history
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.names.family_inference import FamilyInference
from pipeline.policy.load import load_policy
from pipeline.regular_file import read_file
from pipeline.review.pages.backtest_view import BacktestView, MeasureRow, MeasureTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pipeline.backtest.metrics.scorecard import Measures
    from pipeline.domain.calendar import Week
    from pipeline.domain.policy import Policy
    from pipeline.domain.run import PastWeek
    from pipeline.workspace import Workspace


__all__ = ["MeasureTable", "tables_of"]

_ALONE: Final = {
    "arena": "The rating board alone, Elo points and value",
    "artificial_analysis": "The second board alone, index points and value",
}


def tables_of(answer: BacktestReport) -> Iterator[MeasureTable]:
    """Yield what all policies reached: in value, in points, and where there are two boards by each alone."""
    cards = (answer.own, *answer.others)
    whole = {card.policy: card.tiers for card in reversed(cards)}
    yield _table(answer, "Value, answers per 100 requests", VALUE_HEADINGS, whole)
    yield _table(answer, "The rating board, Elo points", POINT_HEADINGS, whole)
    if len(answer.own.boards) > 1:
        for board in answer.own.boards:
            found = {card.policy: card.boards[board] for card in reversed(cards)}
            yield _table(answer, _ALONE[board], BOARD_HEADINGS, found)


def _table(
    answer: BacktestReport,
    title: str,
    headings: Mapping[str, str],
    found: Mapping[str, Mapping[str, Measures]],
) -> MeasureTable:
    cards = (answer.own, *answer.others)
    return MeasureTable(
        title=title,
        headings=tuple(headings.values()),
        tiers=tuple(
            (
                tier,
                tuple(
                    MeasureRow(
                        policy=card.policy,
                        own=card is answer.own,
                        cells=tuple(figure(found[card.policy][tier][name]) for name in headings),
                    )
                    for card in cards
                ),
            )
            for tier in answer.own.tiers
        ),
    )


VALUE_HEADINGS: Final = {
    "value_regret_first": "first",
    "value_regret_bands": "bands",
    "value_regret_vendor_down": "down",
    "value_regret_first_12_weeks": "first12",
    "noise_swaps": "noise",
    "wrong_entrants": "wrong",
    "outsider_dominated": "beaten",
    "usd_per_1000_tasks": "$/1000",
}
"""What the rules are judged by: measure to the heading of its column."""

POINT_HEADINGS: Final = {
    "regret_first": "first",
    "regret_pool": "pool",
    "regret_with_launches": "+new",
    "dominated": "beaten",
    "churn": "churn",
    "noise_swaps_elo": "noise",
    "back_within_8": "back8",
    "filled": "filled",
    "median_price": "$/Mtok",
    "weeks_to_adopt": "adopt",
}
"""What is told beside it."""

BOARD_HEADINGS: Final = {
    "regret_first": "first",
    "regret_pool": "pool",
    "value_first": "V first",
    "value_best_held": "V best",
    "value_regret_first": "V lost",
}
"""What one board alone says."""

LEGEND: Final = (
    "Value: answers per 100 requests lost against the best one could have had, judged 4 weeks later (first12",
    "12 weeks later): by the first pick, by who serves each band (mean), with its vendor down (down). noise:",
    "swaps that make no difference of value beyond its error. wrong: entrants worth less than the leaver 12",
    "weeks later. beaten: picks that an outsider who could take the seat beats clearly at no higher cost.",
    "$/1000: dollars per 1,000 tasks with the first pick, median.",
    "Points: first, pool, +new: points of the board lost by the first pick, by all members, and by the first",
    "pick against later launches too. beaten: picks that somebody not dearer clearly beats. churn: share of",
    "places a week. noise: swaps inside the joint interval. back8: leavers that are back within 8 weeks.",
    "adopt: weeks until a new best model is a member. V first, V best, V lost: value by that board alone, 4",
    "weeks later: of the first pick, the best that any member has, and what the first pick lost.",
)
"""What the headings mean, line by line."""


def span_words(history: History, horizon: int) -> Iterator[str]:
    """Say which weeks were simulated, and what is odd about them."""
    tables = history.tables
    yield (
        f"{len(tables)} tables, {tables[0].week} to {tables[-1].week}; points are judged "
        f"{horizon} weeks later, value 4 and 12."
    )
    if history.holes:
        holes = ", ".join(f"{weeks} after {one}" for one, _, weeks in history.holes)
        yield f"Weeks without a table: {holes}."
    if history.without_bytes:
        left = ", ".join(history.without_bytes)
        yield f"Weeks left out, since their captured bytes are not on this machine: {left}."
    if history.repeated:
        yield f"Weeks that only repeat the table before (a frozen feed): {', '.join(history.repeated)}."
    yield from _names(history)


def _names(history: History) -> Iterator[str]:
    """Say whose name tells too little; each is counted, and `--json` names them."""
    if history.own:
        return
    untold = history.nameless
    if not untold:
        yield "No crosswalk here reads names: every model counts as of a vendor of its own."
        return
    yield (
        f"By name, no vendor is known of {len(untold['vendor'])} priced models, each counted as its own; no "
        f"effort of {len(untold['effort'])}, counted as unstated (`--json` names them)."
    )


def figure(value: float | None) -> str:
    """Two decimals below ten, one above; a dash where nothing could be counted."""
    if value is None:
        return "-"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004 - a matter of layout


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
    history = clip_weeks(_read_history(question, policy), question.first, question.last)
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


def _read_history(question: BacktestRequest, policy: Policy) -> History:
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
    return with_families(history, FamilyInference(load_crosswalk(workspace.crosswalk)).of)


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
