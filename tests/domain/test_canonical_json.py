"""One value has one byte string, on every machine."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.document import canonical_json, decimal_text, sha256_hex

if TYPE_CHECKING:
    from pydantic import JsonValue

ascii_text = st.text(st.characters(codec="ascii"), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8"), max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ascii_text, inner, max_size=4),
    max_leaves=12,
)


def reordered(value: JsonValue) -> JsonValue:
    """The same value with every object's keys in the opposite order."""
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(list(value))}
    if isinstance(value, list):
        return [reordered(item) for item in value]
    return value


@given(value=values)
def test_canonical_bytes_read_back_as_the_same_value(value: JsonValue) -> None:
    assert json.loads(canonical_json(value)) == value


@given(value=values)
def test_the_order_in_which_keys_were_set_does_not_show(value: JsonValue) -> None:
    assert canonical_json(reordered(value)) == canonical_json(value)


def test_the_bytes_are_those_of_rfc_8785() -> None:
    value: JsonValue = {"b": [1, True, None], "a": 'ü"\\\n\x1f\x7f/', "B": {}}
    assert canonical_json(value) == '{"B":{},"a":"ü\\"\\\\\\n\\u001f\x7f/","b":[1,true,null]}'.encode()


@pytest.mark.parametrize("number", [0.0, 1.5, math.nan, math.inf, 2**53 + 1, -(2**53) - 1])
@pytest.mark.parametrize("depth", ["top", "list", "object"])
def test_a_number_that_machines_may_print_differently_is_refused(number: float, depth: str) -> None:
    shapes: dict[str, JsonValue] = {"top": number, "list": [1, [number]], "object": {"a": {"b": number}}}
    place = {"top": r"\$: ", "list": r"\$\[1\]\[0\]: ", "object": r"\$\.a\.b: "}[depth]
    with pytest.raises(ValueError, match=place):
        canonical_json(shapes[depth])


def test_the_largest_exact_integers_are_kept() -> None:
    assert canonical_json([2**53, -(2**53)]) == b"[9007199254740992,-9007199254740992]"


def test_a_key_outside_ascii_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\$\.a: key 'ü' is outside ASCII"):
        canonical_json({"a": {"ü": 1}})


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical_json("\ud800")


@given(value=st.floats(-1e9, 1e9), places=st.integers(0, 9))
def test_a_decimal_text_is_within_half_a_step_and_never_minus_zero(value: float, places: int) -> None:
    text = decimal_text(value, places)
    assert abs(float(text) - value) <= 0.5 * 10**-places + 1e-6 * abs(value)
    assert len(text.partition(".")[2]) == places
    assert not (text.startswith("-") and float(text) == 0)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(-0.0, 2, "0.00"), (-0.004, 2, "0.00"), (-0.006, 2, "-0.01"), (1, 0, "1"), (0.1 + 0.2, 4, "0.3000")],
)
def test_a_decimal_text_has_its_count_of_decimals(value: float, places: int, text: str) -> None:
    assert decimal_text(value, places) == text


def test_a_digest_is_sha256_in_lower_case_hex() -> None:
    assert sha256_hex(b"abc") == hashlib.sha256(b"abc").hexdigest()
    assert sha256_hex(b"").startswith("e3b0c442")
