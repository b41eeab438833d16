"""Fields, names and money: one strict reader each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.parsing.fields import (
    FieldError,
    confusable_keys,
    is_plain,
    number,
    plain_or_none,
    text,
    value_text,
    whole_number,
)
from pipeline.sources.parsing.prices import DEAREST_USD_PER_MTOK, from_number, from_text


@pytest.mark.parametrize(
    "value", [True, "1e3", "", None, [], {}, float("inf"), float("nan"), 2**60, -(2**400)]
)
def test_only_a_finite_json_number_is_a_number(value: object) -> None:
    with pytest.raises(FieldError, match="`x` should be a number"):
        number({"x": value}, "x")


def test_a_whole_number_may_be_written_as_a_float() -> None:
    assert whole_number({"x": 2740.0}, "x") == 2740
    with pytest.raises(FieldError, match="should be a whole number"):
        whole_number({"x": 0.5}, "x")


@pytest.mark.parametrize("value", ["", "  ", 7, None])
def test_blank_text_is_no_text(value: object) -> None:
    with pytest.raises(FieldError, match="should be text"):
        text({"x": value}, "x")


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5)
)
def test_a_shown_value_is_one_short_line_of_ascii(value: object) -> None:
    line = value_text(value)
    assert line.isascii()
    assert "\n" not in line
    assert len(line) < 700


@pytest.mark.parametrize(
    "name",
    [
        "gpt-5.5 (xhigh)",
        "Qwen2.5 Coder Instruct 7B ",
        "~anthropic/claude-haiku-latest",
        "gpt-5.3-codex (codex-harness)",
        "Command A+",
        "Baidu: ERNIE 4.5 VL 424B A47B ",
        "a[low]",
    ],
)
def test_real_names_are_plain(name: str) -> None:
    assert is_plain(name)


@pytest.mark.parametrize(
    "name",
    ["", "x" * 121, "a\nb", "gpt\u200b", "\u0430-model", "=1+1|x", "<b>", "a\x1b[0m", "{{x}}", "a`b", "a\\b"],
)
def test_markup_controls_and_lookalikes_are_not_plain(name: str) -> None:
    assert not is_plain(name)
    assert plain_or_none(name) is None


def test_twins_name_each_other() -> None:
    assert confusable_keys([("a", "GPT-5"), ("b", "gpt-5"), ("c", "gpt-5 "), ("d", "other")]) == {
        "a": "gpt-5",
        "b": "GPT-5",
        "c": "GPT-5",
    }


@given(st.integers(min_value=0, max_value=DEAREST_USD_PER_MTOK * 10**6))
def test_a_json_price_is_read_to_the_micro_dollar(amount: int) -> None:
    assert from_number({"p": float(Decimal(amount) / 10**6)}, "p") == amount


@pytest.mark.parametrize("value", [-0.01, 10_000.01, 1e308])
def test_a_price_outside_belief_is_refused(value: float) -> None:
    with pytest.raises(FieldError, match="outside 0 to 10000"):
        from_number({"p": value}, "p")


@pytest.mark.parametrize("value", ["1,5", "0x1", "\u0661", "1e999", "1e", ".5", "+1", " 1", "1" * 40])
def test_a_price_text_is_a_plain_decimal(value: str) -> None:
    with pytest.raises(FieldError):
        from_text({"p": value}, "p", tokens=1)


def test_scientific_notation_is_a_decimal_too() -> None:
    assert from_text({"p": "5e-08"}, "p", tokens=1) == 50_000
