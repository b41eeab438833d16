"""What would admit a variant is true: whoever writes the printed price down finds it in the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import TierName, VariantId
from pipeline.domain.price import PriceCase
from pipeline.flow.questions.whatif import Scenario, whatif
from pipeline.flow.questions.why_not import why_not
from pipeline.flow.replay.last_run import last_run
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
    return select_tier(judged.selection_input(assessment), TierName(tier)).places


@pytest.mark.parametrize(
    ("variant", "tier", "case"),
    [
        ("mimo-v2.5-pro@default", "frugal", PriceCase.CATALOGUE),
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


@pytest.mark.parametrize(
    ("variant", "tier", "admits", "falls_short"),
    [
        ("deepseek-v4-flash-0424@high", "balanced", "k = 4", "k = 3"),
        ("claude-opus-5@high", "premium", "lambda_usd = 1.7115", "lambda_usd = 1.711"),
        ("hy3@on", "frugal", "lambda_usd = 0.010556", "lambda_usd = 0.010552"),
    ],
)
def test_the_printed_line_of_the_policy_admits_and_a_step_less_does_not(
    ran: Example, variant: str, tier: str, admits: str, falls_short: str
) -> None:
    workspace = Workspace(ran.folder)
    found = why_not(workspace, SETTINGS, variant, tier)
    assert found.setting.words == f"tiers.{tier}.{admits}: admits it, all else equal"
    for line, expected in ((admits, True), (falls_short, False)):
        supposed = Scenario(settings=(f"tiers.{tier}.{line}".replace(" ", ""),))
        chosen = next(one for one in whatif(workspace, SETTINGS, supposed).tiers if one.tier == tier)
        assert (variant in {place.variant for place in chosen.supposed}) is expected


def test_the_line_that_confirms_a_variant_is_scored_again(ran: Example) -> None:
    """The votes it has are asked for; then the floor is what keeps it out."""
    found = why_not(Workspace(ran.folder), SETTINGS, "gemini-3.5-flash-lite@default", "premium-coding")
    assert found.rule == "unconfirmed"
    assert found.setting.words.startswith(
        "quality.confirmed_votes = 227: lifts the rule; then the rule floor"
    )


@pytest.mark.parametrize(
    ("variant", "rule", "words"),
    [
        ("claude-haiku-4.5@on", "not_expressible", "no line of the policy lifts the rule not_expressible"),
        ("deepseek-v4-flash-0731@max", "price_unknown", "a line of data/crosswalk/prices.csv does"),
        ("chatgpt-4o-latest-20250326@none", "not_routed", "no line of the policy lifts the rule not_routed"),
    ],
)
def test_what_no_line_of_the_policy_lifts_is_said_by_the_rule_s_name(
    ran: Example, variant: str, rule: str, words: str
) -> None:
    found = why_not(Workspace(ran.folder), SETTINGS, variant, "balanced")
    assert found.rule == rule
    assert words in found.setting.words
