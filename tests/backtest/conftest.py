"""The real history, where it is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import read_history

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.backtest.history import History


@pytest.fixture(scope="session")
def real_history(history: Path) -> History:
    """Every week of the text board with the prices that were known then."""
    return read_history(history / "arena_text_weekly.csv.gz")
