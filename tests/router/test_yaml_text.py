"""No text can become YAML syntax; `tests/litellm` reads the same output with a real YAML parser."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.exporters.yaml_text import comment, quoted, yaml_text

texts = st.text(st.sampled_from('aZ09"\\#:-{}[]&*!|>%@` \n\r\t\x00\x7f\x85é☃\u2028\u2029\ufeff'), max_size=30)


@given(text=texts)
def test_quoted_text_is_one_line_of_ascii_that_reads_back_as_it_was(text: str) -> None:
    written = quoted(text)
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written) == text


def test_a_sign_beyond_the_basic_plane_is_one_escape_and_not_two_halves() -> None:
    assert quoted("a😀") == '"a\\U0001f600"'


@given(text=texts)
def test_a_comment_stays_one_line(text: str) -> None:
    written = comment(text)
    assert written.startswith("# ")
    assert written.splitlines() == [written]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (Decimal(0), "0.0"),
        (Decimal("1.00"), "1.0"),
        (Decimal("0.50"), "0.5"),
        (Decimal(300_000).scaleb(-12), "0.0000003"),
        (Decimal(1).scaleb(-12), "0.000000000001"),
        (Decimal(10**13).scaleb(-12), "10.0"),
        (7, "7"),
    ],
)
def test_a_number_is_written_exactly_with_a_dot_when_it_is_a_fraction(
    number: int | Decimal, written: str
) -> None:
    assert yaml_text({"cost": number}) == f"cost: {written}\n"


@given(number=st.integers(0, 2**53))
def test_a_cost_per_token_reads_back_as_the_same_micro_dollars(number: int) -> None:
    line = yaml_text({"cost": Decimal(number).scaleb(-12)})
    assert Decimal(line.removeprefix("cost: ")).scaleb(12) == number


def test_a_document_is_written_in_blocks() -> None:
    document = yaml_text(
        {
            "plain_key": {"on": "x", "neo-mode/a": ["b", "c"], "none": {}},
            "empty": [],
            "items": [{"name": "n", "deep": {"order": 1}}, {"name": "m"}],
        }
    )
    assert document == (
        "plain_key:\n"
        '  "on": "x"\n'
        '  "neo-mode/a": ["b", "c"]\n'
        "  none: {}\n"
        "empty: []\n"
        "items:\n"
        '  - name: "n"\n'
        "    deep:\n"
        "      order: 1\n"
        '  - name: "m"\n'
    )
