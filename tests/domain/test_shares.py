"""Shares between 0 and 1 as people read them."""

from __future__ import annotations

import pytest

from pipeline.domain.shares import percent, percent_apart


@pytest.mark.parametrize(
    ("share", "said"),
    [("0.805", "80 %"), ("0.815", "82 %"), ("0", "0 %"), ("1.000", "100 %"), ("0.004", "< 1 %")],
)
def test_a_share_is_rounded_half_to_even_and_certain_only_at_its_ends(share: str, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("share", "other", "said"),
    [
        (0.264, 0.5, ("26 %", "50 %")),
        (1e-30, 0.5, ("< 1 %", "50 %")),
        (0.4996, 0.5, ("49.96 %", "50.00 %")),
        (0.5, 0.5, ("50.0000 %", "50.0000 %")),
    ],
)
def test_two_shares_that_differ_never_read_alike(share: float, other: float, said: tuple[str, str]) -> None:
    assert percent_apart(share, other) == said
