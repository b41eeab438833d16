"""Each rule leaves out what it must, in the fixed order, and says the numbers."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import Profile
from pipeline.domain.ids import AA_INTELLIGENCE, TierName
from pipeline.domain.pool import Standing, lineup
from pipeline.domain.score import BoardScore, Fit
from pipeline.pools.select import select
from tests.pools.factories import LOGITS, TIER, One, cost, inputs, policy, scoreboard, tier, variant

if TYPE_CHECKING:
    from pipeline.pools.selection_input import SelectionInput

X = One(name="x", elo=100.0, usd=0.005)


def standing(made: SelectionInput) -> Standing:
    report = select(made).tiers[TIER]
    return next(one for one in report.standings if one.variant == X.id)


def with_tier(**changes: object) -> SelectionInput:
    return inputs([X], policy=policy({TIER: tier(**changes)}))


def with_variant(**changes: object) -> SelectionInput:
    return inputs([X], variants={X.id: variant(X, **changes)})


CASES = [
    pytest.param(
        inputs([], scoreboards={"general": scoreboard([], unscored=(X.id,))}, variants={X.id: variant(X)}),
        "no_score",
        "no_board: on no board",
        id="unscored",
    ),
    pytest.param(
        with_variant(litellm=None, openrouter=None),
        "not_routed",
        "no route through litellm or openrouter",
        id="no route",
    ),
    pytest.param(
        inputs([X], variants={X.id: variant(X, litellm=None)}, policy=policy(routes=("litellm",))),
        "not_routed",
        "no route through litellm",
        id="a route the operator cannot use",
    ),
    pytest.param(
        inputs([X], variants={}), "not_routed", "crosswalk does not hold it", id="not in the crosswalk"
    ),
    pytest.param(
        with_variant(litellm_effort=None, openrouter_effort=None, effort_reason="it wants a budget"),
        "not_expressible",
        "litellm and openrouter cannot be asked for the effort high: it wants a budget",
        id="an effort no route expresses",
    ),
    pytest.param(
        inputs([X], variants={X.id: variant(X, litellm_effort=None)}, policy=policy(routes=("litellm",))),
        "not_expressible",
        "litellm cannot be asked for the effort high",
        id="an effort expressed only where the operator has no route",
    ),
    pytest.param(
        inputs([dataclasses.replace(X, unpriced="price_unknown")]),
        "price_unknown",
        "in this test",
        id="unknown price",
    ),
    pytest.param(
        inputs([dataclasses.replace(X, unpriced="price_zero")]), "price_zero", "in this test", id="zero price"
    ),
    pytest.param(
        inputs([dataclasses.replace(X, unpriced="price_conflict")]),
        "price_conflict",
        "in this test",
        id="two prices",
    ),
    pytest.param(
        inputs([dataclasses.replace(X, listed=(0, 0))]),
        "price_zero",
        "zero, which is unknown",
        id="a cost made of zero prices",
    ),
    pytest.param(
        inputs([dataclasses.replace(X, confirmed=False)]), "unconfirmed", "40 votes at most", id="unconfirmed"
    ),
    pytest.param(
        with_tier(vendors_denied=("vendor-of-x",)), "vendor", "denies vendor-of-x", id="vendor denied"
    ),
    pytest.param(
        with_tier(vendors_allowed=("other",)),
        "vendor",
        "not among the allowed vendors: other",
        id="vendor not listed",
    ),
    pytest.param(with_tier(open_weights_only=True), "licence", "open weights only", id="closed weights"),
    pytest.param(
        with_tier(min_context_tokens=300_000),
        "context",
        "is 200000 tokens; the tier needs 300000",
        id="short context",
    ),
    pytest.param(
        inputs(
            [X],
            variants={X.id: variant(X, context_tokens=None)},
            policy=policy({TIER: tier(min_context_tokens=1)}),
        ),
        "context",
        "is unknown",
        id="unknown context",
    ),
    pytest.param(
        with_tier(needs_tools=True), "tools", "Nobody says whether it has tools", id="unknown tools"
    ),
    pytest.param(
        inputs(
            [X],
            profiles={X.id: Profile(variant=X.id, tools=False)},
            policy=policy({TIER: tier(needs_tools=True)}),
        ),
        "tools",
        "It has no tools",
        id="no tools",
    ),
    pytest.param(
        with_tier(needs_vision=True), "vision", "Nobody says whether it has vision", id="unknown vision"
    ),
    pytest.param(
        with_variant(retires_on=date(2026, 10, 14)),
        "retiring",
        "retires on 2026-10-14, in 60 days",
        id="retires on the last day",
    ),
    pytest.param(
        with_variant(retires_on=date(2026, 8, 1)), "retiring", "was retired on 2026-08-01", id="retired"
    ),
    pytest.param(
        inputs([X], profiles={X.id: Profile(variant=X.id, retires_on=date(2026, 9, 1))}),
        "retiring",
        "2026-09-01",
        id="the catalogue announces the end",
    ),
    pytest.param(
        with_tier(ceiling_usd_per_task=0.0049),
        "ceiling",
        "costs $0.005 per task, above $0.0049",
        id="dear task",
    ),
    pytest.param(
        with_tier(ceiling_list_usd_per_mtok=1.9),
        "ceiling",
        "$2.00 per Mtok (3 input : 1 output), above $1.90",
        id="dear list price",
    ),
    pytest.param(
        with_tier(floor_elo_below_reference=40.0),
        "floor",
        "Its estimate is 10.0 Elo below the floor",
        id="below the floor",
    ),
    pytest.param(
        with_tier(floor_elo_below_reference=60.0, floor_probability=0.9),
        "floor",
        "Reaches the tier's floor with a probability of 69 %; the tier asks for 90 %. "
        "Its estimate is 10.0 Elo above the floor.",
        id="not surely above the floor",
    ),
]


@pytest.mark.parametrize(("made", "rule", "words"), CASES)
def test_a_variant_that_fails_a_rule_is_left_out_with_the_numbers(
    made: SelectionInput, rule: str, words: str
) -> None:
    found = standing(made)
    assert (found.verdict, found.rule) == ("excluded", rule)
    assert words in found.detail
    assert lineup(select(made).pool).get(TierName(TIER), ()) == ()


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(inputs([X]), id="as it is"),
        pytest.param(inputs([X], variants={X.id: variant(X, litellm=None)}), id="one of two routes"),
        pytest.param(with_tier(vendors_allowed=("vendor-of-x",)), id="allowed vendor"),
        pytest.param(with_tier(min_context_tokens=200_000), id="just enough context"),
        pytest.param(with_variant(retires_on=date(2026, 10, 15)), id="retires a day later"),
        pytest.param(with_tier(ceiling_usd_per_task=0.005), id="at the ceiling"),
        pytest.param(with_tier(ceiling_list_usd_per_mtok=2.0), id="at the list ceiling"),
        pytest.param(with_tier(floor_elo_below_reference=50.0), id="at the floor"),
        pytest.param(
            inputs(
                [X],
                profiles={X.id: Profile(variant=X.id, tools=True, vision=True)},
                policy=policy({TIER: tier(needs_tools=True, needs_vision=True)}),
            ),
            id="able",
        ),
        pytest.param(
            inputs(
                [X],
                variants={X.id: variant(X, open_weights=True)},
                policy=policy({TIER: tier(open_weights_only=True)}),
            ),
            id="open weights",
        ),
    ],
)
def test_a_variant_on_the_right_side_of_each_limit_is_a_member(made: SelectionInput) -> None:
    assert standing(made).verdict == "member"


def test_the_first_failing_rule_is_told_in_the_fixed_order() -> None:
    failing: list[tuple[str, dict[str, object]]] = [
        ("vendor", {"vendors_denied": ("vendor-of-x",)}),
        ("licence", {"open_weights_only": True}),
        ("context", {"min_context_tokens": 10**9}),
        ("tools", {"needs_tools": True}),
        ("vision", {"needs_vision": True}),
        ("ceiling", {"ceiling_usd_per_task": 0.001}),
        ("floor", {"floor_elo_below_reference": 0.0}),
    ]
    for first in range(len(failing)):
        changes = {key: value for _, change in failing[first:] for key, value in change.items()}
        assert standing(with_tier(**changes)).rule == failing[first][0]


def test_the_catalogue_s_context_goes_before_people_s_word() -> None:
    made = inputs(
        [X],
        profiles={X.id: Profile(variant=X.id, context_tokens=8_000)},
        policy=policy({TIER: tier(min_context_tokens=100_000)}),
    )
    assert standing(made).rule == "context"


def test_the_earlier_of_two_announced_ends_counts() -> None:
    ends = {"people": date(2026, 9, 1), "catalogue": date(2027, 9, 1)}
    for mine, theirs in (("people", "catalogue"), ("catalogue", "people")):
        profile = Profile(variant=X.id, retires_on=ends[theirs])
        known = {X.id: variant(X, retires_on=ends[mine])}
        assert standing(inputs([X], variants=known, profiles={X.id: profile})).rule == "retiring"


def test_a_poorly_fitting_index_has_a_floor_of_its_own() -> None:
    made = unmerged(index_elo=-60.0)
    found = standing(made)
    assert found.rule == "floor"
    assert "the tier's floor on aa/intelligence with a probability of < 1 %" in found.detail
    assert standing(unmerged(index_elo=10.0)).rule is None
    assert standing(unmerged(index_elo=-60.0, scale="aa-4.0")).rule is None, "no reference on that scale"


def unmerged(index_elo: float, scale: str = "aa-4.1") -> SelectionInput:
    """The reference is at 150 on both boards, x at `index_elo` on the index, which is not merged."""
    top = One(name="top", elo=150.0, usd=0.014)
    board = scoreboard([top, X])

    def on_index(elo: float) -> BoardScore:
        return BoardScore(
            metric=AA_INTELLIGENCE,
            scale="aa-4.1",
            published=50.0,
            theta=elo * LOGITS,
            se=0.01,
            votes=None,
            confirmed=True,
        )

    scores = {
        one.id: dataclasses.replace(
            board.scores[one.id], boards=(*board.scores[one.id].boards, on_index(elo))
        )
        for one, elo in ((top, 150.0), (X, index_elo))
    }
    fit = Fit(
        metric=AA_INTELLIGENCE, scale=scale, n=20, intercept=0.0, slope=1.0, r2=0.3, tau=0.05, merged=False
    )
    return inputs(
        [top, X],
        scoreboards={"general": dataclasses.replace(board, scores=scores, fits=(fit,), reference=(top.id,))},
    )


def test_prices_that_cost_nothing_have_no_logarithm_to_be_cheap_by() -> None:
    free = cost(dataclasses.replace(X, usd=0.0, listed=(100, 100)))
    board = scoreboard([X])
    scores = {X.id: dataclasses.replace(board.scores[X.id], cost=free)}
    assert (
        standing(inputs([X], scoreboards={"general": dataclasses.replace(board, scores=scores)})).rule
        == "price_zero"
    )
