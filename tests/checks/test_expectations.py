"""What people expect of the sources is read strictly; the shipped file says why."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.checks.expectations import load_expectations
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, GENAI_PRICES, LMARENA_TEXT, LMARENA_WEBDEV, OPENROUTER
from pipeline.errors import UsageError
from pipeline.flow.record.config import built_in_expectations

BUILT_IN = built_in_expectations()
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "policy" / "expectations.toml"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text()
    assert old in text
    path = tmp_path / "expectations.toml"
    path.write_text(text.replace(old, new, 3 if old == "sources.openrouter" else 1))
    return path


def test_the_shipped_file_names_every_source_and_its_digest() -> None:
    loaded = load_expectations(SHIPPED, BUILT_IN)
    assert loaded.sha256 == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    for source in (LMARENA_TEXT, LMARENA_WEBDEV, ARTIFICIAL_ANALYSIS, OPENROUTER, GENAI_PRICES):
        assert loaded.expectations.of(source).min_canaries >= 1


def test_every_constant_of_the_shipped_file_has_its_reason_above_it() -> None:
    lines = SHIPPED.read_text().splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if " = " in line and not line.startswith(("#", "format")) and not before.startswith("#")
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "format is 2; expected less than or equal to 1"),
        (
            "min_names = 80",
            "min_names = 0",
            ":46: sources.lmarena-text.min_names is 0; expected greater than or equal to 1",
        ),
        (
            "min_names = 80",
            "min_names = '80'",
            "sources.lmarena-text.min_names is '80'; expected a valid integer",
        ),
        (
            "min_rows = 80",
            "",
            "sources.lmarena-text.min_rows is missing; expected a value: integer at least 1",
        ),
        (
            "min_rows = 80",
            "min_rows = 80\nmin_row = 1",
            "sources.lmarena-text.min_row is not a key of this file",
        ),
        (
            "max_vanished = 0.10",
            "max_vanished = 1.5",
            "max_vanished is 1.5; expected less than or equal to 1",
        ),
        ("max_vanished = 0.10", "max_vanished = nan", "max_vanished"),
        ("min_canaries = 6", "min_canaries = 13", "min_canaries is 13, but only 12 are listed"),
        ('"gemini-3-pro",', "7,", "canaries"),
        ("[0.04, 10.0]", "[0.04]", "median_input_usd"),
        ("by = 10.0", "by = 0.0", "greater than 0"),
        ("max_median_factor = 1.2", "max_median_factor = 1.0", "greater than 1"),
        ("hold_unchanged = 3", "hold_unchanged = 1", "greater than or equal to 2"),
    ],
)
def test_a_wrong_field_is_told_with_its_file_and_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(UsageError) as wrong:
        load_expectations(path, BUILT_IN)
    assert message in str(wrong.value)
    assert str(path) in str(wrong.value)
    assert str(path) in wrong.value.hint


def test_a_file_that_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "format = 1", "format = ")
    with pytest.raises(UsageError, match=r"expectations.toml:42: .*; expected TOML"):
        load_expectations(path, BUILT_IN)
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="byte 0xff is not UTF-8"):
        load_expectations(path, BUILT_IN)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_expectations(tmp_path / "expectations.toml", BUILT_IN)


def test_a_source_without_a_table_has_its_built_in_one_and_it_is_said(tmp_path: Path) -> None:
    text = SHIPPED.read_text()
    path = tmp_path / "expectations.toml"
    start, end = text.index("[sources.openrouter]"), text.index("[sources.genai-prices]")
    path.write_text(text[:start] + text[end:])
    loaded = load_expectations(path, BUILT_IN)
    assert loaded.expectations.of(OPENROUTER) == load_expectations(SHIPPED, BUILT_IN).expectations.of(
        OPENROUTER
    )
    (said,) = loaded.findings
    assert (said.kind, said.severity, said.subject) == ("built-in-expectations", "note", OPENROUTER)


def test_a_table_of_a_strange_source_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "expectations.toml"
    path.write_text(SHIPPED.read_text() + "\n[sources.openruter]\nof_another_version = true\n")
    loaded = load_expectations(path, BUILT_IN)
    assert loaded.expectations == load_expectations(SHIPPED, BUILT_IN).expectations
    (said,) = loaded.findings
    assert (said.kind, said.severity, said.subject) == ("strange-source", "warn", "openruter")
    assert "check its spelling (known are lmarena-text" in said.message


def test_a_file_whose_sources_are_no_table_is_no_reason_to_fail(tmp_path: Path) -> None:
    path = changed(tmp_path, "[sources.", "[other.")
    with pytest.raises(UsageError, match="other is not a key of this file; expected one of format, sources"):
        load_expectations(path, BUILT_IN)
