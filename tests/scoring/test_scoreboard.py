"""Every variant ends with a score or a reason, whatever the order and the scale of the rows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import AA_USD_PER_TASK, MetricName, VariantId
from pipeline.domain.score import Cost, NoPrice, Scoreboard
from pipeline.errors import UsageError
from pipeline.scoring.quality.equate import LOGITS_PER_ELO
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import CatalogueOffer, Measure
    from pipeline.domain.policy import Policy
    from tests.scoring.conftest import Make


def scored(
    make: Make,
    policy: Policy,
    measures: Sequence[Measure],
    offers: Sequence[CatalogueOffer] = (),
    extra: str = "",
) -> Scoreboard:
    names = {str(measure.variant) for measure in measures} | set(extra.split())
    resolution = make.resolution(*measures, offers=tuple(offers))
    return score("general", resolution, make.crosswalk(*sorted(names)), policy)


def test_a_variant_on_both_boards_is_the_weighted_mean_of_both(make: Make, policy: Policy) -> None:
    board = scored(make, policy, make.twin_boards(20, wiggle=25))
    entry = board.scores[VariantId("m07")]
    arena, index = entry.boards
    tau = board.fits[0].tau
    w = [1 / (one.se**2 + tau**2) for one in (arena, index)]
    assert entry.theta == pytest.approx((w[0] * arena.theta + w[1] * index.theta) / sum(w))
    assert entry.sigma == pytest.approx(sum(w) ** -0.5)
    assert (arena.published, arena.votes) != (index.published, index.votes)
    assert entry.quality_low < entry.quality < entry.quality_high


def test_the_scoreboard_names_its_anchors_and_its_reference(make: Make, policy: Policy) -> None:
    board = scored(make, policy, make.twin_boards(20))
    assert board.evidence == "general"
    assert board.anchors == ("m00", "m01", "m02", "m03", "m04")
    best = sorted(board.scores.values(), key=lambda entry: -entry.theta)[:3]
    assert board.reference == tuple(entry.variant for entry in best)
    assert board.reference_theta == pytest.approx(sum(entry.theta for entry in best) / 3)
    assert board.scores[board.reference[1]].quality == pytest.approx(0.5, abs=0.01)


def test_a_variant_on_one_board_is_less_certain_than_on_both(make: Make, policy: Policy) -> None:
    measures = make.twin_boards(20, wiggle=25)
    both = scored(make, policy, measures).scores[VariantId("m07")]
    metric = both.boards[1].metric
    without = [m for m in measures if (m.variant, m.observation.metric) != ("m07", metric)]
    board = scored(make, policy, without)
    alone = board.scores[VariantId("m07")]
    assert alone.sigma > both.sigma
    assert alone.sigma == pytest.approx(math.hypot(both.sigma, alone.sigma_between), rel=0.1)


def test_a_week_without_the_second_board_is_less_certain_than_one_with_it(make: Make, policy: Policy) -> None:
    measures = make.twin_boards(20, wiggle=25)
    both = scored(make, policy, measures)
    alone = scored(make, policy, [m for m in measures if m.observation.metric.startswith("arena")])
    assert alone.fits == ()
    assert all(alone.scores[name].sigma > entry.sigma for name, entry in both.scores.items())


def test_a_variant_only_the_index_lists_is_scored_on_the_arena_scale(make: Make, policy: Policy) -> None:
    board = scored(make, policy, [*make.twin_boards(20), make.index("new", 80)])
    assert board.scores[VariantId("new")].theta == pytest.approx(board.fits[0].intercept + 0.5 * math.log(4))
    assert board.scores[VariantId("new")].confirmed


def test_without_an_arena_row_every_variant_is_unscored(make: Make, policy: Policy) -> None:
    board = scored(make, policy, [make.index("a", 40)], extra="b")
    assert (board.scores, board.anchors, board.anchor_rating, board.reference) == ({}, (), None, ())
    assert board.unscored[VariantId("a")].reason == "not_equated"
    assert board.unscored[VariantId("b")].reason == "no_score"
    assert board.unscored[VariantId("b")].detail == (
        "neither arena-text/overall nor aa/intelligence lists it this week"
    )


def test_boards_that_are_not_merged_rank_on_the_arena_and_keep_the_index_for_the_floor(
    make: Make, policy: Policy
) -> None:
    board = scored(make, policy, [*make.twin_boards(14), make.index("new", 80)])
    entry = board.scores[VariantId("m03")]
    assert not board.fits[0].merged
    assert entry.theta == pytest.approx(entry.boards[0].theta)
    assert [one.metric for one in entry.boards] == ["arena-text/overall", "aa/intelligence"]
    assert entry.sigma == pytest.approx(math.hypot(entry.boards[0].se, 25 * LOGITS_PER_ELO))
    assert board.unscored[VariantId("new")].reason == "not_equated"
    assert board.unscored[VariantId("new")].detail == (
        "only aa/intelligence 80 (aa-4.1), which is not on the Arena's scale (aa-4.1: 14 shared, R2 1.00)"
    )


def test_an_index_that_is_not_merged_confirms_nothing(make: Make, policy: Policy) -> None:
    fresh = [make.arena("m99", 1300, votes=100), make.index("m99", 50)]
    apart = scored(make, policy, [*make.twin_boards(13), *fresh])
    merged = scored(make, policy, [*make.twin_boards(20), *fresh])
    assert not apart.scores[VariantId("m99")].confirmed
    assert merged.scores[VariantId("m99")].confirmed


def test_index_versions_are_equated_each_on_its_own_and_never_mixed(make: Make, policy: Policy) -> None:
    """Version 4.1 reads every variant lower; a variant on both is not counted twice."""
    old, new = make.twin_boards(16), make.twin_boards(20, a=0.6)
    later = [
        replace(m, variant=VariantId(f"n{m.variant}"), observation=replace(m.observation, scale=scale))
        for m in new
        for scale in ["aa-4.2" if m.observation.metric == "aa/intelligence" else m.observation.scale]
    ]
    board = scored(make, policy, [*old, *later, make.index("m00", 30, scale="aa-4.2")])
    assert [(fit.scale, fit.n) for fit in board.fits] == [("aa-4.2", 20), ("aa-4.1", 16)]
    assert board.fits[0].intercept - board.fits[1].intercept == pytest.approx(0.4)
    twice = board.scores[VariantId("m00")]
    assert [one.scale for one in twice.boards[1:]] == ["aa-4.2", "aa-4.1"]
    used = [1 / (one.se**2 + board.fits[0].tau ** 2) for one in twice.boards[:2]]
    assert twice.sigma == pytest.approx(sum(used) ** -0.5)


def test_arena_rows_of_another_scale_are_not_used(make: Make, policy: Policy) -> None:
    odd = make.arena("odd", 1900)
    odd = replace(odd, observation=replace(odd.observation, scale="v0"))
    board = scored(make, policy, [*make.twin_boards(20), odd])
    assert board.unscored[VariantId("odd")].reason == "not_equated"
    assert board.unscored[VariantId("odd")].detail.startswith("only arena-text/overall 1900 (v0)")


def test_few_votes_or_an_estimate_confirm_nothing(make: Make, policy: Policy) -> None:
    estimated = make.index("guess", 60)
    estimated = replace(estimated, observation=replace(estimated.observation, estimated=True))
    rows = [make.arena("few", 1900, votes=999), make.arena("some", 1300, votes=1000)]
    unvoted = make.arena("unvoted", 1900, votes=None)
    board = scored(make, policy, [*make.twin_boards(20), *rows, unvoted, estimated])
    confirmed = {
        name: board.scores[VariantId(name)].confirmed for name in ("few", "some", "unvoted", "guess")
    }
    assert confirmed == {"few": False, "some": True, "unvoted": False, "guess": False}
    assert "few" not in board.reference


def test_a_published_dollar_total_beats_the_ladder_and_a_missing_price_beats_neither(
    make: Make, policy: Policy
) -> None:
    measures = [make.arena("a@high", 1400), make.arena("b@high", 1300), make.arena("c", 1200)]
    paid = [
        make.index("a@high", 0.09, metric=AA_USD_PER_TASK),
        make.index("b@high", 0, metric=AA_USD_PER_TASK),
    ]
    offers = [*make.offers("a@high", 2, 10), *make.offers("b@high", 2, 10)]
    board = scored(make, policy, [*measures, *paid], offers)
    a, b, c = (board.scores[VariantId(name)].cost for name in ("a@high", "b@high", "c"))
    assert isinstance(a, Cost)
    assert isinstance(b, Cost)
    assert (a.grade, b.grade) == ("2b", "3b")
    assert a.usd_per_task == pytest.approx(5 * 0.009)
    assert isinstance(c, NoPrice)
    assert c.reason == "price_unknown"


def test_an_estimated_dollar_total_is_no_measurement(make: Make, policy: Policy) -> None:
    paid = make.index("a", 0.09, metric=AA_USD_PER_TASK)
    guess = replace(paid, observation=replace(paid.observation, estimated=True))
    board = scored(make, policy, [make.arena("a", 1400), guess], make.offers("a", 2, 10))
    cost = board.scores[VariantId("a")].cost
    assert isinstance(cost, Cost)
    assert cost.grade == "3b"


def test_a_judged_price_serves_every_effort_of_its_release(make: Make, policy: Policy) -> None:
    crosswalk = make.crosswalk("a@low", "a@high", prices=(make.judged("a", 3, 12, None),))
    resolution = make.resolution(make.arena("a@low", 1300), make.arena("a@high", 1350))
    costs = {name: s.cost for name, s in score("general", resolution, crosswalk, policy).scores.items()}
    assert all(isinstance(cost, Cost) for cost in costs.values())
    assert costs[VariantId("a@low")] != costs[VariantId("a@high")]


def test_an_evidence_the_policy_does_not_define_is_named(make: Make, policy: Policy) -> None:
    with pytest.raises(UsageError, match="no evidence 'coding', only general") as caught:
        score("coding", make.resolution(), make.crosswalk(), policy)
    assert "[evidence.coding]" in caught.value.hint


def test_a_measure_of_a_variant_nobody_listed_is_named(make: Make, policy: Policy) -> None:
    with pytest.raises(UsageError, match="a measure names ghost") as caught:
        score("general", make.resolution(make.arena("ghost", 1300)), make.crosswalk("a"), policy)
    assert "data/crosswalk/variants.csv" in caught.value.hint


def test_another_evidence_reads_other_boards(make: Make, policy: Policy) -> None:
    webdev = policy.evidence["general"].model_copy(update={"arena": "arena-webdev/overall"})
    both = policy.model_copy(update={"evidence": {**policy.evidence, "coding": webdev}})
    row = make.arena("a", 1500)
    row = replace(row, observation=replace(row.observation, metric=MetricName("arena-webdev/overall")))
    resolution = make.resolution(row, make.arena("b", 1300))
    crosswalk = make.crosswalk("a", "b")
    assert set(score("coding", resolution, crosswalk, both).scores) == {"a"}
    assert set(score("general", resolution, crosswalk, both).scores) == {"b"}
