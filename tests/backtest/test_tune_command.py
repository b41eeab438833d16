"""`modelpool tune` as an operator runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from tests.backtest.tuning import HEAD, VALUES, grid, toy_weeks

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command, in this process unless told otherwise."""
    here = () if {"--processes", "--scheduler"} & {*arguments} else ("--processes", "1")
    done = CliRunner().invoke(app, ["tune", *arguments, *here])
    return done.exit_code, done.stdout, done.stderr


def test_the_json_document_says_how_many_were_tried_and_what_came_after(tmp_path: Path) -> None:
    code, out, _ = run("--grid", str(grid(tmp_path)), "--history", str(toy_weeks(tmp_path)), "--json")
    document = json.loads(out)
    assert code == 0
    assert document["tried"] == 4
    assert document["policy"] == "starter"
    assert document["span"] == {"from": "2026-W02", "to": "2026-W09", "tables": 8}
    (split,) = document["splits"]
    assert split["choosing_span"] == {"from": "2026-W02", "to": "2026-W05", "tables": 4}
    assert split["reporting_span"] == {"from": "2026-W06", "to": "2026-W09", "tables": 4}
    assert split["shipped"]["changed"] == []
    assert set(split["chosen"]["choosing"]["tiers"]) == {"frugal", "balanced", "premium"}
    assert split["chosen"]["rank_choosing"] == 1
    assert len(split["cells"]) == 4
    assert split["optimism"] == pytest.approx(split["lead_choosing"] - split["lead_reporting"], abs=1e-5)
    assert document["frontier"]["measures"] == ["regret_pool", "churn"]
    assert document["frontier"]["cells"]


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    typed = ("--grid", str(grid(tmp_path)), "--history", str(toy_weeks(tmp_path)), "--json")
    assert run(*typed, "--processes", "1") == run(*typed, "--processes", "2")


def test_the_text_puts_the_shipped_policy_beside_and_says_that_nothing_was_written(
    tmp_path: Path,
) -> None:
    file, history = grid(tmp_path), toy_weeks(tmp_path)
    (tmp_path / "data" / "policy").mkdir(parents=True, exist_ok=True)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, out, told = run("--grid", str(file), "--history", str(history), "--workspace", str(tmp_path))
    assert (code, told) == (0, "")
    assert out.startswith("4 policies tried on 8 tables, 2026-W02 to 2026-W09; starter as shipped is one")
    assert "Chosen on 2026-W02 to 2026-W05 (4 tables), reported on 2026-W06 to 2026-W09 (4 tables)." in out
    assert "shipped" in out
    assert "A person edits data/policy/tiers.toml" in out.splitlines()[-1]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_history_may_stand_in_the_grid(tmp_path: Path) -> None:
    toy_weeks(tmp_path)
    file = grid(tmp_path, head='history = "toy.csv"\n' + HEAD)
    assert run("--grid", str(file))[0] == 0
    file = grid(tmp_path)
    code, _, told = run("--grid", str(file))
    assert (code, f"{file} names no history" in told, "--history FILE" in told) == (2, True, True)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--processes", "0"), "--processes 0"),
        (("--history", "none.csv"), "none.csv cannot be read"),
        (("--grid", "none.toml"), "none.toml does not exist"),
    ],
)
def test_a_wrong_option_is_told_with_exit_2(tmp_path: Path, arguments: tuple[str, str], found: str) -> None:
    typed = ("--grid", str(grid(tmp_path)), "--history", str(toy_weeks(tmp_path)))
    code, _, told = run(*typed, *arguments)
    assert (code, found in told) == (2, True), told


@pytest.mark.parametrize(
    ("split", "side"), [("2026-W02", "to"), ("2026-W08", "after"), ("2025-W40", "to"), ("2026-W30", "after")]
)
def test_a_split_that_leaves_nothing_to_judge_is_told(tmp_path: Path, split: str, side: str) -> None:
    file = grid(tmp_path, head=HEAD.replace('"2026-W05"', f'"{split}"'))
    code, _, told = run("--grid", str(file), "--history", str(toy_weeks(tmp_path)))
    assert code == 2
    assert f"no week {side} the split {split} can be judged 2 weeks later" in told


def test_the_shipped_policy_is_tried_even_where_the_grid_leaves_it_out(tmp_path: Path) -> None:
    file = grid(tmp_path, values=VALUES.replace(", 1.0", ""))
    _, out, _ = run("--grid", str(file), "--history", str(toy_weeks(tmp_path)), "--json")
    document = json.loads(out)
    assert document["tried"] == 3
    assert [cell["changed"] for cell in document["splits"][0]["cells"]] == [
        ["change.swap_intervals=0.2", "change.cooldown_weeks=0"],
        ["change.swap_intervals=0.2"],
        [],
    ]


@pytest.mark.parametrize(
    ("measure", "weeks"), [("value_regret_first", 4), ("value_regret_bands_12_weeks", 12), ("churn", 2)]
)
def test_a_split_must_leave_weeks_to_judge_what_is_minimised(
    tmp_path: Path, measure: str, weeks: int
) -> None:
    """Value is judged 4 or 12 weeks later, whatever the horizon of the points is."""
    asked = f"[minimise]\n{measure} = 1.0\n"
    file = grid(tmp_path, asked=asked, head=HEAD.replace('"regret_pool", "churn"', '"churn", "dominated"'))
    code, _, told = run("--grid", str(file), "--history", str(toy_weeks(tmp_path)))
    assert (code, f"can be judged {weeks} weeks later" in told) == ((0, False) if weeks == 2 else (2, True))
