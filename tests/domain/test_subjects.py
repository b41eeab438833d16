"""What a finding is about, and what a run read, are written and read back at one place each."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ids import OPENROUTER, SourceKey, SourceName
from pipeline.domain.run_inputs import InputDigest, InputKind, find_input, input_name, inputs_by_source
from pipeline.domain.subjects import PRICE_METRIC, MemberSubject, RowSubject, member_subject

WORD = st.text(string.ascii_lowercase + string.digits + "-.", min_size=1)
KEY = st.text(string.ascii_lowercase + string.digits + "-./:@ ()", min_size=1)


@given(WORD, st.sampled_from(("aa/intelligence", "arena-text/overall", PRICE_METRIC)), KEY)
def test_a_row_is_read_back(source: str, metric: str, key: str) -> None:
    row = RowSubject(source=SourceName(source), metric=metric, key=SourceKey(key))
    assert RowSubject.read(str(row)) == row


@given(WORD, KEY)
def test_a_member_is_read_back(tier: str, variant: str) -> None:
    read = MemberSubject.read(member_subject(tier, variant))
    assert read is not None
    assert (read.tier, read.variant) == (tier, variant)


@pytest.mark.parametrize("subject", ["", "openrouter", "premium", "openrouter:o3"])
def test_a_subject_without_parts_is_no_row(subject: str) -> None:
    assert RowSubject.read(subject) is None


@pytest.mark.parametrize("subject", ["", "prices", "premium"])
def test_a_subject_without_parts_is_no_member(subject: str) -> None:
    assert MemberSubject.read(subject) is None


def _input(name: str) -> InputDigest:
    return InputDigest(name=name, sha256="0" * 64, detail="", fetched_at=None)


@given(st.sampled_from(InputKind), WORD, st.integers(1, 10**6))
def test_a_name_of_an_input_is_read_back(kind: InputKind, source: str, number: int) -> None:
    one = _input(input_name(kind, number, SourceName(source)))
    assert (one.kind, one.source, one.number) == (kind, source, number)
    counted = _input(input_name(kind, number))
    assert (counted.kind, counted.source, counted.number) == (kind, "", number)
    alone = _input(kind)
    assert (alone.kind, alone.source, alone.number) == (kind, "", 0)


def test_inputs_of_another_kind_are_no_captures() -> None:
    lines = [_input(name) for name in ("held:openrouter:1", "capture:openrouter:1", "policy", "later:x:1")]
    assert inputs_by_source(lines, InputKind.CAPTURE) == {OPENROUTER: (lines[1],)}
    assert find_input(lines, InputKind.POLICY) == lines[2]
    assert find_input(lines, InputKind.ANSWERS) is None
