"""What would admit a variant is true: whoever writes the printed price down finds it in the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.domain.names import TierName, VariantId
from pipeline.domain.price import PriceCase
from pipeline.flow.again import last_run
from pipeline.flow.why_not import why_not
from pipeline.pools.tier_selection import select_tier
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from tests.example import Example

SETTINGS = Settings()


def _members_at(example: Example, variant: str, tier: str, factor: float) -> tuple[VariantId, ...]:
    """Write today's price of a release, times a factor, into prices.csv, and select the tier again."""
    workspace = Workspace(example.folder)
    file = example.folder / "data/crosswalk/prices.csv"
    before = file.read_text()
    last = last_run(workspace, SETTINGS)
    release = last.rules.crosswalk.variants[VariantId(variant)].release
    used = last.assess().prices.decision_of(VariantId(variant)).counted
    assert used is not None
    amounts = (used.input, used.output, used.cached)
    cells = ",".join("" if one is None else f"{round(one * factor) / 1e6:.6f}" for one in amounts)
    file.write_text(f"{before}{release},{cells},2026-08-15,https://example.org/price,tester,supposed\n")
    judged = last_run(workspace, SETTINGS)
    assessment = judged.assess()
    assert assessment.prices.decision_of(VariantId(variant)).case is PriceCase.JUDGED
    file.write_text(before)
    return select_tier(judged.brief(assessment), TierName(tier)).places


@pytest.mark.parametrize(
    ("variant", "tier", "case"),
    [
        ("mimo-v2.5-pro@default", "balanced", PriceCase.NOTHING_FRESH),
        ("claude-opus-5@high", "premium", PriceCase.TWO_SOURCES),
        ("hy3@on", "frugal", PriceCase.JUDGED),
    ],
)
def test_the_printed_price_admits_whatever_decided_the_price_of_today(
    ran: Example, variant: str, tier: str, case: PriceCase
) -> None:
    last = last_run(Workspace(ran.folder), SETTINGS)
    assert last.assess().prices.decision_of(VariantId(variant)).case is case
    found = why_not(Workspace(ran.folder), SETTINGS, variant, tier)
    assert found.rank is None
    assert found.price.amount is not None, found.price.words
    assert variant in _members_at(ran, variant, tier, found.price.amount)
    assert variant not in _members_at(ran, variant, tier, found.price.amount + 0.001)


def test_the_answer_says_the_price_and_whose_place_it_takes(ran: Example) -> None:
    workspace = Workspace(ran.folder)
    found = why_not(workspace, SETTINGS, "hy3@on", "frugal")
    assert "by the one swap of the run, in place of hy3-preview@none" in found.price.words
    assert "instead of input $0.136, output $0.557" in found.price.words


def test_where_no_price_admits_a_judged_one_does_not_either_and_the_answer_says_who_is_before_it(
    ran: Example,
) -> None:
    found = why_not(Workspace(ran.folder), SETTINGS, "claude-opus-4.7@max", "premium")
    assert found.price.amount is None
    assert "tried down to 1%; then" in found.price.words
    places = _members_at(ran, "claude-opus-4.7@max", "premium", 0.01)
    assert "claude-opus-4.7@max" not in places
    assert any(one in found.price.words for one in places)
