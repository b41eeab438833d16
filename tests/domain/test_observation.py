"""What cannot be a measurement or a price cannot be constructed."""

from __future__ import annotations

import hashlib
import math
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import LMARENA_TEXT, OPENROUTER, Sha256, SourceKey, SourceModelName, arena_metric
from pipeline.domain.observation import Capture, Observation, Price

DAY = date(2026, 8, 13)


def observed(
    value: float, low: float | None = None, high: float | None = None, votes: int | None = None
) -> Observation:
    """An observation of this value."""
    return Observation(
        source=LMARENA_TEXT,
        key=SourceKey("sol"),
        name=SourceModelName("sol"),
        metric=arena_metric("text", "overall"),
        scale="text",
        value=value,
        low=low,
        high=high,
        votes=votes,
        observed_on=DAY,
        capture=Sha256("0" * 64),
    )


def priced(*amounts: int | None) -> Price:
    """A price of these amounts: input, output, cache read."""
    return Price(
        source=OPENROUTER,
        key=SourceKey("sol"),
        name=SourceModelName("sol"),
        input_microusd_per_mtok=amounts[0],
        output_microusd_per_mtok=amounts[1],
        cache_read_microusd_per_mtok=amounts[2],
        observed_on=DAY,
        capture=Sha256("0" * 64),
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_or_bound_that_is_not_finite_is_refused(bad: float) -> None:
    for numbers in ((bad, None, None), (1.0, bad, None), (1.0, None, bad)):
        with pytest.raises(ValueError, match="sol: arena-text/overall is "):
            observed(*numbers)


@given(low=st.floats(-2000, 2000), value=st.floats(-2000, 2000), high=st.floats(-2000, 2000))
def test_a_value_lies_within_its_interval_or_is_refused(low: float, value: float, high: float) -> None:
    if low <= value <= high:
        assert observed(value, low, high).value == value
    else:
        with pytest.raises(ValueError, match="is outside"):
            observed(value, low, high)


def test_one_bound_alone_is_taken_as_it_is() -> None:
    assert observed(1.0, low=2.0).low == 2.0


def test_negative_votes_are_refused_and_none_are_not() -> None:
    with pytest.raises(ValueError, match="-1 votes"):
        observed(1.0, votes=-1)
    assert observed(1.0, votes=0).votes == 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_negative_price_is_refused_on_every_billed_axis(place: int) -> None:
    amounts: list[int | None] = [1, 1, 1]
    amounts[place] = -1
    with pytest.raises(ValueError, match="price -1 microusd per Mtok"):
        priced(*amounts)


def test_an_unknown_price_and_a_stated_zero_are_kept_apart() -> None:
    assert priced(None, 0, None) != priced(0, 0, None)


def test_a_value_does_not_change_once_made() -> None:
    with pytest.raises(FrozenInstanceError):
        observed(1.0).value = 2.0  # type: ignore[misc] # the test is that this fails


def test_a_capture_is_named_by_the_digest_of_its_bytes() -> None:
    capture = Capture(
        source=OPENROUTER, url="file:x", fetched_at=datetime(2026, 8, 15, tzinfo=UTC), status=200, body=b"x"
    )
    assert capture.sha256 == hashlib.sha256(b"x").hexdigest()
