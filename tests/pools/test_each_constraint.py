"""One constraint at a time, over random worlds: without its guard some member would break it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.pools.select import select_fast
from tests.pools.factories import TIER, inputs, policy, tier
from tests.pools.test_constraints import Given, Traits, World, _each, _families, _keys, _traits, broken, known
from tests.pools.worlds import worlds

_tables = st.fixed_dictionaries(
    {
        "regions": st.dictionaries(st.sampled_from(_keys), st.sampled_from(["eu", "us", "cn"])),
        "licences": st.dictionaries(_families, st.sampled_from(["mit", "other"])),
    }
)
_crowds = worlds.filter(bool)


@pytest.mark.parametrize("key", sorted(_each))
@settings(max_examples=25, deadline=None)
@given(world=_crowds, traits=st.lists(_traits, min_size=14, max_size=14), tables=_tables, data=st.data())
def test_no_member_breaks_the_one_constraint_its_tier_names(
    key: str, world: World, traits: list[Traits], tables: Given, data: st.DataObject
) -> None:
    asked: Given = {key: data.draw(_each[key])}
    rules = policy({TIER: tier(k=4, **asked)}, **tables)
    found = {str(one.id): known(one, traits[int(one.name[1:])]) for one in world}
    variants = {one.id: found[one.id][0] for one in world}
    profiles = {one.id: found[one.id][1] for one in world}
    pool = select_fast(inputs(world, variants=variants, profiles=profiles, policy=rules)).tiers.get(TIER)
    for member in pool.members if pool else ():
        assert broken(member, *found[member.variant], rules) == []
