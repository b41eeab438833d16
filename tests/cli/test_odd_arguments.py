"""A number, week or moment that nobody can mean is a usage error that says it, and no bug."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.example import Example


@pytest.mark.parametrize("weeks", ["1001", "100000000", "9" * 30])
def test_more_weeks_than_a_record_can_span_are_refused(example: Example, weeks: str) -> None:
    said = example("prune", "--keep-weeks", weeks)
    assert (said.code, f"{weeks} weeks of captures are more than the 1000" in said.err) == (2, True)
    assert f"`modelpool prune --workspace {example.folder}` keeps the captures of all weeks" in said.err
    assert example("prune", "--keep-weeks", "1000").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "--as-of", "0001-W01"),
        ("run", "--week", "0001-W01", "--captures", "openrouter=x.json"),
        ("backtest", "--from", "0001-W01"),
        ("backtest", "--to", "0001-W01"),
    ],
    ids=" ".join,
)
def test_a_week_of_another_age_is_a_usage_error(example: Example, words: tuple[str, ...]) -> None:
    said = example(*words)
    assert (said.code, "the week 0001-W01 is outside the years 2000 to 2999" in said.err) == (2, True), said


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-05:00"])
@pytest.mark.parametrize("words", [("prune",), ("status",), ("run",)], ids=" ".join)
def test_a_moment_of_another_age_is_a_usage_error(
    example: Example, words: tuple[str, ...], moment: str
) -> None:
    said = example(*words, "--now", moment)
    assert (said.code, f"--now '{moment}' is outside the years 2000 to 2999" in said.err) == (2, True), said


@pytest.mark.parametrize("run", ["2026-W99", "2026-W99.2", "2026-W00"])
def test_a_run_of_no_iso_week_is_a_usage_error(example: Example, run: str) -> None:
    said = example("replay", run)
    assert (said.code, f"'{run[:8]}' is not an ISO week" in said.err) == (2, True), said
    assert "--as-of" not in said.err
    missing = example("replay", "2026-W20")
    assert (missing.code, "no run of 2026-W20 is on record" in missing.err) == (30, True), missing
