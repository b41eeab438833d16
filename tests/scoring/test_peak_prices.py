"""A price that depends on the hour: the dearer one counts, and the price says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pipeline.sources.price_lists.genai_table import PEAK, table


def test_the_installed_table_states_the_dearer_hours() -> None:
    rows = json.loads(table("0", datetime(2026, 10, 15, 20, tzinfo=UTC)))["prices"]
    peaks = {f"{row['provider']}:{row['model']}": row for row in rows if PEAK in row["note"]}
    flash = peaks["deepseek:deepseek-v4-flash"]
    assert (flash["usd_per_input_mtok"], flash["usd_per_output_mtok"]) == ("0.3", "1.2")
