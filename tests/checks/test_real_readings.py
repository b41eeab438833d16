"""The shipped expectations let every good real capture pass, in the order in which they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.checks.expectations import load_expectations
from pipeline.checks.reading_checks import check_reading
from pipeline.domain.ids import SourceName
from pipeline.domain.observation import Reading, Severity
from pipeline.flow.record.config import built_in_expectations
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES

EXPECTATIONS = load_expectations(
    Path(__file__).resolve().parents[2] / "data" / "policy" / "expectations.toml", built_in_expectations()
).expectations
NOW = datetime(2026, 8, 15, tzinfo=UTC)

TOLD = {
    ("artificial-analysis", "2026-06-16"): ["scale-change"],
    ("artificial-analysis", "2026-06-22"): ["coverage-drop", "scale-shift"],
    ("openrouter", "2026-06-15"): ["coverage-drop", "coverage-drop"],
}
"""What really happened: index version 4.1, the coding index re-based in it, a copy without two columns."""


def readings(folder: Path, source: str, pattern: str) -> list[Reading]:
    name = SourceName(source)
    files = [path for path in sorted(folder.glob(pattern)) if "2026-03-11-" not in path.name]
    return [SOURCES[name].parse(read_captures([f"{source}={path}"], now=NOW)[name]) for path in files]


@pytest.mark.parametrize(
    ("source", "pattern", "count"),
    [
        ("lmarena-text", "arena/hf-leaderboard-dataset/*text_style_control*", 5),
        ("lmarena-webdev", "arena/hf-leaderboard-dataset/*webdev*", 2),
        ("artificial-analysis", "artificial-analysis/api-legacy-v2-data/*", 10),
        ("openrouter", "openrouter/api-v1-models/*", 7),
    ],
)
def test_real_captures_pass_one_after_the_other(
    real_captures: Path, source: str, pattern: str, count: int
) -> None:
    last: Reading | None = None
    found = readings(real_captures, source, pattern)
    assert len(found) == count
    for reading in found:
        findings = check_reading(reading, EXPECTATIONS.of(reading.source), last=last, now=reading.fetched_at)
        told = TOLD.get((source, reading.fetched_at.date().isoformat()), [])
        assert [(one.kind, one.severity) for one in findings] == [(kind, Severity.WARN) for kind in told]
        last = reading


def test_the_installed_price_table_passes() -> None:
    source = SOURCES[SourceName("genai-prices")]
    from tests.replica.sessions import open_session

    with open_session(source.name, now=NOW) as session:
        reading = source.parse(source.fetch(session))
    assert check_reading(reading, EXPECTATIONS.of(source.name), last=None, now=NOW) == ()


def test_a_partial_page_of_a_real_board_is_held(real_captures: Path) -> None:
    from dataclasses import replace

    (whole, *_) = readings(real_captures, "lmarena-text", "arena/hf-leaderboard-dataset/*text_style_control*")
    top = {entry.key for entry in whole.entries[:71]}
    part = replace(
        whole,
        fetched_at=whole.fetched_at + timedelta(days=7),
        observations=tuple(one for one in whole.observations if one.key in top),
        entries=whole.entries[:71],
    )
    findings = check_reading(part, EXPECTATIONS.of(whole.source), last=whole, now=part.fetched_at)
    assert {"too-few-names", "vanished"} <= {one.kind for one in findings if one.severity is Severity.HOLD}
