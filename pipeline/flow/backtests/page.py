"""The page of a backtest, written where the operator says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.backtest.metrics.scorecard import SOON
from pipeline.domain.observation import SCORE_ATTRIBUTION
from pipeline.errors import UsageError
from pipeline.flow.backtests.tables import LEGEND, span_words, tables_of
from pipeline.review.pages.backtest_view import BacktestView

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.flow.backtests.backtest import BacktestReport


_MARK: Final = b"<title>Backtest of "
"""What only these pages hold."""


def check_place(path: Path) -> None:
    """Refuse a place that holds anything but an earlier page of a backtest.

    Raises:
        UsageError: It is not ours to replace, or cannot be read.
    """
    try:
        ours = not path.exists() or _MARK in path.read_bytes()
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
    """
    from pipeline.review.pages.backtest_page import backtest_html

    check_place(path)
    try:
        atomic_files.replace_file(path, backtest_html(backtest_view(answer)).encode())
    except OSError as error:
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
