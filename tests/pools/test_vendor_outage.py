"""The loss of one vendor: told beside the selection, never part of it."""

from __future__ import annotations

import dataclasses

import pytest

from pipeline.domain.ids import TierName
from pipeline.domain.observation import Severity
from pipeline.pools.reasons.vendor_outage import loss_of, outage_findings, vendors_of
from pipeline.pools.select import select
from tests.pools.factories import TIER, One, digest_of, inputs, policy, published, tier

A = One(name="a", elo=210.0, usd=0.010, vendor="north")
B = One(name="b", elo=130.0, usd=0.006, vendor="north")
C = One(name="c", elo=100.0, usd=0.005, vendor="south")
SPARE = One(name="spare", elo=90.0, usd=0.0080, vendor="east")
NAME = TierName(TIER)
WORLD = (A, B, C, SPARE)


def _loss(vendor: str, *world: One, k: int = 3) -> tuple[tuple[str, ...], ...]:
    rules = policy({TIER: tier(k=k)})
    made = inputs(world, policy=rules)
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
    assert _loss("north", *WORLD) == (("c", "0.005000", "110.0"), ("c,spare", "0.005000", "110.0"))
    assert _loss("south", *WORLD) == (("a,b", "0.010000", "0.0"), ("a,b,spare", "0.010000", "0.0"))


def test_whoever_is_chosen_again_may_be_better_than_who_is_left() -> None:
    late = One(name="late", elo=190.0, usd=0.0092, vendor="west")
    assert _loss("north", A, C, late, k=1) == (("", "None", "None"), ("late", "0.009200", "20.0"))


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ((A, SPARE), "chosen again without it: spare@high."),
        ((A,), "nobody else is eligible either."),
    ],
)
def test_a_tier_that_hangs_on_one_vendor_is_a_warning(world: tuple[One, ...], said: str) -> None:
    made = inputs(world, policy=policy({TIER: tier(k=1)}))
    pool = select(made).pool
    rules = policy({TIER: tier(k=1, vendors_denied=("north",))})
    held = dataclasses.replace(made, published=pool, published_sha256=digest_of(pool), policy=rules)
    (finding,) = outage_findings({NAME: [loss_of(NAME, pool.tiers[TIER], "north", held)]})
    assert (finding.kind, finding.severity, finding.subject) == (
        "vendor-loss",
        Severity.WARN,
        f"{TIER}/north",
    )
    assert finding.message.endswith(said)


def test_no_warning_while_somebody_is_left() -> None:
    made = inputs(WORLD)
    pool = select(made).pool
    held = dataclasses.replace(
        made,
        published=pool,
        published_sha256=digest_of(pool),
        policy=policy({TIER: tier(vendors_denied=("north",))}),
    )
    assert outage_findings({NAME: [loss_of(NAME, pool.tiers[TIER], "north", held)]}) == ()


def test_vendors_with_most_places_come_first_then_by_name() -> None:
    assert vendors_of(published(A, B, C, SPARE, k=5).tiers[TIER]) == ("north", "east", "south")
