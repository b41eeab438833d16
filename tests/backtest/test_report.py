"""`modelpool backtest --report` and the JSON document, as an operator and a program get them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.backtest.test_command import MEASURES, run, toy
from tests.backtest.toys import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

TIERS = ["frugal", "balanced", "premium"]
BOTH = {"arena", "artificial_analysis"}
REGRETS = {"regret_first", "regret_pool", "value_first", "value_best_held", "value_regret_first"}


def asked(file: Path, *more: str) -> tuple[int, str, str]:
    return run("--history", str(file), "--policy", str(SHIPPED), "--horizon", "2", *more)


def one_board(folder: Path) -> Path:
    file = toy(folder)
    file.write_text("\n".join(line.rpartition(",")[0] for line in file.read_text().splitlines()))
    return file


def test_the_document_has_exactly_the_keys_that_were_agreed(tmp_path: Path) -> None:
    _, out, _ = asked(toy(tmp_path), "--compare", "pareto", "--json")
    document = json.loads(out)
    assert set(document) == {
        *("policy", "tiers", "boards", "span", "unjudged", "compared"),
        *("worth_of_refresh", "worth_of_refresh_answers", "names_untold"),
    }
    for card in (document, *document["compared"]):
        assert isinstance(card["policy"], str)
        assert list(card["tiers"]) == TIERS
        assert all(set(measures) == MEASURES for measures in card["tiers"].values())
        assert set(card["boards"]) == BOTH
        for tiers in card["boards"].values():
            assert list(tiers) == TIERS
            assert all(set(measures) == REGRETS for measures in tiers.values())
    values = [value for measures in document["tiers"].values() for value in measures.values()]
    assert all(value is None or isinstance(value, float | int) for value in values)


def test_a_board_that_is_not_there_has_no_figure(tmp_path: Path) -> None:
    _, out, _ = asked(one_board(tmp_path), "--json")
    boards = json.loads(out)["boards"]
    assert set(boards) == BOTH
    assert boards["artificial_analysis"] == {tier: dict.fromkeys(REGRETS) for tier in TIERS}
    assert boards["arena"]["frugal"]["regret_first"] is not None
    assert boards["arena"]["frugal"]["value_first"] is None, "one board is all there is: it is not apart"


def test_the_worth_of_a_refresh_is_printed_by_age(tmp_path: Path) -> None:
    _, out, _ = asked(toy(tmp_path), "--json")
    worth = json.loads(out)["worth_of_refresh"]
    assert list(worth) == TIERS
    assert list(worth["frugal"]) == ["1", "2", "4", "8", "13", "26", "52"]
    assert worth["frugal"]["1"] is not None
    assert worth["frugal"]["8"] is None


def test_the_frozen_feed_of_2025_is_flagged(history: Path) -> None:
    table = str(history / "arena_text_weekly.csv.gz")
    span = ("--from", "2025-W30", "--to", "2025-W44", "--horizon", "1")
    code, out, _ = run("--history", table, "--policy", str(SHIPPED), *span)
    assert code == 0
    assert "Weeks without a table: 9 after 2025-W32" in out


def test_the_page_holds_the_figures_of_every_policy_and_both_boards(tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    code, out, _ = asked(toy(tmp_path), "--compare", "all", "--report", str(page))
    assert code == 0
    assert "page.html" in out.replace("\n", "")
    html = page.read_text()
    assert html.count("<svg") == 3 * 3 * 2
    for name in ("starter", "pareto", "z-score"):
        assert html.count(f"<td><code>{name}</code></td>") == 4 * 3
    rows = re.findall(r"<tr class=\"member\">.*?</tr>", html)
    assert len(rows) == 4 * 3
    assert "6 tables, 2026-W02 to 2026-W07" in html
    assert "LMArena" in html


def test_the_same_question_gives_the_same_page_and_the_same_figures(tmp_path: Path) -> None:
    file, pages = toy(tmp_path), [tmp_path / "one.html", tmp_path / "two.html"]
    outs = [asked(file, "--json", "--report", str(page)) for page in pages]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert outs[0] == outs[1] == asked(file, "--json")
    assert asked(file, "--report", str(pages[0]))[0] == 0, "an earlier page is replaced"


@pytest.mark.parametrize("name", ["latest.json", "report.html"])
def test_what_is_not_a_page_of_a_backtest_is_never_replaced(tmp_path: Path, name: str) -> None:
    kept = tmp_path / name
    kept.write_text("<title>Pool proposal 2026-W33</title>")
    code, _, told = asked(toy(tmp_path), "--report", str(kept))
    assert (code, "not a page of a backtest" in told) == (2, True)
    assert kept.read_text() == "<title>Pool proposal 2026-W33</title>"


def test_a_place_that_cannot_be_written_is_told_with_exit_2(tmp_path: Path) -> None:
    code, _, told = asked(toy(tmp_path), "--report", str(tmp_path))
    assert (code, "cannot be written" in told) == (2, True)
    (tmp_path / "file").write_text("")
    code, _, told = asked(toy(tmp_path), "--report", str(tmp_path / "file" / "page.html"))
    assert (code, "cannot be written" in told) == (2, True)
    assert not list(tmp_path.glob(".*"))
