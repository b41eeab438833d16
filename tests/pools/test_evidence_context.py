"""What tiers share is what each would have found alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.domain.names import TierName
from pipeline.pools.applicant import Terms
from pipeline.pools.eligible import ASKED, COMMON, STATIC, asked_by, first_failing
from pipeline.pools.evidence_context import EvidenceContext, applicant_of, board_of
from pipeline.pools.floor import floor_of
from pipeline.pools.tier_selection import select_tier
from tests.pools.factories import TIER, One, brief, policy, tier
from tests.pools.worlds import worlds

X = One(name="x")
ASKING: dict[str, object] = {
    "vendors_allowed": ("nobody",),
    "vendors_denied": ("vendor-of-x",),
    "open_weights_only": True,
    "min_context_tokens": 10_000_000,
    "needs_tools": True,
    "needs_vision": True,
    "ceiling_list_usd_per_mtok": 1e-9,
}
QUIET: dict[str, object] = {"min_context_tokens": 0, "needs_tools": False, "needs_vision": False}


@settings(max_examples=25, deadline=None)
@given(world=worlds)
def test_a_tier_chooses_the_same_alone_and_after_another_tier(world: tuple[One, ...]) -> None:
    tiers = {"balanced": tier(), "frugal": tier(k=2, ceiling_usd_per_task=0.002, lambda_usd=0.004)}
    made = brief(world, policy=policy(tiers, draws=100))
    contexts: dict[str, EvidenceContext] = {}
    for name in map(TierName, tiers):
        assert select_tier(made, name, contexts) == select_tier(made, name)
    assert list(contexts) == ["general"]


@pytest.mark.parametrize("asked", [*ASKING, None])
def test_only_rules_that_leave_nobody_out_are_skipped(asked: str | None) -> None:
    wanted = tier(**{**QUIET, **({asked: ASKING[asked]} if asked else {})})
    made = brief([X], policy=policy({TIER: wanted}))
    board = board_of(made, wanted.evidence)
    terms = Terms(tier=wanted, routes=(), today=made.as_of.date(), floor=floor_of(wanted, board))
    applicant = applicant_of(made, board, X.id, None)
    failed = {rule for rule in ASKED if rule(terms, applicant)}
    assert failed <= set(asked_by(wanted))
    assert bool(failed) == (asked is not None)
    assert first_failing(terms, applicant, asked_by(wanted)) == first_failing(terms, applicant, ASKED)


def test_what_is_judged_once_comes_first_and_nothing_is_judged_twice() -> None:
    assert (*COMMON, *ASKED) == STATIC
    assert len(set(STATIC)) == len(STATIC)


@settings(max_examples=25, deadline=None)
@given(world=worlds)
def test_the_common_rules_ask_no_tier(world: tuple[One, ...]) -> None:
    """They are judged with the terms of whichever tier comes first."""
    made = brief(world)
    board = board_of(made, "general")
    strict = tier(k=1, ceiling_usd_per_task=1e-9, floor_elo_below_reference=0.0, **ASKING)
    for one in world:
        applicant = applicant_of(made, board, one.id, None)
        found = [
            first_failing(
                Terms(tier=of, routes=made.policy.routes, today=made.as_of.date(), floor=floor_of(of, board)),
                applicant,
                COMMON,
            )
            for of in (tier(), strict)
        ]
        assert found[0] == found[1]
