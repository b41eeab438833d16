"""What changed about members that stay, as far as routers bill and route by it."""

from __future__ import annotations

import pytest

from pipeline.pools.changes.diff import fact_changes
from tests.pools.factories import One, published

POOL = published(One(name="a", elo=200.0), One(name="b", elo=150.0))


def changed(**update: object) -> list[tuple[str, str]]:
    tier = POOL.tiers["balanced"]
    first = tier.members[0].model_copy(update=update)
    members = (first, *tier.members[1:])
    after = POOL.model_copy(update={"tiers": {"balanced": tier.model_copy(update={"members": members})}})
    return [(one.variant, one.fact) for one in fact_changes(POOL, after)]


def test_the_same_pool_has_no_changed_facts() -> None:
    assert fact_changes(POOL, POOL) == ()
    assert fact_changes(None, POOL) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [("context_tokens", 9), ("tools", True), ("vision", True), ("retires_on", "2027-01-01")],
)
def test_a_fact_that_moved_is_named_once(field: str, value: object) -> None:
    assert changed(**{field: value}) == [("a@high", field)]


def test_a_price_counts_by_its_figures_not_by_who_states_it() -> None:
    price = POOL.tiers["balanced"].members[0].price
    assert changed(price=price.model_copy(update={"sources": ("somebody",), "note": "said"})) == []
    dearer = price.model_copy(update={"output_microusd_per_mtok": price.output_microusd_per_mtok + 1})
    routes = {
        name: line.model_copy(update={"price": dearer})
        for name, line in POOL.tiers["balanced"].members[0].lines.items()
    }
    assert changed(price=dearer, routes=routes) == [("a@high", "price")]


def test_a_route_that_moved_is_a_fact() -> None:
    assert changed(routes={}) == [("a@high", "routes")]


@pytest.mark.parametrize("what", ["model", "send", "price"])
def test_what_a_route_calls_sends_and_costs_is_part_of_it(what: str) -> None:
    member = POOL.tiers["balanced"].members[0]
    line = member.lines["litellm"]
    other = {
        "model": "provider/other",
        "send": {"reasoning_effort": "low"},
        "price": line.price.model_copy(update={"input_microusd_per_mtok": 1}),
    }
    routes = {**member.lines, "litellm": line.model_copy(update={what: other[what]})}
    assert changed(routes=routes) == [("a@high", "price" if what == "price" else "routes")]


def test_a_carried_member_has_no_new_facts() -> None:
    assert changed(stale=True, context_tokens=9) == []


def test_quality_and_cost_are_no_facts() -> None:
    assert changed(quality="0.1000", usd_per_task="0.000001", p_close="0.100") == []


def test_who_enters_or_leaves_is_a_change_not_a_fact() -> None:
    other = published(One(name="c"), One(name="d"))
    assert fact_changes(POOL, other) == ()
