"""Faults put into real readings; each returns the faulty reading, or None where it cannot be put in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.domain.ids import Sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pipeline.domain.observation import Observation, Price, Reading
    from tests.faults.real_weeks import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of a whole source and the kinds of finding that name it."""

    name: str
    kinds: tuple[str, ...]
    put: Callable[[Step], Reading | None]


def _only(reading: Reading, keys: Collection[str]) -> Reading:
    return replace(
        reading,
        entries=tuple(one for one in reading.entries if one.key in keys),
        observations=tuple(one for one in reading.observations if one.key in keys),
        prices=tuple(one for one in reading.prices if one.key in keys),
    )


def _part(share: float) -> Callable[[Step], Reading]:
    """Every n-th name, so that the best are among those that stay."""

    def put(step: Step) -> Reading:
        keys = [entry.key for entry in step.now.entries]
        every = round(1 / share)
        return _only(step.now, set(keys[::every]))

    return put


def _top(step: Step) -> Reading:
    rated = [one.key for one in sorted(step.now.observations, key=lambda one: -one.value)]
    best = rated or [one.key for one in step.now.prices]
    return _only(step.now, set(list(dict.fromkeys(best))[:20]))


def _no_main(step: Step) -> Reading | None:
    main = [metric for metric in step.expectation.coverage if "/" in metric]
    if not main:
        return None
    rest = tuple(one for one in step.now.observations if one.metric not in main)
    return replace(step.now, observations=rest)


def _on_observations(change: Callable[[Observation], Observation]) -> Callable[[Step], Reading | None]:
    def put(step: Step) -> Reading | None:
        changed = replace(step.now, observations=tuple(map(change, step.now.observations)))
        return None if changed == step.now else changed

    return put


def _on_prices(change: Callable[[Price], Price]) -> Callable[[Step], Reading | None]:
    def put(step: Step) -> Reading | None:
        changed = replace(step.now, prices=tuple(map(change, step.now.prices)))
        return None if changed == step.now else changed

    return put


def _times(price: Price, factor: float, *, output: float | None = None) -> Price:
    def scaled(amount: int | None, by: float) -> int | None:
        return None if amount is None else round(amount * by)

    return replace(
        price,
        input_microusd_per_mtok=scaled(price.input_microusd_per_mtok, factor),
        output_microusd_per_mtok=scaled(price.output_microusd_per_mtok, factor if output is None else output),
        cache_read_microusd_per_mtok=scaled(price.cache_read_microusd_per_mtok, factor),
    )


def _swapped(price: Price) -> Price:
    return replace(
        price,
        input_microusd_per_mtok=price.output_microusd_per_mtok,
        output_microusd_per_mtok=price.input_microusd_per_mtok,
    )


def _moved(by: float, *, every: int = 1) -> Callable[[Step], Reading | None]:
    def put(step: Step) -> Reading | None:
        if step.now.scale != step.last.scale or not step.now.observations:
            return None
        size = 1.0 if step.now.source == "artificial-analysis" else 10.0
        moved = [
            replace(
                one,
                value=one.value + by * size,
                low=None if one.low is None else one.low + by * size,
                high=None if one.high is None else one.high + by * size,
            )
            if place % every == 0
            else one
            for place, one in enumerate(step.now.observations)
        ]
        return replace(step.now, observations=tuple(moved))

    return put


def _older(step: Step) -> Reading | None:
    if step.last.published_on is None:
        return None
    past = step.last.published_on - timedelta(days=7)
    return replace(step.now, published_on=past, captures=(Sha256("e" * 64),))


def _twice(share: float) -> Callable[[Step], Reading]:
    def put(step: Step) -> Reading:
        now = step.now
        return replace(
            now,
            observations=(*now.observations, *now.observations[: int(len(now.observations) * share) + 1]),
            prices=(*now.prices, *now.prices[: int(len(now.prices) * share) + 1]),
            entries=(*now.entries, *now.entries[: int(len(now.entries) * share) + 1]),
        )

    return put


_EMPTY = ("low-coverage", "coverage-drop")
FAULTS = (
    Fault(name="half of the board", kinds=("vanished",), put=_part(0.5)),
    Fault(name="a fifth of the board", kinds=("vanished",), put=_part(0.2)),
    Fault(name="the top 20 only", kinds=("vanished",), put=_top),
    Fault(name="main score nulled", kinds=_EMPTY, put=_no_main),
    Fault(name="votes nulled", kinds=_EMPTY, put=_on_observations(lambda one: replace(one, votes=None))),
    Fault(
        name="interval nulled",
        kinds=_EMPTY,
        put=_on_observations(lambda one: replace(one, low=None, high=None)),
    ),
    Fault(
        name="input price nulled",
        kinds=_EMPTY,
        put=_on_prices(lambda one: replace(one, input_microusd_per_mtok=None)),
    ),
    Fault(
        name="output price nulled",
        kinds=_EMPTY,
        put=_on_prices(lambda one: replace(one, output_microusd_per_mtok=None)),
    ),
    Fault(name="scale up", kinds=("scale-shift",), put=_moved(2.3)),
    Fault(name="scale down", kinds=("scale-shift",), put=_moved(-6.3)),
    Fault(name="half rescored", kinds=("rows-moved", "scale-shift"), put=_moved(2.3, every=2)),
    Fault(name="price x1e3", kinds=("unit-slip",), put=_on_prices(lambda one: _times(one, 1e3))),
    Fault(name="price x1e-3", kinds=("unit-slip",), put=_on_prices(lambda one: _times(one, 1e-3))),
    Fault(
        name="price x1e-6", kinds=("price-zero", "unit-slip"), put=_on_prices(lambda one: _times(one, 1e-6))
    ),
    Fault(name="price all zero", kinds=("price-zero",), put=_on_prices(lambda one: _times(one, 0))),
    Fault(name="price x1.5", kinds=("price-shift",), put=_on_prices(lambda one: _times(one, 1.5))),
    Fault(
        name="output x3 only", kinds=("price-shift",), put=_on_prices(lambda one: _times(one, 1, output=3))
    ),
    Fault(name="input and output swapped", kinds=("price-swap",), put=_on_prices(_swapped)),
    Fault(name="an older publish", kinds=("older",), put=_older),
    Fault(name="one row twice", kinds=("duplicate-row",), put=_twice(0)),
    Fault(name="all rows twice", kinds=("duplicate-row",), put=_twice(1)),
)
"""Every fault of a whole source. Exchanging context for nothing and the like is in the coverage tests."""
