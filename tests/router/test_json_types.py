"""Each reader takes its own form and nothing that merely looks like it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.router import json_types

if TYPE_CHECKING:
    from pipeline.router.json_types import Reader

EVERY: dict[str, Reader[object]] = {
    "name": json_types.name,
    "route": json_types.route,
    "slug": json_types.slug,
    "digest": json_types.digest,
    "week": json_types.week,
    "moment": json_types.moment,
    "environment_name": json_types.environment_name,
    "prose": json_types.free_text,
    "count": json_types.count,
    "decimal": json_types.decimal,
    "share": json_types.share,
    "flag": json_types.flag,
    "day": json_types.day,
    "sequence": json_types.sequence,
    "names": json_types.names,
    "mapping": json_types.mapping,
}

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.sampled_from("a0.-W@ \n\u0661é"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=5,
)


@pytest.mark.parametrize("read", EVERY.values(), ids=EVERY.keys())
@given(value=anything)
def test_a_reader_returns_or_refuses_with_the_place(read: Reader[object], value: object) -> None:
    try:
        read(value, "$.place")
    except RefusedError as error:
        assert str(error).startswith("$.place")  # noqa: PT017 - both outcomes are fine, a third is not


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (json_types.name, "gpt-5.6-sol@high", "gpt-5.6-sol@high"),
        (json_types.name, "Z", "Z"),
        (json_types.route, "bedrock/arn:aws:x::y/z:0", "bedrock/arn:aws:x::y/z:0"),
        (json_types.count, 2**53, 2**53),
        (json_types.decimal, "-0.0010", Decimal("-0.0010")),
        (json_types.share, "1.00", Decimal(1)),
        (json_types.day, "2028-02-29", date(2028, 2, 29)),
        (json_types.free_text, "prices © of 1 May ☃", "prices © of 1 May ☃"),
        (json_types.names, ["a", "b c"], ("a", "b c")),
    ],
)
def test_good_values_are_read(read: Reader[object], value: object, expected: object) -> None:
    assert read(value, "$") == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (json_types.name, ""),
        (json_types.name, " padded"),
        (json_types.name, "padded "),
        (json_types.name, "x" * 201),
        (json_types.name, "gpt\u20105"),
        (json_types.name, "a\nb"),
        (json_types.name, "a\n"),
        (json_types.route, "two words"),
        (json_types.route, "os.environ/OPENAI_API_KEY"),
        (json_types.slug, "../v1"),
        (json_types.slug, "-x"),
        (json_types.digest, "AB" * 32),
        (json_types.digest, "ab" * 31),
        (json_types.week, "2026-W3"),
        (json_types.moment, "2026-08-15 12:00:00Z"),
        (json_types.environment_name, "KEY;rm"),
        (json_types.environment_name, "1KEY"),
        (json_types.free_text, "a\x1b[2J"),
        (json_types.free_text, "x" * 2001),
        (json_types.count, -1),
        (json_types.count, True),
        (json_types.count, "1"),
        (json_types.count, 2**53 + 1),
        (json_types.decimal, "1e3"),
        (json_types.decimal, "NaN"),
        (json_types.decimal, ".5"),
        (json_types.decimal, "+1"),
        (json_types.decimal, "0.5\n"),
        (json_types.decimal, "\u0661.5"),
        (json_types.decimal, "1" * 19),
        (json_types.decimal, 0),
        (json_types.share, "1.01"),
        (json_types.share, "-0.01"),
        (json_types.flag, 1),
        (json_types.day, "2026-02-29"),
        (json_types.day, "20260228"),
        (json_types.sequence, "ab"),
        (json_types.names, ["a"] * 65),
        (json_types.names, ["a", 1]),
        (json_types.mapping, []),
    ],
)
def test_what_only_looks_like_it_is_refused(read: Reader[object], value: object) -> None:
    with pytest.raises(RefusedError, match=r"^\$"):
        read(value, "$")
