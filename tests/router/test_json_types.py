"""Each reader takes its own form and nothing that merely looks like it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.router import strict_json

if TYPE_CHECKING:
    from pipeline.router.strict_json import Reader

EVERY: dict[str, Reader[object]] = {
    "name": strict_json.name,
    "route": strict_json.route,
    "slug": strict_json.slug,
    "digest": strict_json.digest,
    "week": strict_json.week,
    "moment": strict_json.moment,
    "environment_name": strict_json.environment_name,
    "prose": strict_json.free_text,
    "count": strict_json.count,
    "decimal": strict_json.decimal,
    "share": strict_json.share,
    "flag": strict_json.flag,
    "day": strict_json.day,
    "sequence": strict_json.sequence,
    "names": strict_json.names,
    "mapping": strict_json.mapping,
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
        (strict_json.name, "gpt-5.6-sol@high", "gpt-5.6-sol@high"),
        (strict_json.name, "Z", "Z"),
        (strict_json.route, "bedrock/arn:aws:x::y/z:0", "bedrock/arn:aws:x::y/z:0"),
        (strict_json.count, 2**53, 2**53),
        (strict_json.decimal, "-0.0010", Decimal("-0.0010")),
        (strict_json.share, "1.00", Decimal(1)),
        (strict_json.day, "2028-02-29", date(2028, 2, 29)),
        (strict_json.free_text, "prices © of 1 May ☃", "prices © of 1 May ☃"),
        (strict_json.names, ["a", "b c"], ("a", "b c")),
    ],
)
def test_good_values_are_read(read: Reader[object], value: object, expected: object) -> None:
    assert read(value, "$") == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (strict_json.name, ""),
        (strict_json.name, " padded"),
        (strict_json.name, "padded "),
        (strict_json.name, "x" * 201),
        (strict_json.name, "gpt\u20105"),
        (strict_json.name, "a\nb"),
        (strict_json.name, "a\n"),
        (strict_json.route, "two words"),
        (strict_json.route, "os.environ/OPENAI_API_KEY"),
        (strict_json.slug, "../v1"),
        (strict_json.slug, "-x"),
        (strict_json.digest, "AB" * 32),
        (strict_json.digest, "ab" * 31),
        (strict_json.week, "2026-W3"),
        (strict_json.moment, "2026-08-15 12:00:00Z"),
        (strict_json.environment_name, "KEY;rm"),
        (strict_json.environment_name, "1KEY"),
        (strict_json.free_text, "a\x1b[2J"),
        (strict_json.free_text, "x" * 2001),
        (strict_json.count, -1),
        (strict_json.count, True),
        (strict_json.count, "1"),
        (strict_json.count, 2**53 + 1),
        (strict_json.decimal, "1e3"),
        (strict_json.decimal, "NaN"),
        (strict_json.decimal, ".5"),
        (strict_json.decimal, "+1"),
        (strict_json.decimal, "0.5\n"),
        (strict_json.decimal, "\u0661.5"),
        (strict_json.decimal, "1" * 19),
        (strict_json.decimal, 0),
        (strict_json.share, "1.01"),
        (strict_json.share, "-0.01"),
        (strict_json.flag, 1),
        (strict_json.day, "2026-02-29"),
        (strict_json.day, "20260228"),
        (strict_json.sequence, "ab"),
        (strict_json.names, ["a"] * 65),
        (strict_json.names, ["a", 1]),
        (strict_json.mapping, []),
    ],
)
def test_what_only_looks_like_it_is_refused(read: Reader[object], value: object) -> None:
    with pytest.raises(RefusedError, match=r"^\$"):
        read(value, "$")
