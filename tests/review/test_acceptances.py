"""A person's word for held captures is filed once, bound to exact bytes, and read back as it was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError, UsageError
from pipeline.review.decisions.acceptances import (
    AcceptanceInput,
    AcceptanceTarget,
    acceptances,
    file_acceptance,
    kinds_accepted,
)

if TYPE_CHECKING:
    from pathlib import Path

WANTED = AcceptanceTarget(
    source="lmarena-text", week="2026-W33", attempt=1, captures=("a" * 64, "b" * 64), kinds=("vanished",)
)
WORD = AcceptanceInput(
    rows=(), reviewer="R. Viewer", reason="A clean-up.", now=datetime(2026, 8, 15, 12, tzinfo=UTC)
)


def test_an_acceptance_is_filed_and_read_back(tmp_path: Path) -> None:
    assert acceptances(tmp_path) == ()
    written, file = file_acceptance(WANTED, WORD, tmp_path)
    assert file.parent == tmp_path / "accepted"
    assert (written.reviewer, written.reason, written.accepted_at) == (
        "R. Viewer",
        "A clean-up.",
        "2026-08-15T12:00:00Z",
    )
    assert acceptances(tmp_path) == (written,)


def test_the_same_is_never_needed_twice(tmp_path: Path) -> None:
    file_acceptance(WANTED, WORD, tmp_path)
    again = replace(WORD, reviewer="Else", reason="Other.", now=WORD.now + timedelta(days=1))
    with pytest.raises(RefusedError, match=r"R\. Viewer accepted exactly this at 2026-08-15T12:00:00Z"):
        file_acceptance(WANTED, again, tmp_path)
    assert len(acceptances(tmp_path)) == 1


def test_other_bytes_other_kinds_and_rows_are_accepted_apart_newest_first(tmp_path: Path) -> None:
    for days, (wanted, word) in enumerate(
        (
            (WANTED, WORD),
            (replace(WANTED, captures=("c" * 64,)), WORD),
            (replace(WANTED, kinds=("vanished", "older")), WORD),
            (replace(WANTED, kinds=()), replace(WORD, rows=("b", "a", "a"))),
        )
    ):
        file_acceptance(wanted, replace(word, now=WORD.now + timedelta(days=days)), tmp_path)
    found = acceptances(tmp_path)
    assert [one.accepted_at[:10] for one in found] == ["2026-08-18", "2026-08-17", "2026-08-16", "2026-08-15"]
    assert found[0].rows == ("a", "b")


def test_kinds_hold_for_exactly_the_accepted_bytes(tmp_path: Path) -> None:
    written, _ = file_acceptance(WANTED, WORD, tmp_path)
    assert kinds_accepted([written], ["b" * 64, "a" * 64]) == {"vanished": written}
    for other in (["a" * 64], ["a" * 64, "b" * 64, "c" * 64], ["a" * 64, "c" * 64], []):
        assert kinds_accepted([written], other) == {}


@pytest.mark.parametrize(
    ("word", "option"),
    [
        (replace(WORD, reviewer=" "), "--reviewer"),
        (replace(WORD, reason=""), "--note"),
        (replace(WORD, reason="x\x1b[2J"), "--note"),
        (replace(WORD, reviewer="x" * 2001), "--reviewer"),
    ],
)
def test_a_name_and_a_reason_are_needed(tmp_path: Path, word: AcceptanceInput, option: str) -> None:
    with pytest.raises(UsageError, match=option):
        file_acceptance(WANTED, word, tmp_path)
    assert acceptances(tmp_path) == ()


def test_what_no_rule_held_cannot_be_accepted(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="cannot be read"):
        file_acceptance(replace(WANTED, kinds=()), WORD, tmp_path)


def test_an_edited_or_renamed_acceptance_is_refused(tmp_path: Path) -> None:
    _, file = file_acceptance(WANTED, WORD, tmp_path)
    body = file.read_bytes()
    file.write_bytes(body.replace(b"vanished", b"unit-slip"))
    with pytest.raises(RefusedError, match="accepts something else than its name says"):
        acceptances(tmp_path)
    file.write_bytes(body + b"\n")
    with pytest.raises(RefusedError, match="not in the form it was written in"):
        acceptances(tmp_path)
    file.write_bytes(body)
    file.rename(file.with_name("lmarena-text-000000000000.json"))
    with pytest.raises(RefusedError, match="accepts something else"):
        acceptances(tmp_path)
