"""The exported schema is the one in the repository, and says what the files are like."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from pipeline.publish.schema import pool_schema
from pipeline.publish.versions import file_bytes

if TYPE_CHECKING:
    from tests.publish.conftest import Press

ROOT = Path(__file__).parents[2]
POOLS = ROOT / "data" / "pools"


def test_the_schema_in_the_repository_is_the_exported_one() -> None:
    committed = (POOLS / "pool.schema.json").read_bytes()
    assert committed == pool_schema(), "run: python -m pipeline.publish.schema > data/pools/pool.schema.json"


def test_the_module_writes_the_schema_to_standard_output() -> None:
    command = [sys.executable, "-m", "pipeline.publish.schema"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert done.stdout == pool_schema()


def test_a_published_file_is_valid_and_a_field_of_tomorrow_too(press: Press) -> None:
    validator = Draft202012Validator(json.loads(pool_schema()))
    document = json.loads(file_bytes(press.pool()))
    validator.validate(document)
    document["signed"]["tiers"]["frugal"]["members"][0]["canary_share"] = "0.10"
    document["signatures"] = [{"keyid": "ab", "sig": "cd"}]
    validator.validate(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), 3),
        (("version",), 0),
        (("week",), "2026-33"),
        (("tiers", "frugal", "members", 0, "quality"), 0.43),
        (("tiers", "frugal", "members", 0, "price", "input_microusd_per_mtok"), -1),
        (("tiers", "frugal", "members", 0, "routes"), ["maker/m"]),
    ],
)
def test_a_wrong_value_is_invalid(press: Press, path: tuple[str | int, ...], value: object) -> None:
    document = json.loads(file_bytes(press.pool()))
    holder = document["signed"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert not Draft202012Validator(json.loads(pool_schema())).is_valid(document)
