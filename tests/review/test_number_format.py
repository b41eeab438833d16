"""Numbers and names as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.calendar import moment_text, read_moment
from pipeline.domain.escape import escape_name, escape_text
from pipeline.domain.pool import Cause, PriceLine
from pipeline.review.pages import number_format
from pipeline.review.pages.change_links import CAUSES
from pipeline.review.pages.page import code, sentence


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0.00123456", "$0.00123"),
        ("0.0012", "$0.0012"),
        ("0", "$0"),
        ("0.0000", "$0"),
        ("0.000000045678", "$0.0000000457"),
        ("12.345", "$12.3"),
        ("1234.5", "$1,234"),
        (None, "unknown"),
    ],
)
def test_dollars_have_three_significant_digits(amount: str | None, said: str) -> None:
    assert number_format.usd(amount) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("0.004346", "0.023006", "$0.0043 to 0.023"),
        ("0.000066", "0.000350", "$0.000066 to 0.00035"),
        ("1.04", "1.96", "$1 to 2"),
        (None, "0.1", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_an_interval_of_dollars_has_two_significant_digits(
    low: str | None, high: str | None, said: str
) -> None:
    assert number_format.usd_span(low, high) == said


@pytest.mark.parametrize(
    ("cached", "said"),
    [(2_800, "$0.0028 instead of $0.14"), (None, "as input ($0.14), no source states a price of its own")],
)
def test_cached_input_is_said_with_what_it_is_billed_at(cached: int | None, said: str) -> None:
    price = PriceLine(
        input_microusd_per_mtok=140_000,
        output_microusd_per_mtok=280_000,
        cache_read_microusd_per_mtok=cached,
        sources=("a", "b"),
        note="",
    )
    assert number_format.cached_price(price) == said


@pytest.mark.parametrize(("per_usd", "said"), [("312.5", "312"), ("12345.6", "12,346"), (None, "unknown")])
def test_answers_per_dollar_are_grouped(per_usd: str | None, said: str) -> None:
    assert number_format.answers(per_usd) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ("0.4831", "48 %"),
        ("0.9999", "> 99 %"),
        ("0.0001", "< 1 %"),
        ("1", "100 %"),
        ("0.0000", "0 %"),
        (None, "unknown"),
    ],
)
def test_only_certainty_is_called_certain(share: str | None, said: str) -> None:
    assert number_format.percent(share) == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("0.0021", "0.0012", "$0.0021 → $0.0012 per task (-43 %)"),
        ("0.0010", "0.0020", "$0.001 → $0.002 per task (+100 %)"),
        (None, "0.0020", "$0.002 per task"),
        ("0", "0.0020", "$0.002 per task"),
        ("0.0021", None, "was $0.0021 per task"),
        (None, None, "cost unknown"),
    ],
)
def test_a_cost_effect_says_both_sides(before: str | None, after: str | None, said: str) -> None:
    assert number_format.cost_effect(before, after) == said


def test_an_entrant_s_cost_names_whom_it_replaces() -> None:
    said = number_format.cost_effect("0.0021", "0.0012", "old-1@none")
    assert said == "instead of old-1@none: $0.0021 → $0.0012 per task (-43 %)"


def test_intervals_and_ranks_say_what_is_missing() -> None:
    assert number_format.span("0.44", "0.531") == "44 to 53 %"
    assert number_format.span(None, "0.5") == "unknown"
    assert [
        number_format.ranks(1, 3),
        number_format.ranks(2, 2),
        number_format.ranks(0, 0),
        number_format.ranks(None, None),
    ] == [
        "1 to 3",
        "2",
        "never",
        "unknown",
    ]


def test_every_cause_has_words() -> None:
    assert set(CAUSES) == set(Cause)


@given(text=st.text())
def test_markdown_of_any_text_is_printable(text: str) -> None:
    assert sentence(escape_text(text)).isprintable()
    assert code(escape_name(text)).isprintable()


@given(one=st.text(max_size=8), two=st.text(max_size=8))
def test_two_different_names_never_look_alike_in_markdown(one: str, two: str) -> None:
    assert (code(escape_name(one)) == code(escape_name(two))) is (one == two)


def test_a_moment_is_read_back(now: datetime) -> None:
    assert read_moment(moment_text(now)) == now
    east = now.astimezone(timezone(timedelta(hours=5)))
    assert moment_text(east) == "2026-08-15T12:00:00Z"
    with pytest.raises(ValueError, match="naive"):
        moment_text(datetime(2026, 8, 15, tzinfo=UTC).replace(tzinfo=None))


def test_a_backtick_is_told_from_its_spelling() -> None:
    assert code(escape_name("`")) != code(escape_name(r"\u0060"))
