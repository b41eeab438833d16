"""Boards that cannot be put on one scale: a floor on each, rank on one, and the proposal says so."""

from __future__ import annotations

import dataclasses

from pipeline.domain.ids import AA_INTELLIGENCE
from pipeline.domain.score import BoardScore, Fit
from pipeline.pools.select import select
from tests.pools.factories import ARENA, LOGITS, TIER, One, inputs, members, policy, scoreboard, tier

GOOD, WEAK = One(name="good", elo=150.0), One(name="weak", elo=140.0)


def _index(elo: float) -> BoardScore:
    return BoardScore(
        metric=AA_INTELLIGENCE,
        scale="aa-4.1",
        published=50.0,
        theta=elo * LOGITS,
        se=2 * LOGITS,
        votes=None,
        confirmed=True,
    )


def test_a_poor_fit_asks_for_both_floors_and_is_told() -> None:
    """R2 .30: the index ranks nobody, yet who is far below on it is left out."""
    board = scoreboard([GOOD, WEAK])
    fit = Fit(
        metric=AA_INTELLIGENCE, scale="aa-4.1", n=40, intercept=0.0, slope=1.0, r2=0.3, tau=8 * LOGITS,
        merged=False,
    )  # fmt: skip
    scores = {
        one.id: dataclasses.replace(board.scores[one.id], boards=(*board.scores[one.id].boards, _index(elo)))
        for one, elo in ((GOOD, 150.0), (WEAK, -400.0))
    }
    board = dataclasses.replace(board, fits=(fit,), scores=scores, reference=(GOOD.id,))
    rules = policy({TIER: tier(floor_elo_below_reference=75.0)})
    selection = select(inputs([GOOD, WEAK], scoreboards={"general": board}, policy=rules))
    assert members(selection) == ["good"]
    weak = next(one for one in selection.tiers[TIER].standings if one.variant == WEAK.id)
    assert (weak.rule, f"floor on {AA_INTELLIGENCE}" in weak.detail) == ("floor", True)
    (told,) = (one for one in selection.findings if one.kind == "poor-fit")
    assert told.message == (
        "aa/intelligence (aa-4.1) is not merged with the Arena: 40 variants on both (at least 15), R2 0.30 "
        "(at least 0.50), the boards disagree by 8 Elo. balanced: a floor on each board, rank on the Arena "
        "alone."
    )
    nowhere = dataclasses.replace(board, reference=())
    selection = select(inputs([GOOD, WEAK], scoreboards={"general": nowhere}, policy=rules))
    (told,) = (one for one in selection.findings if one.kind == "poor-fit")
    assert told.message.endswith("no reference is on the index: floor and rank on the Arena alone.")
    merged = dataclasses.replace(board, fits=(dataclasses.replace(fit, merged=True),))
    selection = select(inputs([GOOD, WEAK], scoreboards={"general": merged}, policy=rules))
    assert "poor-fit" not in {one.kind for one in selection.findings}
    assert ARENA not in {one.metric for one in merged.fits}
