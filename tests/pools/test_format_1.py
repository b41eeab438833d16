"""A pool of format 1 stays in force until a person approves what the value rule makes of it."""

from __future__ import annotations

import pytest

from pipeline.domain.document import canonical_json
from pipeline.domain.pool import Pool
from tests.pools.factories import TIER, after, at, members, published, variant

A = at("a", 0.50, 0.0050)
B = at("b", 0.40, 0.0005)
C = at("c", 0.35, 0.0005)


def of_format_1(pool: Pool) -> Pool:
    """The same pool as the earlier rules wrote it."""
    drawn = {
        "utility_low": "0.010000",
        "utility_high": "0.020000",
        "inclusion_probability": "0.900",
        "fragile": ("without lmarena",),
    }
    gone = {"serves": (), "p_close": None, "usd_per_task_low": None, "usd_per_task_high": None}
    lines = tuple(
        one.model_copy(
            update={
                **drawn,
                **gone,
                "reasoning_effort": "high",
                "routes": {"litellm": f"provider/{one.release}"},
            }
        )
        for one in pool.tiers[TIER].members
    )
    tier = pool.tiers[TIER].model_copy(update={"members": lines})
    return Pool.model_validate_json(
        canonical_json(pool.model_copy(update={"format": 1, "tiers": {TIER: tier}}).model_dump(mode="json"))
    )


OLD = of_format_1(published(A, B, C))


def test_the_first_run_keeps_the_members_as_incumbents_and_is_large() -> None:
    selection = after(OLD, [A, B, C])
    assert members(selection) == ["a", "b", "c"]
    assert selection.changes == ()
    assert (selection.large, selection.tiers[TIER].large) == (True, False)
    assert selection.pool.format == 2
    second = after(selection.pool, [A, B, C])
    assert not second.large


def test_a_carried_line_of_format_1_is_a_line_of_format_2() -> None:
    """What only the earlier rules said is gone, what the draws would say is not made up."""
    known = {one.id: variant(one) for one in (A, B, C)}
    pool = after(OLD, [A, C], variants=known).pool
    line = next(one for one in pool.tiers[TIER].members if one.variant == B.id)
    before = next(one for one in OLD.tiers[TIER].members if one.variant == B.id)
    assert (line.stale, line.usd_per_task, line.quality) == (True, before.usd_per_task, before.quality)
    assert (line.inclusion_probability, line.utility_low, line.fragile, line.p_close) == (None,) * 4
    assert line.serves
    body = canonical_json(pool.model_dump(mode="json"))
    assert Pool.model_validate_json(body) == pool
    assert {"inclusion_probability", "fragile", "p_close"}.isdisjoint(
        next(one for one in pool.model_dump(mode="json")["tiers"][TIER]["members"] if one["stale"])
    )


@pytest.mark.parametrize(("pool", "number"), [(OLD, 2), (published(A, B, C), 1)])
def test_a_line_of_one_format_is_refused_in_a_pool_of_the_other(pool: Pool, number: int) -> None:
    body = canonical_json(pool.model_copy(update={"format": number}).model_dump(mode="json"))
    with pytest.raises(ValueError, match=f"is not a member of format {number}"):
        Pool.model_validate_json(body)


def test_a_line_of_format_2_serves_something() -> None:
    body = published(A).model_dump(mode="json")
    body["tiers"][TIER]["members"][0]["serves"] = []
    with pytest.raises(ValueError, match="a@high serves no purpose"):
        Pool.model_validate_json(canonical_json(body))
