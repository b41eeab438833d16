"""A price that depends on the hour: the dearer one counts and the finding says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pipeline.domain.score import ListPrice
from pipeline.scoring.disagreement import PEAK, _by_hour
from pipeline.sources.genai_table import PEAK as STATED
from pipeline.sources.genai_table import table


def test_the_installed_table_states_the_dearer_hours_and_the_finding_says_so() -> None:
    assert STATED == PEAK
    rows = json.loads(table("0", datetime(2026, 8, 15, 20, tzinfo=UTC)))["prices"]
    peaks = [row for row in rows if PEAK in row["note"]]
    assert peaks
    for row in peaks:
        price = ListPrice(
            input_microusd_per_mtok=round(float(row["usd_per_input_mtok"]) * 1e6),
            output_microusd_per_mtok=round(float(row["usd_per_output_mtok"]) * 1e6),
            cache_read_microusd_per_mtok=None,
            sources=(),
            note=row["note"],
        )
        ((severity, told),) = _by_hour(price)
        assert severity.value == "note"
        assert "that of the peak hours counts for every hour" in told
    assert (
        _by_hour(
            ListPrice(
                input_microusd_per_mtok=1,
                output_microusd_per_mtok=1,
                cache_read_microusd_per_mtok=None,
                sources=(),
            )
        )
        == ()
    )
