"""One poisoned price of a real catalogue, or one that creeps: it never gets cheap unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import OPENROUTER
from pipeline.domain.price import BilledRoute, PriceStatement, SettledPrice
from pipeline.policy.load import load_policy
from pipeline.scoring.prices.comparison import PriceQuestion, amounts_of
from pipeline.scoring.prices.decision import decide_price
from tests.faults.poison import ROOT
from tests.faults.real_weeks import captured

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.domain.observation import Price
    from pipeline.domain.price import PriceAmounts, PriceDecision
    from tests.faults.conftest import Tally

ROW = "a poisoned price of a catalogue"
POISONS: Mapping[str, float] = {"/1e6": 1e-6, "/1000": 1e-3, "/10": 0.1, "/2.5": 0.4, "x5": 5.0, "x1e3": 1e3}
POLICY, _ = load_policy(ROOT / "data/policy/tiers.toml")


def _victims(captures: Path) -> list[tuple[Price, PriceAmounts]]:
    (*_, reading) = captured(captures)[OPENROUTER]
    priced = [(one, amounts) for one in reading.prices if (amounts := amounts_of(one)) is not None]
    return priced[:: len(priced) // 100][:100]


def _decided(price: Price, before: SettledPrice, factor: float) -> PriceDecision:
    amounts = amounts_of(price)
    assert amounts is not None
    poisoned = replace(
        amounts,
        input=max(1, round(amounts.input * factor)),
        output=max(1, round(amounts.output * factor)),
        cached=None if amounts.cached is None else max(1, round(amounts.cached * factor)),
    )
    said = PriceStatement(
        source=OPENROUTER, key=price.key, day=price.observed_on, amounts=poisoned, fresh=True
    )
    route = BilledRoute(catalogue=OPENROUTER, model=price.key, release="m")
    day = price.observed_on
    return decide_price(
        PriceQuestion(route=route, statements=(said,), before=before, on=day, until=day + timedelta(days=28)),
        POLICY.cost,
    )


@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_price_of_one_source_is_not_used(poison: str, real_captures: Path, tally: Tally) -> None:
    for price, amounts in _victims(real_captures):
        before = SettledPrice(used=amounts, baseline=amounts, seen_on=price.observed_on)
        found = _decided(price, before, POISONS[poison])
        told = found.asked or bool(found.unexplained)
        bad = found.used != amounts or not told
        tally.count(ROW, fired=True, bad=bad)
        assert not bad, price.key


def test_a_price_that_creeps_down_through_eight_approvals_is_asked(real_captures: Path, tally: Tally) -> None:
    for price, amounts in _victims(real_captures):
        before = SettledPrice(used=amounts, baseline=amounts, seen_on=price.observed_on)
        asked = False
        for week in range(1, 9):
            found = _decided(price, before, 0.9**week)
            assert found.used is not None
            assert found.baseline is not None
            assert found.used.blended >= 0.75 * amounts.blended - 4
            asked = asked or found.asked
            before = SettledPrice(used=found.used, baseline=found.baseline, seen_on=price.observed_on)
        tally.count(ROW, fired=True, bad=not asked)
        assert asked
