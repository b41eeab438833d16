"""What the list as a whole shows: names that changed places, and a field that emptied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.example import SECOND_WEEK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Example

    Rows = list[dict[str, object]]


def names_swapped(rows: Rows) -> None:
    """Give each id of the index the name and slug of its mirror image."""
    for field in ("name", "slug"):
        values = [row[field] for row in rows]
        for row, value in zip(rows, reversed(values), strict=True):
            row[field] = value


def no_prices(rows: Rows) -> None:
    for row in rows[: len(rows) // 3]:
        row["pricing"] = dict.fromkeys(row["pricing"])  # type: ignore[call-overload]  # an object of the sample


def edited(example: Example, tmp_path: Path, edit: Callable[[Rows], None]) -> Path:
    (file,) = (example.folder / "data/sample/2026-W33").glob("*artificial-analysis.json")
    document = json.loads(file.read_bytes())
    before = json.dumps(document)
    edit(document["data"])
    assert json.dumps(document) != before, "the fault fired"
    path = tmp_path / file.name
    path.write_text(json.dumps(document))
    return path


def kinds(example: Example, path: Path) -> tuple[int, set[str]]:
    sample = example.folder / "data/sample/2026-W33"
    said = example(
        "run", "--captures", str(sample), "--captures", f"artificial-analysis={path}", *SECOND_WEEK, "--json"
    )
    lines = example("review", "--json").json["findings"]
    assert isinstance(lines, list)
    held = {
        line["kind"]
        for line in lines
        if line["severity"] == "hold" and line["subject"] == "artificial-analysis"
    }
    return said.code, held - {"held"}


@pytest.mark.parametrize(
    ("edit", "code", "held"),
    [
        (names_swapped, 20, {"identities-changed"}),
        (no_prices, 20, {"coverage-drop"}),
    ],
)
def test_an_index_whose_rows_changed_is_held(
    example: Example, tmp_path: Path, edit: Callable[[Rows], None], code: int, held: set[str]
) -> None:
    assert example.run().code == 10
    found = kinds(example, edited(example, tmp_path, edit))
    assert found == (code, held)
