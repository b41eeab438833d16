"""Mixes two readings of a source: what some causes moved is as it is now, everything else as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pipeline.domain.ids import AA_USD_PER_TASK
from pipeline.domain.pool import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pipeline.domain.observation import Observation, Price, Reading

Row = TypeVar("Row")


def partial_update(
    before: Sequence[Reading], now: Sequence[Reading], causes: Collection[Cause]
) -> tuple[Reading, ...]:
    """Return the readings as if only some causes had moved since an earlier run.

    Args:
        before: What the earlier run used, one reading a source.
        now: What this run uses.
        causes: `scale` takes the rows of a metric that is published on another scale; `score` the values of
            names that both have on one scale; `price` the prices of names that both have, and what their
            tasks cost; `new` whatever else differs: names that came or went, and what is said of them. With
            all four, what comes out says what `now` says.
    """
    past, today = ({one.source: one for one in readings} for readings in (before, now))
    mixed = []
    for source in dict.fromkeys((*today, *past)):
        old, new = past.get(source), today.get(source)
        if old is not None and new is not None:
            mixed.append(new if old == new else _mixed(old, new, causes))
        elif (one := new if Cause.NEW in causes else old) is not None:
            mixed.append(one)
    return tuple(mixed)


def _mixed(old: Reading, new: Reading, causes: Collection[Cause]) -> Reading:
    rescaled, listed = (
        _rescaled(old, new),
        {one.key for one in old.entries} & {one.key for one in new.entries},
    )

    def cause_of_row(was: Observation | None, row: Observation | None) -> Cause:
        if was is not None and was.metric in rescaled:
            return Cause.SCALE
        if was is None or row is None:
            return Cause.NEW
        return Cause.PRICE if row.metric == AA_USD_PER_TASK else Cause.SCORE

    def cause_of_price(was: Price | None, price: Price | None) -> Cause:
        both = was is not None and price is not None
        return Cause.PRICE if both or {one.key for one in (was, price) if one} & listed else Cause.NEW

    return replace(
        new if Cause.NEW in causes else old,
        scale=new.scale if Cause.SCALE in causes else old.scale,
        observations=_chosen(
            {(one.key, one.metric): one for one in old.observations},
            {(one.key, one.metric): one for one in new.observations},
            lambda was, row: cause_of_row(was, row) in causes,
        ),
        prices=_chosen(
            {(one.key, one.note): one for one in old.prices},
            {(one.key, one.note): one for one in new.prices},
            lambda was, price: cause_of_price(was, price) in causes,
        ),
    )


def _rescaled(old: Reading, new: Reading) -> frozenset[str]:
    """Name the metrics that both have, on other scales."""
    before, now = ({(one.metric, one.scale) for one in reading.observations} for reading in (old, new))
    both = {metric for metric, _ in before} & {metric for metric, _ in now}
    return frozenset(metric for metric, _ in before ^ now if metric in both)


def _chosen(
    before: Mapping[tuple[str, str], Row],
    now: Mapping[tuple[str, str], Row],
    moved: Callable[[Row | None, Row | None], bool],
) -> tuple[Row, ...]:
    """Take each row as it is now where its cause moved, else as it was; either may be absent."""
    rows = (
        (now if moved(before.get(place), now.get(place)) else before).get(place)
        for place in dict.fromkeys((*now, *before))
    )
    return tuple(row for row in rows if row is not None)
