"""No text can become YAML syntax, whatever the reader's version of YAML takes it for."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.exporters.yaml_document import comment, yaml_document

texts = st.text(st.sampled_from('aZ09"\\#:-{}[]&*!|>%@` \n\r\t\x00\x7f\x85é☃\u2028\u2029\ufeff'), max_size=30)


MEANINGFUL = (
    "on",
    "No",
    "~",
    "null",
    "1e3",
    "0x1f",
    "012",
    "1_000",
    "2026-08-15",
    "12:30:45",
    ".inf",
    "=",
    "<<",
    "!x",
)
"""What YAML 1.1 or 1.2 takes for something else than text where it stands bare."""


@given(text=texts)
def test_any_text_reads_back_as_it_was_as_some_key_and_as_a_value(text: str) -> None:
    written = yaml_document({text: text, "list": [text], "items": [{text: text}]})
    assert written.isascii()
    assert yaml.safe_load(written) == {text: text, "list": [text], "items": [{text: text}]}


@pytest.mark.parametrize("text", MEANINGFUL)
def test_a_word_with_a_meaning_stands_in_quotes(text: str) -> None:
    assert yaml_document({text: [text], "deep": {"some_key": text}}) == (
        f'"{text}": ["{text}"]\ndeep:\n  some_key: "{text}"\n'
    )


def test_a_long_text_stays_on_its_line() -> None:
    assert yaml_document({"note": "a b " * 100}).count("\n") == 1


def test_the_same_object_twice_is_written_twice() -> None:
    twice = {"effort": "high"}
    assert "*" not in yaml_document({"one_key": twice, "two_key": twice})


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
    assert yaml_document({"cost": number}) == f"cost: {written}\n"


@given(number=st.integers(0, 2**53))
def test_a_cost_per_token_reads_back_as_the_same_micro_dollars(number: int) -> None:
    line = yaml_document({"cost": Decimal(number).scaleb(-12)})
    assert Decimal(line.removeprefix("cost: ")).scaleb(12) == number


def test_a_document_is_written_in_blocks() -> None:
    document = yaml_document(
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
