"""A member says how each route of the tier buys its effort; a route that cannot is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.pools.select import select
from tests.pools.factories import TIER, One, after, inputs, policy, published, variant

if TYPE_CHECKING:
    from pipeline.domain.pool import Member
    from pipeline.pools.selection_input import SelectionInput

A = One(name="a", usd=0.01, elo=150.0)
B = One(name="b", usd=0.02, elo=160.0)
C = One(name="c", usd=0.03, elo=170.0)
SWITCH = '{"extra_body":{"reasoning":{"enabled":true}}}'


def first(made: SelectionInput) -> Member:
    return select(made).pool.tiers[TIER].members[0]


def test_each_route_says_what_it_is_sent_at_the_members_price() -> None:
    known = {A.id: variant(A, litellm_effort=SWITCH, openrouter_effort="high")}
    member = first(inputs([A], variants=known))
    litellm, openrouter = member.lines["litellm"], member.lines["openrouter"]
    assert (litellm.model, litellm.send) == ("provider/a", {"extra_body": {"reasoning": {"enabled": True}}})
    assert (openrouter.model, openrouter.send) == ("maker/a", {"reasoning": {"effort": "high"}})
    assert litellm.price == openrouter.price == member.price
    assert "reasoning_effort" not in member.model_dump()


def test_only_routes_the_operator_can_use_are_written() -> None:
    both = first(inputs([A]))
    assert (set(both.routes), both.key_env) == ({"litellm", "openrouter"}, "PROVIDER_API_KEY")
    one = first(inputs([A], policy=policy(routes=("openrouter",))))
    assert (set(one.routes), one.key_env) == ({"openrouter"}, None)


def test_a_route_that_cannot_express_the_effort_is_not_written() -> None:
    member = first(inputs([A], variants={A.id: variant(A, litellm_effort=None)}))
    assert (set(member.routes), member.key_env) == ({"openrouter"}, None)


def test_a_carried_line_keeps_its_numbers_but_buys_as_the_crosswalk_says_now() -> None:
    pool = published(A, B, C)
    known = {one.id: variant(one, openrouter_effort="low") for one in (A, B, C)}
    chosen = after(pool, [B, C], variants=known, policy=policy(routes=("openrouter",)))
    carried = next(one for one in chosen.pool.tiers[TIER].members if one.variant == A.id)
    assert (carried.stale, carried.usd_per_task) == (True, "0.010000")
    assert (set(carried.routes), carried.key_env) == ({"openrouter"}, None)
    assert carried.lines["openrouter"].send == {"reasoning": {"effort": "low"}}
