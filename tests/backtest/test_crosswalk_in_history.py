"""What names tell of the models of a table, and what that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import History, clip_weeks, read_history, with_families
from pipeline.backtest.history_adapter import variant_of
from pipeline.domain.crosswalk import NameFamily
from pipeline.flow.backtests.backtest import attach_names
from pipeline.workspace import Workspace
from tests.backtest.policy_runs import simulate
from tests.backtest.toys import ROOT, Cell, caps, history, seen

if TYPE_CHECKING:
    from pathlib import Path

REST: dict[str, Cell] = {f"rest{place:02}": (1100 + place, 50) for place in range(12)}
WEEK: dict[str, Cell] = {"a": (1300, 1), "b": (1298, 1), "c": (1296, 1), "d": (1280, 1), **REST}


def test_a_model_listed_before_any_that_reasons_cannot_reason() -> None:
    tells = {
        "old": NameFamily(),
        "plain": NameFamily(effort="none"),
        "thinks": NameFamily(effort="high"),
        "late": NameFamily(),
    }
    past = with_families(
        history(
            {"old": (1300, 1), "plain": (1300, 1)},
            {"old": (1300, 1), "thinks": (1310, 1)},
            {"late": (1320, 1), "old": (1300, 1)},
        ),
        tells.__getitem__,
    )
    efforts = {model: kin.effort for model, kin in past.tables[0].kin.items()}
    assert efforts == {"old": "none", "plain": "none", "thinks": "high", "late": None}
    assert past.nameless == {"vendor": ("late", "old", "plain", "thinks"), "effort": ("late",)}


def test_the_weeks_that_are_cut_off_still_tell_who_was_there_first() -> None:
    past = with_families(
        history({"old": (1300, 1)}, {"old": (1300, 1), "thinks": (1310, 1)}),
        lambda model: NameFamily(effort="high" if model == "thinks" else None),
    )
    later = clip_weeks(past, past.tables[1].week, None)
    assert later.tables[0].kin["old"].effort == "none"


def test_where_nothing_is_told_a_model_is_alone() -> None:
    past = history(WEEK)
    line = variant_of("a", past.tables[0])
    assert (line.vendor, line.family, line.effort) == ("a", "a", "default")
    assert past.nameless == {}


def test_a_vendor_holds_half_of_the_places_and_a_family_one() -> None:
    def balanced(tells: dict[str, NameFamily]) -> list[str]:
        past = with_families(history(WEEK), lambda model: tells.get(model, NameFamily()))
        return sorted(simulate(past.tables, caps())["balanced"][0])

    assert balanced({}) == ["a", "b", "c"]
    assert balanced({model: NameFamily(vendor="x") for model in "abc"}) == ["a", "b", "d"]
    assert balanced({model: NameFamily(family="x") for model in "ab"}) == ["a", "c", "d"]


def test_effort_decides_what_a_task_costs_where_the_ladder_is_not_flat() -> None:
    ladder = {**caps().cost.effort_ladder, "high": 9.0}
    policy = caps().model_copy(update={"cost": caps().cost.model_copy(update={"effort_ladder": ladder})})
    past = with_families(history(WEEK), lambda model: NameFamily(effort="high" if model == "a" else "none"))
    references = seen(past, policy)["balanced"][0].references
    # 3,000 tokens in and 1,000 out at a dollar per million; nine times the output.
    assert [references["a"].usd, references["b"].usd] == pytest.approx([0.012, 0.004])


def test_the_public_table_is_read_by_the_shipped_crosswalk(history: Path) -> None:
    past = attach_names(
        read_history(history / "arena_text_weekly.csv.gz", backfilled_prices=True), Workspace(ROOT)
    )
    kin = past.tables[-1].kin
    assert len(kin) > 400
    untold = past.nameless
    assert len(untold["vendor"]) < 0.15 * len(kin)
    assert len(untold["effort"]) < 0.15 * len(kin)
    assert "claude-2-0" not in untold["effort"], "nobody reasoned then"


def test_a_folder_without_a_crosswalk_tells_nothing(tmp_path: Path) -> None:
    past: History = history(WEEK)
    assert attach_names(past, Workspace(tmp_path)) is past
