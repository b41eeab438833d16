"""Dollars per task, each by hand once, then the laws every cost obeys."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import SourceName
from pipeline.domain.policy import Policy, TaskKind
from pipeline.domain.score import ListPrice
from pipeline.errors import UsageError
from pipeline.scoring.cost.task_cost import (
    best_cost,
    ladder_cost,
    measured_cost,
    mix_usd,
    published_multiplier,
)

CHAT = TaskKind(name="chat", share=1.0, tokens_in=2000.0, tokens_out=500.0, cached_share=0.5)


def listed(usd_in: float, usd_out: float, usd_cached: float | None = None) -> ListPrice:
    return ListPrice(
        input_microusd_per_mtok=round(usd_in * 1e6),
        output_microusd_per_mtok=round(usd_out * 1e6),
        cache_read_microusd_per_mtok=None if usd_cached is None else round(usd_cached * 1e6),
        sources=(SourceName("a"), SourceName("b")),
    )


def test_worked_example_of_one_kind_of_task() -> None:
    """1000 fresh tokens at $2, 1000 cached at $0.20, 500 * 2 tokens at $10, all per million.

    .002 + .0002 + .01 = .0122 dollars.
    """
    assert mix_usd(listed(2, 10, 0.2), [CHAT], 2.0) == pytest.approx(0.0122)


def test_without_a_cache_price_cached_input_is_billed_as_input() -> None:
    assert mix_usd(listed(2, 10), [CHAT], 2.0) == pytest.approx(0.014)


def test_worked_example_of_a_mix() -> None:
    """A quarter at .0122 and three quarters at 10,000 * $2 + 100 * 2 * $10 = .022: .01955."""
    mix = [
        CHAT.model_copy(update={"share": 0.25}),
        TaskKind(name="read", share=0.75, tokens_in=10000.0, tokens_out=100.0, cached_share=0.0),
    ]
    assert mix_usd(listed(2, 10, 0.2), mix, 2.0) == pytest.approx(0.01955)


def test_worked_example_of_a_published_total(policy: Policy) -> None:
    """4000 tokens at $2 and 1000 at $10 list at .018; .09 was paid: five times list.

    Our task lists at .0022 + .005 = .0072 at nu 1, so it costs .036, and .037 with the fee.
    """
    price = listed(2, 10, 0.2)
    constants = policy.cost.model_copy(update={"fee_usd_per_task": 0.001})
    assert published_multiplier(0.09, price, constants) == pytest.approx(5.0)
    cost = measured_cost(price, 0.09, constants, policy.task_mix)
    assert cost.usd_per_task == pytest.approx(0.037)
    assert (cost.grade, cost.log_sd, cost.price) == ("2b", 0.65, price)
    assert cost.verbosity == pytest.approx(5.0)


def test_worked_example_of_the_ladder(policy: Policy) -> None:
    """Effort high writes 9 times as much: .0022 + 500 * 9 * $10 = .0472, and .0482 with the fee."""
    constants = policy.cost.model_copy(update={"fee_usd_per_task": 0.001})
    cost = ladder_cost(listed(2, 10, 0.2), "high", constants, policy.task_mix)
    assert cost.usd_per_task == pytest.approx(0.0482)
    assert (cost.grade, cost.log_sd, cost.verbosity) == ("3b", 0.65, 9.0)


def test_worked_example_of_the_interval_of_a_cost(policy: Policy) -> None:
    """At an SD of .65 the ends are C times or over exp(1.2816 * .65) = 2.300: .02052 to .1086."""
    cost = ladder_cost(listed(2, 10, 0.2), "high", policy.cost, policy.task_mix)
    low, high = cost.interval()
    assert (low, cost.usd_per_task, high) == pytest.approx((0.02052, 0.0472, 0.1086), rel=1e-3)
    assert NormalDist(math.log(0.0472), 0.65).cdf(math.log(high)) == pytest.approx(0.9)


def test_an_effort_the_policy_does_not_know_is_named(policy: Policy) -> None:
    with pytest.raises(
        UsageError, match=r"no cost\.effort_ladder\.xhigh, only default, high, low, none"
    ) as e:
        ladder_cost(listed(1, 1), "xhigh", policy.cost, policy.task_mix)
    assert "data/policy/tiers.toml" in e.value.hint


def test_a_grade_without_its_spread_is_named(policy: Policy) -> None:
    constants = policy.cost.model_copy(update={"log_sd": {"1": 0.1}})
    with pytest.raises(UsageError, match=r"no cost\.log_sd\.2b, only 1"):
        measured_cost(listed(1, 1), 1.0, constants, policy.task_mix)
    with pytest.raises(UsageError, match=r"no cost\.log_sd\.3b, only 1"):
        ladder_cost(listed(1, 1), "none", constants, policy.task_mix)


prices = st.integers(1, 10**9)
verbosities = st.floats(0.1, 30)


@given(one=prices, other=prices, fixed=prices, nu=verbosities)
def test_cost_grows_with_each_price_and_with_verbosity(one: int, other: int, fixed: int, nu: float) -> None:
    low, high = sorted((one, other))
    cheap, dear = (listed(usd / 1e6, fixed / 1e6) for usd in (low, high))
    assert mix_usd(cheap, [CHAT], nu) <= mix_usd(dear, [CHAT], nu)
    cheap, dear = (listed(fixed / 1e6, usd / 1e6) for usd in (low, high))
    assert mix_usd(cheap, [CHAT], nu) <= mix_usd(dear, [CHAT], nu)
    assert mix_usd(cheap, [CHAT], nu) < mix_usd(cheap, [CHAT], nu * 1.1)


@given(usd=st.integers(1, 10**6), times=st.integers(1, 50), nu=verbosities)
def test_prices_that_all_double_double_the_cost(usd: int, times: int, nu: float) -> None:
    once, often = listed(usd, 3 * usd, usd / 10), listed(times * usd, 3 * times * usd, times * usd / 10)
    assert mix_usd(often, [CHAT], nu) == pytest.approx(times * mix_usd(once, [CHAT], nu))


def test_a_published_total_orders_variants_of_one_price_by_what_they_really_cost(policy: Policy) -> None:
    """The real case: $1.25 / $10 listed, 60, 416 and 769 dollars spent."""
    costs = [
        measured_cost(listed(1.25, 10), usd, policy.cost, policy.task_mix).usd_per_task
        for usd in (60, 416, 769)
    ]
    assert costs[1] / costs[0] == pytest.approx(416 / 60)
    assert costs[2] / costs[0] == pytest.approx(769 / 60)


@pytest.mark.parametrize(
    ("share", "grade"), [(1.0, "2b"), (0.11, "2b"), (9.0, "2b"), (0.09, "3b"), (11.0, "3b"), (1e-12, "3b")]
)
def test_a_published_cost_far_from_the_ladder_is_not_believed(
    policy: Policy, share: float, grade: str
) -> None:
    constants = policy.cost.model_copy(update={"fee_usd_per_task": 0.0})
    price = listed(2, 10, 0.2)
    ladder = ladder_cost(price, "high", constants, policy.task_mix)
    one = measured_cost(price, 1.0, constants, policy.task_mix).usd_per_task
    published = ladder.usd_per_task * share / one
    cost = best_cost(price, published, "high", constants, policy.task_mix)
    assert cost.grade == grade
    assert (cost == ladder) is (grade == "3b")


def test_without_a_published_cost_the_ladder_speaks(policy: Policy) -> None:
    price = listed(2, 10)
    ladder = ladder_cost(price, "low", policy.cost, policy.task_mix)
    assert best_cost(price, None, "low", policy.cost, policy.task_mix) == ladder
