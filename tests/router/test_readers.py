"""Each reader takes its own form and nothing that merely looks like it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.router import readers

if TYPE_CHECKING:
    from pipeline.router.readers import Reader

EVERY: dict[str, Reader[object]] = {
    "name": readers.name,
    "route": readers.route,
    "slug": readers.slug,
    "digest": readers.digest,
    "week": readers.week,
    "moment": readers.moment,
    "environment_name": readers.environment_name,
    "prose": readers.prose,
    "count": readers.count,
    "decimal": readers.decimal,
    "share": readers.share,
    "flag": readers.flag,
    "day": readers.day,
    "sequence": readers.sequence,
    "names": readers.names,
    "mapping": readers.mapping,
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
        (readers.name, "gpt-5.6-sol@high", "gpt-5.6-sol@high"),
        (readers.name, "Z", "Z"),
        (readers.route, "bedrock/arn:aws:x::y/z:0", "bedrock/arn:aws:x::y/z:0"),
        (readers.count, 2**53, 2**53),
        (readers.decimal, "-0.0010", Decimal("-0.0010")),
        (readers.share, "1.00", Decimal(1)),
        (readers.day, "2028-02-29", date(2028, 2, 29)),
        (readers.prose, "prices © of 1 May ☃", "prices © of 1 May ☃"),
        (readers.names, ["a", "b c"], ("a", "b c")),
    ],
)
def test_good_values_are_read(read: Reader[object], value: object, expected: object) -> None:
    assert read(value, "$") == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (readers.name, ""),
        (readers.name, " padded"),
        (readers.name, "padded "),
        (readers.name, "x" * 201),
        (readers.name, "gpt\u20105"),
        (readers.name, "a\nb"),
        (readers.name, "a\n"),
        (readers.route, "two words"),
        (readers.route, "os.environ/OPENAI_API_KEY"),
        (readers.slug, "../v1"),
        (readers.slug, "-x"),
        (readers.digest, "AB" * 32),
        (readers.digest, "ab" * 31),
        (readers.week, "2026-W3"),
        (readers.moment, "2026-08-15 12:00:00Z"),
        (readers.environment_name, "KEY;rm"),
        (readers.environment_name, "1KEY"),
        (readers.prose, "a\x1b[2J"),
        (readers.prose, "x" * 2001),
        (readers.count, -1),
        (readers.count, True),
        (readers.count, "1"),
        (readers.count, 2**53 + 1),
        (readers.decimal, "1e3"),
        (readers.decimal, "NaN"),
        (readers.decimal, ".5"),
        (readers.decimal, "+1"),
        (readers.decimal, "0.5\n"),
        (readers.decimal, "\u0661.5"),
        (readers.decimal, "1" * 19),
        (readers.decimal, 0),
        (readers.share, "1.01"),
        (readers.share, "-0.01"),
        (readers.flag, 1),
        (readers.day, "2026-02-29"),
        (readers.day, "20260228"),
        (readers.sequence, "ab"),
        (readers.names, ["a"] * 65),
        (readers.names, ["a", 1]),
        (readers.mapping, []),
    ],
)
def test_what_only_looks_like_it_is_refused(read: Reader[object], value: object) -> None:
    with pytest.raises(RefusedError, match=r"^\$"):
        read(value, "$")
