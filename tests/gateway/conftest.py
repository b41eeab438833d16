"""A published pool in a folder of its own, and what a test may change in it."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.router.pool_model import PoolView, read_pool

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = dict.fromkeys(("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY"), "the-key")
SAMPLE = Path(__file__).parents[2] / "data" / "pools" / "v0001.json"


def sample() -> dict[str, Any]:
    """Return the `signed` part of the embedded pool; the caller may change it."""
    signed: dict[str, Any] = json.loads(SAMPLE.read_bytes())["signed"]
    return copy.deepcopy(signed)


def publish(folder: Path, signed: dict[str, Any]) -> None:
    """Write a version and move the pointer, as a publisher does."""
    folder.mkdir(exist_ok=True)
    body = _canonical({"signatures": [], "signed": signed})
    file = f"v{signed['version']:04}.json"
    (folder / file).write_bytes(body)
    pointer = {
        "format": 1,
        "version": signed["version"],
        "file": file,
        "sha256": hashlib.sha256(body).hexdigest(),
        "length": len(body),
    }
    staged = folder / ".latest.json.new"
    staged.write_bytes(_canonical(pointer))
    staged.replace(folder / "latest.json")


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


@pytest.fixture
def view() -> PoolView:
    """The embedded pool, read."""
    return read_pool(sample())


@pytest.fixture
def viewed() -> Callable[[dict[str, Any]], PoolView]:
    """Read a changed pool."""
    return read_pool


def approve_table(folder: Path, number: int, *, tier: str = "balanced", **bands: str) -> None:
    """Write an approved workload table for the embedded pool: a band for each workload of a tier."""
    orders = sample()["tiers"][tier]["bands"]
    rows = [
        {
            "tier": tier,
            "workload": workload,
            "tools": None,
            "chars_from": None,
            "chars_below": None,
            "band": band,
            "default": orders["medium"][0],
            "served_by": orders[band][0],
            "evidence": [],
        }
        for workload, band in sorted(bands.items())
    ]
    table = {"format": 1, "pool_version": 1, "rows": rows}
    digest = hashlib.sha256(_canonical(table)[:-1]).hexdigest()
    folder.mkdir(exist_ok=True)
    staged = folder / ".staged"
    staged.write_bytes(_canonical({"table": table, "table_sha256": digest, "reviewer": "R. Viewer"}))
    staged.replace(folder / f"w{number:04}.json")
