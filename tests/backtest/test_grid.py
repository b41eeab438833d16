"""A grid file: every policy of it, or the line that is wrong and what was expected there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.tuning.grid import read_grid
from pipeline.errors import UsageError
from pipeline.policy.change import with_settings
from tests.backtest.toys import SHIPPED, shipped
from tests.backtest.tuning import HEAD, VALUES, grid
from tests.policy.test_shipped_policy import without_reason

if TYPE_CHECKING:
    from pathlib import Path

GRID = SHIPPED.with_name("grid.toml")


def test_every_combination_is_one_policy_and_the_shipped_one_is_among_them(tmp_path: Path) -> None:
    cells = read_grid(grid(tmp_path)).cells
    assert [cell.name for cell in cells] == [
        "change.swap_intervals=0.2, change.cooldown_weeks=0",
        "change.swap_intervals=0.2",
        "change.cooldown_weeks=0",
        "as shipped",
    ]
    assert [cell.shipped for cell in cells] == [False, False, False, True]
    assert cells[-1].policy == shipped()
    assert cells[0].policy == with_settings(
        shipped(), ["change.swap_intervals=0.2", "change.cooldown_weeks=0"]
    )


def test_a_key_may_be_written_dotted_or_as_a_table(tmp_path: Path) -> None:
    dotted = VALUES.replace("[values.change]\n", "[values]\n").replace("swap", "change.swap")
    quoted = '[values]\n"change.swap_intervals" = [0.2, 1.0]\nchange.cooldown_weeks = [0, 8]\n'
    dotted = dotted.replace("cooldown", "change.cooldown")
    one, two, three = (read_grid(grid(tmp_path, values=text)).cells for text in (VALUES, dotted, quoted))
    assert one == two == three


def test_a_limit_stands_for_every_tier_or_for_those_it_names(tmp_path: Path) -> None:
    limits = read_grid(grid(tmp_path)).objective.limits
    assert limits == {
        "value_regret_first": {"frugal": 0.5, "balanced": 0.5, "premium": 0.5},
        "filled": {"frugal": 1.0},
    }


def test_any_constant_of_the_policy_may_vary(tmp_path: Path) -> None:
    values = '[values]\nseed = [1]\n"bands.simple" = [0.2, 0.3]\n'
    assert [cell.changed for cell in read_grid(grid(tmp_path, values=values)).cells] == [
        ("seed=1", "bands.simple=0.2"),
        ("seed=1",),
        (),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("format = 1", "format = 2", 1, ("format is 2", "less than or equal to 1")),
        ("horizon = 2", "horizon = 0", 5, ("horizon is 0", "greater than or equal to 1")),
        ("horizon = 2", "horizons = 2", 5, ("horizons is not a key of a grid", "one of format")),
        ("horizon = 2", "horizon = two", 5, ("Invalid value", "TOML")),
        ('"2026-W05"', '"2026-05"', 4, ("'2026-05' is not an ISO week", "2026-W33")),
        ('"2026-W05"', '"2026-W05", "2026-W04"', 4, ("2026-W04", "weeks in order")),
        ('["2026-W05"]', "[]", 4, ("splits is []", "at least 1 item")),
        ('from = "2026-W02"', "from = 2", 3, ("from is 2", "a valid string")),
        ('"regret_pool", "churn"', '"churn", "luck"', 6, ("'luck'", "one of value_regret")),
        ('"regret_pool", "churn"', '"churn", "filled"', 6, ("'filled'", "one of value_regret")),
        ("[0.2, 1.0]", "0.2", 8, ("swap_intervals is 0.2", "a list of values")),
        ("[0.2, 1.0]", "[]", 8, ("swap_intervals is []", "a list of values")),
        ("[0.2, 1.0]", "[0.2, -1.0]", 8, ("swap_intervals is -1.0", "greater than")),
        ("[0.2, 1.0]", '["much"]', 8, ("swap_intervals is 'much'", "a valid number")),
        ("[0.2, 1.0]", "[0.2, 0.20]", 7, ("`change.swap_intervals=0.2, ", "each policy once")),
        ("swap_intervals", "swop_intervals", 8, ("'swop_intervals' is not a key", "cooldown_weeks")),
        ("[0, 8]", str([*range(1, 2002)]), 7, ("4002 policies", "at most 2000")),
        ("value_regret_first = 0.5", "regret_frist = 5.0", 11, ("'regret_frist'", "one of value_regret")),
        ("{frugal = 1.0}", "{fugal = 1.0}", 12, ("limits.filled.fugal is no tier", "one of frugal")),
        ("{frugal = 1.0}", '"all"', 12, ("limits.filled is 'all'", "a valid number")),
        ("regret_pool = 1.0", "regret_pool = 0", 14, ("minimise.regret_pool is 0", "greater than 0")),
        ("regret_pool = 1.0", "filled = 1.0", 14, ("'filled'", "one of value_regret")),
    ],
)
def test_what_is_wrong_is_told_with_line_and_expectation(
    tmp_path: Path, old: str, new: str, line: int, told: tuple[str, str]
) -> None:
    file = grid(tmp_path)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        read_grid(file)
    assert str(caught.value).startswith(f"{file}:{line}: "), caught.value
    assert told[0] in str(caught.value)
    assert told[1] in str(caught.value).partition("; expected ")[2]


@pytest.mark.parametrize("missing", ["format", "policy", "splits", "frontier"])
def test_a_missing_key_is_named(tmp_path: Path, missing: str) -> None:
    head = "\n".join(line for line in HEAD.split("\n") if not line.startswith(missing))
    with pytest.raises(UsageError, match=f"{missing} is missing"):
        read_grid(grid(tmp_path, head=head))


def test_an_empty_grid_and_a_missing_table_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="values is empty"):
        read_grid(grid(tmp_path, values="[values]\n"))
    with pytest.raises(UsageError, match="minimise is missing"):
        read_grid(grid(tmp_path, asked="[limits]\n"))
    assert read_grid(grid(tmp_path, asked="[minimise]\nchurn = 1.0\n")).objective.limits == {}


def test_a_policy_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml does not exist"):
        read_grid(grid(tmp_path, head=HEAD.replace("{policy}", "nowhere.toml")))


def test_a_policy_that_a_history_cannot_judge_is_told_before_any_work(tmp_path: Path) -> None:
    values = '[values]\n"tiers.frugal.evidence" = ["coding"]\n'
    with pytest.raises(UsageError, match="tier frugal believes") as caught:
        read_grid(grid(tmp_path, values=values))
    assert str(caught.value).startswith(f"{tmp_path / 'grid.toml'}:8: ")


def test_the_shipped_grid_holds_the_shipped_policy_and_reasons() -> None:
    found = read_grid(GRID)
    assert found.base == shipped()
    assert found.base_file == SHIPPED
    assert [cell.shipped for cell in found.cells].count(True) == 1
    assert len(found.cells) == 20
    assert without_reason(GRID.read_text()) == []
