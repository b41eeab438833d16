"""Doubts and suppositions: the same formulas on a changed input, and parts that add up."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.domain.crosswalk import Resolution
from pipeline.domain.ids import AA_INTELLIGENCE, MetricName, VariantId
from pipeline.domain.observation import PriceStep
from pipeline.domain.price import AnnouncedPrice, BilledRoute, PriceAmounts, PriceCase, PriceDecision
from pipeline.domain.score import BoardScore, Cost, Fit, ListPrice
from pipeline.policy.load import load_policy
from pipeline.scoring.cost.task_cost import cost_by_kind
from pipeline.scoring.counterfactual import with_price
from pipeline.scoring.prices.route_prices import RoutePrices
from pipeline.scoring.quality.rating import combine, select_boards, weights_of
from tests.example import ROOT

ARENA = MetricName("arena-text/overall")


def _board(metric: MetricName, scale: str, theta: float = 0.1) -> BoardScore:
    return BoardScore(
        metric=metric, scale=scale, published=50.0, theta=theta, se=0.02, votes=None, confirmed=True
    )


def _fit(scale: str, *, merged: bool, tau: float) -> Fit:
    return Fit(
        metric=AA_INTELLIGENCE, scale=scale, n=20, intercept=0.0, slope=1.0, r2=0.7, tau=tau, merged=merged
    )


def test_the_first_merged_version_speaks_and_an_unmerged_one_does_not() -> None:
    boards = (_board(ARENA, "a"), _board(AA_INTELLIGENCE, "4.1"), _board(AA_INTELLIGENCE, "4.0"))
    fits = (_fit("4.1", merged=True, tau=0.1), _fit("4.0", merged=True, tau=0.3))
    found = select_boards(boards, fits, 0.5)
    assert found is not None
    assert ([one.scale for one in found.boards], found.tau) == (["a", "4.1"], 0.1)
    assert select_boards(boards[1:2], (_fit("4.1", merged=False, tau=0.1),), 0.5) is None


def test_tau_is_that_of_the_first_fit_and_assumed_without_one() -> None:
    arena = (_board(ARENA, "a"),)
    one, other = (
        select_boards(arena, (_fit("4.1", merged=True, tau=0.1),), 0.5),
        select_boards(arena, (), 0.5),
    )
    assert one is not None
    assert other is not None
    assert (one.tau, other.tau) == (0.1, 0.5)


def test_weights_are_those_of_the_combination() -> None:
    boards = (_board(ARENA, "a", 0.4), _board(AA_INTELLIGENCE, "4.1", -0.2))
    weights = weights_of(boards, 0.1)
    theta = sum(w * one.theta for w, one in zip(weights, boards, strict=True)) / sum(weights)
    assert combine(boards, 0.1).theta == pytest.approx(theta)


@pytest.mark.parametrize("grade", ["2b", "3b"])
def test_the_kinds_and_the_fee_add_up_to_the_cost(grade: str) -> None:
    shipped, _ = load_policy(ROOT / "data/policy/tiers.toml")
    fee = shipped.cost.model_copy(update={"fee_usd_per_task": 0.001})
    policy = shipped.model_copy(update={"cost": fee})
    price = ListPrice(
        input_microusd_per_mtok=2_000_000,
        output_microusd_per_mtok=10_000_000,
        cache_read_microusd_per_mtok=None,
        sources=(),
    )
    cost = Cost(usd_per_task=0.02, log_sd=0.5, grade=grade, verbosity=7.0, price=price)
    parts = cost_by_kind(cost, policy)
    assert [part.kind.name for part in parts] == [kind.name for kind in policy.task_mix]
    assert sum(part.usd for part in parts) + 0.001 == pytest.approx(0.02)
    assert all(part.usd > 0 for part in parts)


def test_a_supposed_price_moves_the_decided_amounts_with_their_steps_and_what_is_announced() -> None:
    step = PriceStep(from_tokens=200_000, input=4_000_000, output=8_000_000, cached=400_000)
    today = PriceAmounts(input=2_000_000, output=4_000_000, cached=200_000, steps=(step,))
    later = AnnouncedPrice(
        on=date(2026, 9, 1), amounts=PriceAmounts(input=3_000_000, output=6_000_000, cached=None)
    )
    mine, other = (BilledRoute(catalogue="", model=name, release=name) for name in ("mine", "other"))
    decided = {
        route: PriceDecision(route=route, case=PriceCase.NOTHING_FRESH, used=today, announced=later)
        for route in (mine, other)
    }
    prices = RoutePrices(decisions=decided, routes={VariantId("mine@none"): {"litellm": mine}})
    _, found = with_price(Resolution(measures=(), offers=(), profiles={}, open_names=()), prices, "mine", 0.5)
    half = PriceAmounts(
        input=1_000_000,
        output=2_000_000,
        cached=100_000,
        steps=(PriceStep(from_tokens=200_000, input=2_000_000, output=4_000_000, cached=200_000),),
    )
    assert found.decisions[mine].used == half
    assert found.decisions[mine].counted == PriceAmounts(input=1_500_000, output=3_000_000, cached=None)
    assert found.decisions[other] == decided[other]
