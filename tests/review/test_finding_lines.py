"""A finding is read back from a document as it was, and from a document of an earlier release."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.observation import HELD, HELD_NEWER, HELD_ROW, Finding, Severity
from pipeline.domain.proposal import FindingLine
from pipeline.review.proposals.finding_lines import finding_line, read_finding

TEXT = st.text(st.characters(codec="utf-8"))
FINDING = st.builds(
    Finding,
    kind=st.sampled_from((HELD, HELD_NEWER, HELD_ROW, "drift")),
    severity=st.sampled_from(Severity),
    subject=TEXT,
    message=TEXT,
    reason=TEXT.filter(bool),
    kept_from=st.just("a" * 64),
)


@given(FINDING)
def test_a_finding_is_read_back_whatever_its_sentence_says(finding: Finding) -> None:
    assert read_finding(finding_line(finding)) == finding


def test_a_finding_without_facts_keeps_its_bytes() -> None:
    plain = Finding(kind="drift", severity=Severity.NOTE, subject="openrouter", message="a field is new")
    assert set(finding_line(plain).model_dump()) == {"kind", "severity", "subject", "message"}
    assert read_finding(finding_line(plain)) == plain


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        (HELD, "its last good data, of 2026-08-07, stays in force (7 days old)"),
        (HELD, "there is no earlier good data to fall back to"),
        (HELD_NEWER, "the data of 2026-W32 that somebody accepted is used"),
    ],
)
def test_the_reason_of_a_hold_is_read_from_an_earlier_release(kind: str, end: str) -> None:
    message = f"openrouter is held: no whole answer; twice; {end}"
    line = FindingLine(kind=kind, severity="hold", subject="openrouter", message=message)
    assert read_finding(line).reason == "no whole answer; twice"


def test_the_capture_of_a_held_row_is_read_from_an_earlier_release() -> None:
    message = "aa: o3: aa/intelligence is 90: 60 is kept (capture 0123456789ab)"
    line = FindingLine(kind=HELD_ROW, severity="warn", subject="aa:aa/intelligence:o3", message=message)
    assert read_finding(line).kept_from == "0123456789ab"
