"""The workspace's own weeks as a history: judged by what was known in them, and only by that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history_adapter import answerable_policy, model_of, variant_id
from pipeline.backtest.simulate.weekly_log import evaluate_with_log
from pipeline.flow.replay.workspace_history import own_history
from pipeline.policy.load import load_policy
from pipeline.workspace import Workspace
from tests.backtest.policy_runs import simulate
from tests.example import Example

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.backtest.history import History
    from pipeline.domain.policy import Policy

THIRD_WEEK = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
BEFORE_ALL = "2026-05-01"
"""A day before every run of the example."""


def own(example: Example) -> History:
    return own_history(Workspace(example.folder), policy(example))


def policy(example: Example) -> Policy:
    return answerable_policy(load_policy(example.folder / "data/policy/tiers.toml")[0])


def told(example: Example) -> dict[str, list[tuple[object, ...]]]:
    """Every week's line-up and reasons, by tier."""
    turns = evaluate_with_log(own(example), policy(example), horizon=1).turns
    return {tier: [(turn.week, turn.held, turn.changes) for turn in weeks] for tier, weeks in turns.items()}


def write_sample(example: Example, source: str, edit: Callable[[str], str]) -> str:
    """Another capture of a source, for a week of its own."""
    (sample,) = (example.folder / "data/sample/2026-W33").glob(f"*-{source}.json")
    file = example.folder / f"2026-08-20-{source}.json"
    file.write_text(edit(sample.read_text()))
    return f"{source}={file}"


def swapped(text: str) -> str:
    """The same board with the ratings of its two halves closer to each other: other pools, nothing held."""
    board = json.loads(text)
    for place, row in enumerate(board["rows"]):
        for field in ("rating", "rating_lower", "rating_upper"):
            row[field] = round(row[field] + (6 if place % 2 else -6), 2)
    return json.dumps(board)


def run_third(example: Example, **edits: Callable[[str], str]) -> None:
    """A third week; sources without an edit are not asked, so their last data is used."""
    pairs = [write_sample(example, name.replace("_", "-"), edit) for name, edit in edits.items()]
    captures = [word for pair in pairs for word in ("--captures", pair)]
    done = example("run", *captures, *THIRD_WEEK)
    assert done.code in {0, 10, 20}, done.err


def test_the_walk_chooses_what_the_product_proposed(ran: Example) -> None:
    """The same data, rules and memory: each week's line-up is that of its proposal."""
    past = own(ran)
    lineups = simulate(past.tables, policy(ran))
    for place, week in enumerate(("2026-W22", "2026-W33")):
        assert past.tables[place].week == week
        proposal = json.loads((ran.folder / f"reviews/{week}/proposal.json").read_bytes())
        for tier, weeks in lineups.items():
            members = proposal["pool"]["tiers"][tier]["members"]
            assert list(weeks[place]) == [model_of(member["variant"]) for member in members]


def test_the_reasons_are_those_of_the_proposal(ran: Example) -> None:
    weeks_of = told(ran)
    told_second = {
        (one.tier, one.variant, one.cause.value): one.reason
        for weeks in weeks_of.values()
        for one in weeks[1][2]  # type: ignore[attr-defined] # a tuple of changes
    }
    changes = json.loads((ran.folder / "reviews/2026-W33/proposal.json").read_bytes())["changes"]
    proposed = {
        (one["tier"], one["variant"], one["cause"]): one["reason"]
        for one in changes
        if None in {one["rank_before"], one["rank_after"]} and one["tier"] in weeks_of
    }
    assert told_second == proposed


def test_a_row_holds_what_was_published_and_what_the_record_prices(ran: Example) -> None:
    rows = own(ran).tables[1].rows
    row = next(row for row in rows.values() if row.price and row.index)
    assert row.low is not None
    assert row.high is not None
    assert row.low < row.score < row.high
    assert row.votes
    assert row.usd_per_task
    assert any(row.price is None for row in rows.values()), "no two sources agree about some"
    assert any(row.index is None for row in rows.values()), "the second board does not list some"


def test_who_has_no_route_the_operator_can_use_could_not_be_bought(ran: Example) -> None:
    rules, place = policy(ran), Workspace(ran.folder)
    one_route = rules.model_copy(update={"routes": ("openrouter",)})
    whole, part = (own_history(place, each).tables[0] for each in (rules, one_route))
    assert whole.scene is not None
    lines = whole.scene.crosswalk.variants
    lost = {name for name, row in whole.rows.items() if row.price and not part.rows[name].price}
    assert lost == {
        name
        for name, row in whole.rows.items()
        if row.price
        and (lines[variant_id(name)].openrouter is None or lines[variant_id(name)].send("openrouter") is None)
    }
    assert lost


def test_the_command_judges_the_workspace_when_no_table_is_named(ran: Example) -> None:
    done = ran("backtest", "--horizon", "11", "--json")
    assert done.code == 0, done.err
    assert done.json["policy"] == "starter"
    span = done.json["span"]
    assert isinstance(span, dict)
    assert (span["from"], span["to"], span["tables"]) == ("2026-W22", "2026-W33", 2)
    assert ran("backtest", "--horizon", "11", "--json", "--history", "store").out == done.out


def test_asking_changes_nothing(ran: Example, files_below: Callable[[Path], dict[str, bytes]]) -> None:
    before = files_below(ran.folder)
    assert ran("backtest", "--horizon", "4").code == 0
    assert files_below(ran.folder) == before


@pytest.mark.parametrize(("horizon", "hint"), [("12", "--horizon 11"), ("40", "--horizon 11")])
def test_too_few_weeks_are_told_with_exit_2(ran: Example, horizon: str, hint: str) -> None:
    done = ran("backtest", "--horizon", horizon)
    assert done.code == 2
    assert "too few weeks: the record goes from 2026-W22 to 2026-W33, which is 12" in done.err
    assert hint in done.err


def test_one_week_cannot_be_judged_at_any_horizon(example: Example) -> None:
    done = example("backtest", "--horizon", "1")
    assert done.code == 2
    assert "too few weeks" in done.err
    assert "--horizon 0" not in done.err


def test_a_workspace_without_a_run_is_told_with_exit_2(tmp_path: Path) -> None:
    new = Example(tmp_path / "new")
    new.folder.mkdir()
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    assert CliRunner().invoke(app, ["init", str(new.folder)]).exit_code == 0
    done = new("backtest")
    assert (done.code, "nothing was run" in done.err) == (2, True)


def test_weeks_whose_bytes_are_gone_are_left_out_and_named(ran: Example) -> None:
    run_third(ran, lmarena_text=swapped)
    for place in ("data/sample/2026-W33/*-lmarena-text.json", "data/raw/lmarena-text/2026-W33/*.gz"):
        for body in ran.folder.glob(place):
            body.unlink()
    past = own(ran)
    assert [table.week for table in past.tables] == ["2026-W22", "2026-W34"]
    assert past.without_bytes == ("2026-W33",)
    done = ran("backtest", "--horizon", "1")
    assert "captured bytes are not on this machine: 2026-W33" in " ".join(done.out.split())


def test_without_a_second_board_and_prices_the_weeks_are_poorer_not_invented(example: Example) -> None:
    """A workspace whose index and catalogues never answered: nothing has a price, so nothing is held."""
    for name in ("reviews/2026-W22", "data/pools"):
        for file in (example.folder / name).iterdir():
            file.unlink()
    (example.folder / "reviews/2026-W22").rmdir()
    for week, now in (("2026-W33", "2026-08-15"), ("2026-W34", "2026-08-22")):
        board = write_sample(example, "lmarena-text", lambda text: text)
        example("run", "--captures", board, "--week", week, "--now", f"{now}T12:00:00Z")
    past = own(example)
    assert [len(table.rows) > 100 for table in past.tables] == [True, True]
    judged = {name for table in past.tables for name, row in table.rows.items() if row.price}
    assert all(row.index is None for table in past.tables for row in table.rows.values())
    prices = (example.folder / "data/crosswalk/prices.csv").read_text()
    assert all(name.partition("@")[0] in prices for name in judged), "only what a person judged"
    assert example("backtest", "--horizon", "1").code == 0


# Leakage: what is planted later reaches no earlier week.


def date_the_crosswalk(example: Example) -> None:
    """Date what people judged before the first run, so that the lines hold in every week."""
    file = example.folder / "data/crosswalk/judgements.csv"
    file.write_text(file.read_text().replace(",2026-11-23,", f",{BEFORE_ALL},"))


def plant(example: Example, name: str, line: str) -> None:
    with (example.folder / "data/crosswalk" / name).open("a") as file:
        file.write(f"{line}\n")


def member_of(example: Example, place: int) -> tuple[str, dict[str, str]]:
    """A judged name of the text board that means a member of the first week's balanced tier."""
    import csv

    pool = json.loads((example.folder / "reviews/2026-W22/proposal.json").read_bytes())["pool"]
    variant = pool["tiers"]["balanced"]["members"][place]["variant"]
    with (example.folder / "data/crosswalk/judgements.csv").open() as file:
        rows = list(csv.DictReader(file))
    return variant, next(row for row in rows if row["variant"] == variant and row["source"] == "lmarena-text")


def earlier(example: Example) -> dict[str, list[tuple[object, ...]]]:
    return {tier: weeks[:2] for tier, weeks in told(example).items()}


def test_a_later_week_changes_no_earlier_one(ran: Example) -> None:
    quiet = earlier(ran)
    run_third(ran, lmarena_text=swapped)
    second, third = own(ran).tables[1:]
    assert third.rows.keys() == second.rows.keys()
    assert third.rows != second.rows
    assert earlier(ran) == quiet


LATER_LINES = pytest.mark.parametrize(
    ("kept", "day", "changes"),
    [("kept", BEFORE_ALL, ""), ("lost", "2026-08-20", ""), ("lost", BEFORE_ALL, "the earlier weeks")],
)
"""What a run found is what counts; where nobody kept it, the lines that are dated by its day."""


@LATER_LINES
def test_a_judgement_that_was_added_since(ran: Example, kept: str, day: str, changes: str) -> None:
    quiet = _dated(ran, kept)
    _, row = member_of(ran, 0)
    plant(ran, "judgements.csv", f"lmarena-text,{row['key']},{row['name']},,{day},A. Person,planted")
    assert (earlier(ran) != quiet) is bool(changes)


@LATER_LINES
def test_a_judged_price_that_was_added_since(ran: Example, kept: str, day: str, changes: str) -> None:
    quiet = _dated(ran, kept)
    variant, _ = member_of(ran, 0)
    release = variant.partition("@")[0]
    plant(ran, "prices.csv", f"{release},900,900,,{day},https://vendor.example/prices,A. Person,planted")
    assert (earlier(ran) != quiet) is bool(changes)


def _dated(ran: Example, kept: str) -> dict[str, list[tuple[object, ...]]]:
    """Date the crosswalk before the weeks, lose what the runs kept of it, and say what the weeks are then."""
    date_the_crosswalk(ran)
    if kept == "lost":
        for file in (ran.folder / "reviews/used").glob("crosswalk-*"):
            file.unlink()
    return earlier(ran)


def test_a_judged_price_of_the_future_does_not_hide_the_one_that_holds(ran: Example) -> None:
    quiet = _dated(ran, "lost")
    file = ran.folder / "data/crosswalk/prices.csv"
    for line in file.read_text().splitlines()[1:]:
        release = line.partition(",")[0]
        plant(ran, "prices.csv", f"{release},900,900,,2026-08-20,https://vendor.example/p,A. Person,planted")
    assert earlier(ran) == quiet


def test_what_a_run_found_counts_whatever_its_date(ran: Example) -> None:
    """The shipped lines are dated after the sample's weeks; the runs that found them used them."""
    assert "2026-11-23" in (ran.folder / "data/crosswalk/judgements.csv").read_text()
    assert all(len(table.rows) > 50 for table in own(ran).tables)
