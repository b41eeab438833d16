"""Readings mixed cause by cause: each cause takes its own rows and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations

import pytest

from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    AA_USD_PER_TASK,
    MetricName,
    Sha256,
    SourceKey,
    SourceModelName,
    SourceName,
)
from pipeline.domain.observation import Entry, Observation, Price, Reading
from pipeline.domain.pool import Cause
from pipeline.scoring.counterfactual import partial_update

SOURCE, SHA = SourceName("artificial-analysis"), Sha256("0" * 64)
CAUSES = (Cause.SCALE, Cause.SCORE, Cause.NEW, Cause.PRICE)


def row(key: str, value: float, metric: MetricName = AA_INTELLIGENCE, scale: str = "aa-4.0") -> Observation:
    return Observation(
        source=SOURCE,
        key=SourceKey(key),
        name=SourceModelName(key),
        metric=metric,
        scale=scale,
        value=value,
        low=None,
        high=None,
        votes=None,
        observed_on=date(2026, 8, 15),
        capture=SHA,
    )


def price(key: str, amount: int) -> Price:
    return Price(
        source=SOURCE,
        key=SourceKey(key),
        name=SourceModelName(key),
        input_microusd_per_mtok=amount,
        output_microusd_per_mtok=amount,
        cache_read_microusd_per_mtok=None,
        observed_on=date(2026, 8, 15),
        capture=SHA,
    )


def reading(*rows: Observation, prices: tuple[Price, ...] = (), scale: str = "aa-4.0") -> Reading:
    keys = dict.fromkeys([*(one.key for one in rows), *(one.key for one in prices)])
    return Reading(
        source=SOURCE,
        scale=scale,
        published_on=None,
        fetched_at=datetime(2026, 8, 15, tzinfo=UTC),
        captures=(SHA,),
        observations=rows,
        prices=prices,
        entries=tuple(Entry(source=SOURCE, key=key, name=SourceModelName(key)) for key in keys),
    )


BEFORE = reading(
    row("a", 40),
    row("b", 30),
    row("gone", 20),
    row("a", 0.5, AA_USD_PER_TASK),
    prices=(price("a", 10), price("gone", 7)),
)
NOW = reading(
    row("a", 44),
    row("b", 30),
    row("came", 50),
    row("a", 0.7, AA_USD_PER_TASK),
    prices=(price("a", 20), price("came", 9)),
)


def values(mixed: tuple[Reading, ...]) -> dict[tuple[str, str], float]:
    rows = {(one.key, one.metric): one.value for one in mixed[0].observations}
    return rows | {(one.key, "price"): float(one.input_microusd_per_mtok or 0) for one in mixed[0].prices}


@pytest.mark.parametrize(
    ("cause", "moved"),
    [
        (Cause.SCALE, {}),
        (Cause.SCORE, {("a", AA_INTELLIGENCE): 44.0}),
        (Cause.PRICE, {("a", AA_USD_PER_TASK): 0.7, ("a", "price"): 20.0}),
    ],
)
def test_a_cause_takes_its_own_rows(cause: Cause, moved: dict[tuple[str, str], float]) -> None:
    assert values(partial_update([BEFORE], [NOW], {cause})) == values((BEFORE,)) | moved


def test_new_data_brings_names_and_takes_them() -> None:
    found = values(partial_update([BEFORE], [NOW], {Cause.NEW}))
    assert found[("a", AA_INTELLIGENCE)] == 40.0
    assert {key for key, _ in found} == {"a", "b", "came"}


def test_on_another_scale_values_come_with_the_scale_and_not_with_the_score() -> None:
    rescaled = replace(
        NOW, scale="aa-4.1", observations=tuple(replace(one, scale="aa-4.1") for one in NOW.observations)
    )
    kept = partial_update([BEFORE], [rescaled], {Cause.SCORE})
    assert values(kept) == values((BEFORE,))
    taken = partial_update([BEFORE], [rescaled], {Cause.SCALE})
    assert {one.scale for one in taken[0].observations} == {"aa-4.1"}
    assert values(taken)["a", AA_INTELLIGENCE] == 44.0


def test_none_of_the_causes_is_the_past_and_all_of_them_are_now() -> None:
    for other in (
        NOW,
        replace(
            NOW, scale="aa-4.1", observations=tuple(replace(one, scale="aa-4.1") for one in NOW.observations)
        ),
    ):
        assert values(partial_update([BEFORE], [other], ())) == values((BEFORE,))
        assert partial_update([BEFORE], [other], CAUSES) == (other,)
    for some in combinations(CAUSES, 2):
        assert partial_update([NOW], [NOW], some) == (NOW,)


def test_a_source_that_came_or_went_is_new_data() -> None:
    assert partial_update([], [NOW], {Cause.SCORE, Cause.PRICE, Cause.SCALE}) == ()
    assert partial_update([], [NOW], {Cause.NEW}) == (NOW,)
    assert partial_update([BEFORE], [], {Cause.NEW}) == ()
    assert partial_update([BEFORE], [], {Cause.SCORE}) == (BEFORE,)
