"""Robust or fragile, and the loss of one vendor: told beside the selection, never part of it."""

from __future__ import annotations

import dataclasses

import pytest
from pipeline.pools.doubt import Doubted, doubts_of, flagged

from pipeline.domain.names import TierName
from pipeline.domain.observation import Severity
from pipeline.pools.drill import drill_findings, loss_of, vendors_of
from pipeline.pools.select import select
from pipeline.pools.tier_selection import select_tiers
from tests.pools.factories import TIER, One, brief, digest_of, policy, published, scoreboard, tier, variant

A = One(name="a", elo=120.0, usd=0.010, vendor="north")
B = One(name="b", elo=110.0, usd=0.006, vendor="north")
C = One(name="c", elo=100.0, usd=0.005, vendor="south")
SPARE = One(name="spare", elo=90.0, usd=0.0080, vendor="east")
NAME = TierName(TIER)
WORLD = (A, B, C, SPARE)


def _under(name: str, *world: One, tiers: frozenset[TierName] = frozenset({NAME})) -> Doubted:
    """The same variants with other numbers; who is not in the world has none."""
    made = brief(WORLD, scoreboards={"general": scoreboard(world)})
    return Doubted(name=name, words="as this test says", brief=made, tiers=tiers)


def _flags(*others: Doubted) -> dict[str, tuple[str, ...] | None]:
    made = brief(WORLD)
    pool = flagged(select(made).pool, doubts_of(select_tiers(made), others))
    return {member.variant.split("@")[0]: member.fragile for member in pool.tiers[TIER].members}


def test_the_world_of_these_tests_selects_a_b_and_c() -> None:
    assert _flags() == {"a": (), "b": (), "c": ()}


def test_a_member_names_the_doubts_under_which_it_leaves_in_their_order() -> None:
    weak = dataclasses.replace(C, elo=-200.0)
    dear = dataclasses.replace(A, usd=0.1)
    flags = _flags(_under("without x", A, B, weak, SPARE), _under("only chat", dear, B, weak, SPARE))
    assert flags == {"a": ("only chat",), "b": (), "c": ("without x", "only chat")}


def test_a_doubt_says_nothing_about_a_tier_that_it_does_not_touch() -> None:
    weak = dataclasses.replace(C, elo=-200.0)
    assert _flags(_under("without x", A, B, weak, SPARE, tiers=frozenset()))["c"] == ()


def test_a_member_for_which_nothing_speaks_any_more_is_fragile_although_it_would_be_carried() -> None:
    pool = published(A, B, C)
    held = {"published": pool, "published_sha256": digest_of(pool)}
    made = brief(WORLD, **held)
    silent = brief(WORLD, scoreboards={"general": scoreboard([B, C, SPARE])}, **held)
    other = Doubted(name="without x", words="", brief=silent, tiers=frozenset({NAME}))
    doubts = doubts_of(select_tiers(made), [other])[NAME]
    assert {name: one.stays for name, (one,) in doubts.items()} == {A.id: False, B.id: True, C.id: True}
    assert "only be carried" in doubts[A.id][0].words


def test_a_carried_line_keeps_what_it_said() -> None:
    pool = published(A, B, C)
    before = pool.tiers[TIER]
    lines = tuple(one.model_copy(update={"fragile": ("tau doubled",)}) for one in before.members)
    pool = pool.model_copy(update={"tiers": {TIER: before.model_copy(update={"members": lines})}})
    made = brief(
        (B, C),
        variants={one.id: variant(one) for one in WORLD},
        published=pool,
        published_sha256=digest_of(pool),
    )
    found = flagged(select(made).pool, doubts_of(select_tiers(made), []))
    assert {one.variant: one.fragile for one in found.tiers[TIER].members} == {
        A.id: ("tau doubled",),
        B.id: (),
        C.id: (),
    }


def test_flags_change_nothing_else() -> None:
    made = brief(WORLD)
    plain = select(made).pool
    pool = flagged(plain, doubts_of(select_tiers(made), [_under("only chat", B, C, SPARE)]))
    bare = {
        name: one.model_copy(
            update={"members": tuple(m.model_copy(update={"fragile": None}) for m in one.members)}
        )
        for name, one in pool.tiers.items()
    }
    assert pool != plain
    assert pool.model_copy(update={"tiers": bare}) == plain


def _loss(vendor: str, *world: One, k: int = 3) -> tuple[tuple[str, ...], ...]:
    rules = policy({TIER: tier(k=k)})
    made = brief(world, policy=rules)
    pool = select(made).pool
    denied = policy({TIER: tier(k=k, vendors_denied=(vendor,))})
    held = dataclasses.replace(made, published=pool, published_sha256=digest_of(pool), policy=denied)
    loss = loss_of(NAME, pool.tiers[TIER], vendor, held)
    told = [
        (",".join(one.split("@")[0] for one in part.variants), part.usd_per_task, part.quality_drop_elo)
        for part in (loss.left, loss.chosen_again)
    ]
    return tuple(tuple(str(each) for each in part) for part in told)


def test_the_drill_says_who_is_left_and_who_would_be_chosen_again() -> None:
    assert _loss("north", *WORLD) == (("c", "0.005000", "20.0"), ("c,spare", "0.005000", "20.0"))
    assert _loss("south", *WORLD) == (("a,b", "0.010000", "0.0"), ("a,b,spare", "0.010000", "0.0"))


def test_whoever_is_chosen_again_may_be_better_than_who_is_left() -> None:
    late = One(name="late", elo=118.0, usd=0.012, vendor="west")
    assert _loss("north", A, C, late, k=1) == (("", "None", "None"), ("late", "0.012000", "2.0"))


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ((A, SPARE), "chosen again without it: spare@high."),
        ((A,), "nobody else is eligible either."),
    ],
)
def test_a_tier_that_hangs_on_one_vendor_is_a_warning(world: tuple[One, ...], said: str) -> None:
    made = brief(world, policy=policy({TIER: tier(k=1)}))
    pool = select(made).pool
    rules = policy({TIER: tier(k=1, vendors_denied=("north",))})
    held = dataclasses.replace(made, published=pool, published_sha256=digest_of(pool), policy=rules)
    (finding,) = drill_findings({NAME: [loss_of(NAME, pool.tiers[TIER], "north", held)]})
    assert (finding.kind, finding.severity, finding.subject) == (
        "vendor-loss",
        Severity.WARN,
        f"{TIER}/north",
    )
    assert finding.message.endswith(said)


def test_no_warning_while_somebody_is_left() -> None:
    made = brief(WORLD)
    pool = select(made).pool
    held = dataclasses.replace(
        made,
        published=pool,
        published_sha256=digest_of(pool),
        policy=policy({TIER: tier(vendors_denied=("north",))}),
    )
    assert drill_findings({NAME: [loss_of(NAME, pool.tiers[TIER], "north", held)]}) == ()


def test_vendors_with_most_places_come_first_then_by_name() -> None:
    assert vendors_of(published(A, B, C, SPARE, k=5).tiers[TIER]) == ("north", "east", "south")
