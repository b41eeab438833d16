"""Seven real weeks in a row, each approved and published: prices follow the facts and holds end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.domain.observation import ASKED_PRICE
from tests.bench.seven_weeks import HELD, WEEKS, seven_weeks
from tests.review.pages.browser import CHROMIUM, MEASURE, beyond_first_screen, opened, with_script

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.proposal import RoutePriceLine
    from tests.bench.seven_weeks import WeekRun

pytestmark = pytest.mark.timeout(480)  # seven whole weeks of real size are run for the first of them

LUNA, FLASH = "gpt-5.6-luna", "deepseek-v4-flash-0731"
MOST_HELD, MOST_FINDINGS = 5, 25


@pytest.fixture(scope="module")
def summer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, WeekRun]:
    """Every week by its name."""
    if not WEEKS.is_dir():
        pytest.skip("no folder ../shared/weeks with seven real weeks beside the project")
    return {one.week: one for one in seven_weeks(tmp_path_factory.mktemp("summer") / "workspace")}


def _price(summer: dict[str, WeekRun], week: str, release: str, catalogue: str) -> RoutePriceLine:
    proposal = summer[week].result.proposal
    assert proposal is not None
    (line,) = (one for one in proposal.prices if (one.release, one.catalogue) == (release, catalogue))
    return line


def _dollars(line: RoutePriceLine) -> tuple[float, float]:
    return line.used.input / 1e6, line.used.output / 1e6


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium (Debian's package) on this machine")
def test_every_week_is_decided_on_the_first_screen_and_its_page_is_short(
    summer: dict[str, WeekRun], tmp_path: Path
) -> None:
    pages = {week: one.result.folder / "report.html" for week, one in summer.items() if one.result.proposal}
    assert len(pages) == 7
    for week, page in pages.items():
        folder = tmp_path / week
        folder.mkdir()
        found = opened(with_script(page.read_text(), MEASURE), folder).measured()
        assert beyond_first_screen(found) == {}, week
        height = found["height"]
        assert isinstance(height, int)
        assert height <= 6000, week


def test_few_rows_are_held_and_few_findings_told_in_the_last_week(summer: dict[str, WeekRun]) -> None:
    last = summer["2026-W33"].kinds
    assert last[HELD] <= MOST_HELD
    assert last.total() <= MOST_FINDINGS
    assert all(one.kinds[ASKED_PRICE] <= 3 for one in summer.values())


def test_a_cut_that_two_sources_confirm_is_taken_the_same_week(summer: dict[str, WeekRun]) -> None:
    """OpenRouter showed the batch price, a tenth of the old one; the list price fell to a fifth."""
    assert _dollars(_price(summer, "2026-W30", LUNA, "")) == (1.0, 6.0)
    for catalogue, case in (("", "two-sources"), ("openrouter", "fall-confirmed")):
        line = _price(summer, "2026-W31", LUNA, catalogue)
        assert (_dollars(line), line.case) == ((0.2, 1.2), case)
    assert _dollars(_price(summer, "2026-W33", LUNA, "openrouter")) == (0.2, 1.2)


def test_a_routes_own_statement_is_not_mixed_with_the_indexs(summer: dict[str, WeekRun]) -> None:
    """It listed .14, .09 and .14; the index, .44: the route never costs what another seller asks."""
    cases = [_price(summer, week, FLASH, "openrouter") for week in ("2026-W32", "2026-W33")]
    assert [_dollars(line) for line in cases] == [(0.14, 0.28), (0.14, 0.28)]
    assert [line.case for line in cases] == ["fall-asked", "catalogue"]


def test_a_rise_in_the_routes_catalogue_is_taken_the_same_week(summer: dict[str, WeekRun]) -> None:
    rises = [
        (week, line)
        for week, one in summer.items()
        for line in (one.result.proposal.prices if one.result.proposal else ())
        if line.case == "rise"
    ]
    assert rises
    assert {line.catalogue for _, line in rises} == {"openrouter"}


def test_no_price_conflict_takes_a_place_near_the_top(summer: dict[str, WeekRun]) -> None:
    for one in summer.values():
        for report in (one.result.proposal.tiers if one.result.proposal else {}).values():
            best = sorted(
                (each for each in report.standings if each.quality is not None),
                key=lambda each: -float(each.quality or 0),
            )[:20]
            assert "price_conflict" not in {each.rule for each in best}
