"""Faults are counted: how many cases, in how many the fault fired, in how many something bad happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by row of the table."""

    cases: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)

    def count(self, row: str, *, fired: bool, bad: bool) -> None:
        """Count one case; the test asserts `fired` and `not bad` itself."""
        assert row in TARGETS, f"name the target of {row!r} in tests/faults/conftest.py"
        self.cases[row] += 1
        self.fired[row] += fired
        self.bad[row] += bad


TARGETS: Mapping[str, int] = {
    "transport": 160,
    "truncation": 400,
    "bombs": 12,
    "bad numbers": 200,
    "replay of real captures": 100,
    "injected into real weeks": 1000,
    "a poisoned price of a catalogue": 600,
    "hostile names": 360,
    "secrets": 40,
}
"""Least count of cases by row."""

_TALLY = Tally()


@pytest.fixture(scope="session")
def tally() -> Tally:
    """The counts of this session."""
    return _TALLY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if not _TALLY.cases:
        return
    terminalreporter.write_sep("-", "faults")
    terminalreporter.write_line(f"{'what':<28}{'cases':>8}{'target':>8}{'fired':>8}{'bad':>6}")
    for row in TARGETS:
        if row in _TALLY.cases:
            counts = (_TALLY.cases[row], TARGETS[row], _TALLY.fired[row], _TALLY.bad[row])
            terminalreporter.write_line("{:<28}{:>8}{:>8}{:>8}{:>6}".format(row, *counts))
