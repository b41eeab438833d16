"""A workload takes the band that a person approved for it, as long as the pool is as it was then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.router.verify import canonical_digest, verify
from pipeline.router.workloads import Workloads, read_workloads

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.router.pool_model import PoolView
    from tests.router.conftest import Json, Shelf

DEFAULT = "gpt-x@high"
SIMPLE = "small-4@none"


def _row(band: str, served_by: str, tools: str | None = None, chars: int | None = None) -> Json:
    return {
        "tier": "frugal",
        "workload": "titles",
        "tools": tools,
        "chars_from": chars,
        "chars_below": None if chars is None else 2 * chars,
        "band": band,
        "default": DEFAULT,
        "served_by": served_by,
        "evidence": [],
    }


def _approved(*rows: Json, **changes: JsonValue) -> Json:
    table: Json = {"format": 1, "pool_version": 2, "rows": list(rows)}
    found: Json = {"table": table, "table_sha256": canonical_digest(table), "reviewer": "R. Viewer"}
    return found | changes


@pytest.fixture
def pool(folder: Path) -> PoolView:
    return verify(folder, today=None).pool


def _write(folder: Path, shelf: Shelf, document: Json, number: int = 1) -> None:
    (folder / f"w{number:04}.json").write_bytes(shelf.canonical(document))


def _table(tmp_path: Path, shelf: Shelf, *rows: Json) -> Workloads:
    _write(tmp_path, shelf, _approved(*rows))
    found = read_workloads(tmp_path)
    assert found is not None
    return found


def test_a_kind_goes_before_its_workload_and_what_has_no_row_is_medium(
    tmp_path: Path, shelf: Shelf, pool: PoolView
) -> None:
    table = _table(tmp_path, shelf, _row("simple", SIMPLE), _row("medium", DEFAULT, "several", 64))
    assert table.band(pool, "frugal", "titles") == "simple"
    assert table.band(pool, "frugal", "titles", tools=2, chars=127) == "medium"
    assert table.band(pool, "frugal", "titles", tools=2, chars=128) == "simple"
    assert table.band(pool, "frugal", "titles", tools=1, chars=127) == "simple"
    assert table.band(pool, "frugal", "other") == "medium"
    assert table.band(pool, "balanced", "titles") == "medium"


@pytest.mark.parametrize(
    "path", [("tiers", "frugal", "bands", "simple"), ("tiers", "frugal", "bands", "medium")]
)
def test_a_row_ends_when_another_variant_stands_first(
    tmp_path: Path, shelf: Shelf, folder: Path, path: tuple[str, ...]
) -> None:
    table = _table(tmp_path, shelf, _row("simple", SIMPLE))
    signed = shelf.signed(3)
    order = shelf.at(signed, *path)
    assert isinstance(order, list)
    shelf.put(signed, path, order[::-1])
    shelf.publish(folder, shelf.body(signed), version=3)
    assert table.band(verify(folder, today=None).pool, "frugal", "titles") == "medium"


def test_a_row_of_a_tier_that_is_gone_is_medium(tmp_path: Path, shelf: Shelf, folder: Path) -> None:
    table = _table(tmp_path, shelf, _row("simple", SIMPLE))
    signed = shelf.signed(3)
    tiers = shelf.at(signed, "tiers")
    assert isinstance(tiers, dict)
    del tiers["frugal"]
    shelf.publish(folder, shelf.body(signed), version=3)
    assert table.band(verify(folder, today=None).pool, "frugal", "titles") == "medium"


def test_the_latest_approved_table_is_read_and_the_waiting_one_never(tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "pending.json").write_text("{")
    assert read_workloads(tmp_path) is None
    assert read_workloads(tmp_path / "nowhere") is None
    for number in (2, 10, 9):
        _write(tmp_path, shelf, _approved(_row("simple", SIMPLE)), number)
    found = read_workloads(tmp_path)
    assert found is not None
    assert (found.number, found.reviewer, found.pool_version) == (10, "R. Viewer", 2)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (_approved(table_sha256="ab" * 32), "was approved"),
        (_approved(reviewer=" "), "names nobody"),
        (_approved() | {"table": {}}, "holds a table with digest"),
        (_approved(_row("hard", SIMPLE)), "names the band 'hard'"),
        (_approved(_row("simple", SIMPLE, tools="many")), "the tools 'many'"),
        (_approved({"band": "simple"}), "has no field"),
        ({}, "has no field `table`"),
    ],
)
def test_what_nobody_approved_as_it_is_is_refused(
    tmp_path: Path, shelf: Shelf, document: Json, complaint: str
) -> None:
    _write(tmp_path, shelf, document)
    with pytest.raises(RefusedError, match=complaint) as caught:
        read_workloads(tmp_path)
    assert "`medium`" in caught.value.hint


def test_another_format_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    table: Json = {"format": 2, "pool_version": 2, "rows": []}
    _write(
        tmp_path, shelf, {"table": table, "table_sha256": canonical_digest(table), "reviewer": "R. Viewer"}
    )
    with pytest.raises(RefusedError, match="has format 2"):
        read_workloads(tmp_path)
