"""No member ever breaks a constraint, in any world; and each constraint is what keeps it so."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.crosswalk import Profile, Variant
from pipeline.domain.ids import TierName
from pipeline.pools import evaluate_tier, tier_selection
from pipeline.pools.changes.policy_relaxation import relaxation_of
from pipeline.pools.eligibility import constraints
from pipeline.pools.eligibility.candidate_facts import CandidateFacts, Exclusion, TierRequirements, region_of
from pipeline.pools.eligibility.registry import STATIC
from pipeline.pools.select import select, select_fast
from tests.pools.factories import NOW, TIER, One, digest_of, inputs, members, policy, tier, variant
from tests.pools.worlds import worlds

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.domain.pool import Member
    from pipeline.pools.selection_input import SelectionInput

World = tuple[One, ...]
Given = dict[str, object]
TODAY = NOW.date()


@dataclasses.dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a variant, None where nobody says."""

    context: int | None
    tools: bool | None
    vision: bool | None
    open_weights: bool
    days: int | None
    """Until its end."""
    routes: tuple[bool, bool]
    """litellm, openrouter."""


_unsure = st.sampled_from([None, True, True, False])
_traits = st.builds(
    Traits,
    st.sampled_from([None, 8_000, 32_000, 200_000]),
    _unsure,
    _unsure,
    st.booleans(),
    st.sampled_from([None, None, None, -1, 0, 30, 31, 90]),
    st.sampled_from([(True, True), (True, False), (False, True)]),
)
_each = {
    "min_context_tokens": st.sampled_from([32_000, 100_000]),
    "needs_tools": st.just(value=True),
    "needs_vision": st.just(value=True),
    "open_weights_only": st.just(value=True),
    "vendors_allowed": st.just(("v0", "v1")),
    "vendors_denied": st.just(("v1",)),
    "regions_allowed": st.sampled_from([("eu",), ("eu", "us")]),
    "licences_allowed": st.sampled_from([("mit",), ("mit", "proprietary")]),
    "retirement_days": st.sampled_from([0, 30]),
}
_demands = st.one_of(
    *(st.fixed_dictionaries({key: values}) for key, values in _each.items()),
    st.fixed_dictionaries({}, optional=_each),
)
_keys = ["openrouter", "openrouter:maker/m03", "litellm", "litellm:provider/m01", "litellm:provider"]
_regions = st.dictionaries(st.sampled_from(_keys), st.sampled_from(["eu", "us", "cn"]))
_families = st.sampled_from(["v0-0", "v1-0", "v2-0", "v0-1", "v1-1"])
_licences = st.dictionaries(_families, st.sampled_from(["mit", "other"]))


def known(one: One, traits: Traits) -> tuple[Variant, Profile]:
    litellm, openrouter = traits.routes
    made = variant(
        one,
        context_tokens=None,
        open_weights=traits.open_weights,
        litellm=f"provider/{one.name}" if litellm else None,
        openrouter=f"maker/{one.name}" if openrouter else None,
        retires_on=None if traits.days is None else TODAY + timedelta(days=traits.days),
    )
    said = Profile(variant=one.id, context_tokens=traits.context, tools=traits.tools, vision=traits.vision)
    return made, said


def where(router: str, model: str, rules: Policy) -> str | None:
    """Where a route runs, by hand: the whole route, its provider, its router."""
    keys = (f"{router}:{model}", f"{router}:{model.partition('/')[0]}", router)
    return next((rules.regions[key] for key in keys if key in rules.regions), None)


def broken(member: Member, one: Variant, said: Profile, rules: Policy) -> list[str]:
    """Name the constraints a member breaks, each written out without the product's own rules."""
    asked: TierPolicy = rules.tiers[TIER]
    licence = rules.licences.get(one.family) if one.open_weights else "proprietary"
    places = [where(router, line.model, rules) for router, line in member.lines.items()]
    checks = {
        "context": not asked.min_context_tokens or (said.context_tokens or 0) >= asked.min_context_tokens,
        "tools": said.tools is True or not asked.needs_tools,
        "vision": said.vision is True or not asked.needs_vision,
        "open": one.open_weights or not asked.open_weights_only,
        "licence": not asked.licences_allowed or licence in asked.licences_allowed,
        "allowed": not asked.vendors_allowed or one.vendor in asked.vendors_allowed,
        "denied": one.vendor not in asked.vendors_denied,
        "retiring": one.retires_on is None or (one.retires_on - TODAY).days > asked.retirement_days,
        "routed": bool(member.routes),
        "region": not asked.regions_allowed or set(places) <= set(asked.regions_allowed),
    }
    return [name for name, holds in checks.items() if not holds]


@settings(max_examples=150, deadline=None)
@given(world=worlds, traits=st.lists(_traits, min_size=14, max_size=14), demands=_demands, data=st.data())
def test_no_member_ever_breaks_a_constraint_of_its_tier(
    world: World, traits: list[Traits], demands: Given, data: st.DataObject
) -> None:
    """Neither a first member nor one published under milder rules, whatever is unknown."""
    tables: Given = {"regions": data.draw(_regions), "licences": data.draw(_licences)}
    found = {str(one.id): known(one, traits[int(one.name[1:])]) for one in world}
    variants = {one.id: found[one.id][0] for one in world}
    profiles = {one.id: found[one.id][1] for one in world}
    mild = inputs(world, variants=variants, profiles=profiles, policy=policy({TIER: tier(k=4)}, **tables))
    strict = policy({TIER: tier(k=4, **demands)}, **tables)
    published = select_fast(mild)
    later = dataclasses.replace(
        mild, policy=strict, published=published, published_sha256=digest_of(published)
    )
    for made in (dataclasses.replace(mild, policy=strict), later):
        pool = select_fast(made).tiers.get(TIER)
        for member in pool.members if pool else ():
            assert broken(member, *found[member.variant], strict) == []


X = One(name="x", elo=140.0, usd=0.002, vendor="v", family="x")
SOON = {"retires_on": TODAY + timedelta(days=60)}
MIT = {"licences_allowed": ("mit",)}
EU = {"regions_allowed": ("eu",)}
US = {"litellm:provider/x": "us"}
OPEN = {"open_weights": True}
GUARDS = [
    pytest.param(constraints.check_vendor, {"vendors_denied": ("v",)}, {}, {}, "vendor", id="denied"),
    pytest.param(constraints.check_vendor, {"vendors_allowed": ("w",)}, {}, {}, "vendor", id="not allowed"),
    pytest.param(constraints.check_licence, MIT, {}, {}, "licence", id="closed weights"),
    pytest.param(constraints.check_licence, {"open_weights_only": True}, {}, {}, "licence", id="not open"),
    pytest.param(constraints.check_licence, MIT, OPEN, {}, "licence_unknown", id="licence nobody says"),
    pytest.param(
        constraints.check_licence, MIT, OPEN, {"licences": {"x": "nc"}}, "licence", id="other licence"
    ),
    pytest.param(constraints.check_region, EU, {}, {}, "region_unknown", id="region nobody says"),
    pytest.param(
        constraints.check_region,
        EU,
        {},
        {"regions": {**US, "openrouter:maker/x": "cn"}},
        "region",
        id="elsewhere",
    ),
    pytest.param(
        constraints.check_region, EU, {}, {"regions": US}, "region_unknown", id="one elsewhere, one unknown"
    ),
    pytest.param(
        constraints.check_context, {"min_context_tokens": 300_000}, {}, {}, "context", id="short context"
    ),
    pytest.param(
        constraints.check_context,
        {"min_context_tokens": 1},
        {"context_tokens": None},
        {},
        "context",
        id="no context",
    ),
    pytest.param(constraints.check_tools, {"needs_tools": True}, {}, {}, "tools", id="tools"),
    pytest.param(constraints.check_vision, {"needs_vision": True}, {}, {}, "vision", id="vision"),
    pytest.param(constraints.check_retirement, {}, SOON, {}, "retiring", id="retires soon"),
]


def world_of(demands: Given, facts: Given, tables: Given) -> SelectionInput:
    return inputs([X], variants={X.id: variant(X, **facts)}, policy=policy({TIER: tier(**demands)}, **tables))


@pytest.mark.parametrize(("guard", "demands", "facts", "tables", "rule"), GUARDS)
def test_its_guard_alone_keeps_the_variant_out_and_the_named_line_admits_it(
    guard: Callable[[TierRequirements, CandidateFacts], Exclusion | None],
    demands: Given,
    facts: Given,
    tables: Given,
    rule: str,
) -> None:
    made = world_of(demands, facts, tables)
    selection = select(made)
    assert members(selection) == []
    (standing,) = selection.tiers[TIER].standings
    assert standing.rule == rule
    line = relaxation_of(made, tier_selection.select_tier(made, TierName(TIER)), X.id, rule)
    assert line is not None
    assert "tiers.balanced." in line.words or "if that is so" in line.words
    assert members(select(dataclasses.replace(made, policy=line.policy))) == ["x"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate_tier, "STATIC", tuple(one for one in STATIC if one.check is not guard))
        assert members(select(made)) == ["x"]


def test_a_rule_that_no_line_lifts_has_none() -> None:
    made = world_of({}, {"retires_on": TODAY}, {})
    choice = tier_selection.select_tier(made, TierName(TIER))
    assert relaxation_of(made, choice, X.id, "retiring") is None
    assert relaxation_of(made, choice, X.id, "no_score") is None


def test_the_line_that_lifts_a_ceiling_states_the_cost() -> None:
    for demand in ({"ceiling_usd_per_task": 0.001}, {"ceiling_list_usd_per_mtok": 0.5}):
        made = world_of({**demand}, {}, {})
        line = relaxation_of(made, tier_selection.select_tier(made, TierName(TIER)), X.id, "ceiling")
        assert line is not None
        assert members(select(dataclasses.replace(made, policy=line.policy))) == ["x"]


def test_a_member_is_published_with_the_routes_of_the_region_only() -> None:
    tables: Given = {"regions": {"litellm:provider": "eu", "openrouter": "us"}}
    told = []
    for region in ("eu", "us"):
        made = world_of({"regions_allowed": (region,)}, {}, tables)
        (member,) = select_fast(made).tiers[TIER].members
        told.append(({name: line.model for name, line in member.lines.items()}, member.key_env))
    assert told == [({"litellm": "provider/x"}, "PROVIDER_API_KEY"), ({"openrouter": "maker/x"}, None)]


def test_the_longest_beginning_of_a_route_says_where_it_runs() -> None:
    regions = {"litellm": "us", "litellm:azure": "eu", "litellm:azure/gpt-x": "se"}
    told = [region_of("litellm", model, regions) for model in ("azure/gpt-x", "azure/gpt-y", "azurex/z")]
    assert told == ["se", "eu", "us"]
    assert region_of("openrouter", "azure/gpt-x", regions) is None
