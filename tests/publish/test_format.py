"""FORMAT.md and the schema name the same fields, so that neither can go on alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.publish.release import MOST_FILE_BYTES
from pipeline.publish.schema import pool_schema
from pipeline.publish.versions import Pointer
from pipeline.router.pool_model import MOST_MEMBERS, MOST_TIERS
from pipeline.router.routes import MOST_ROUTES
from pipeline.router.verify import MOST_POINTER_BYTES, MOST_POOL_BYTES

FORMAT = (Path(__file__).parents[2] / "data" / "pools" / "FORMAT.md").read_text()
SCHEMA = json.loads(pool_schema())
SECTIONS = {
    "`signed`": "Pool",
    "`base`": "Base",
    "`tiers.<name>`": "TierPool",
    "`members`": "Member",
    "`routes.<name>`": "RouteLine",
    "`price`": "PriceLine",
}
KINDS = {
    "integer": {"integer"},
    "text": {"string"},
    "decimal text": {"string"},
    "boolean": {"boolean"},
    "object": {"object"},
    "array": {"array"},
    "array of text": {"array"},
    "null": {"null"},
}


def _table(heading: str) -> dict[str, str]:
    section = FORMAT.split(f"\n### {heading}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \| \S.* \|$", section, re.MULTILINE)
    return {name: kind for name, kind in rows}  # noqa: C416 - findall returns lists of any


def _kinds(field: dict[str, object]) -> set[object]:
    options = field.get("anyOf")
    if isinstance(options, list):
        return set().union(*(_kinds(option) for option in options))
    if "const" in field:
        return {"integer"}
    return {"object"} if "$ref" in field else {field["type"]}


@pytest.mark.parametrize(("heading", "name"), SECTIONS.items(), ids=SECTIONS.values())
def test_every_field_of_the_schema_is_described_with_its_type(heading: str, name: str) -> None:
    described = _table(heading)
    properties = SCHEMA["$defs"][name]["properties"]
    assert list(described)
    assert set(described) == set(properties)
    for field, kind in described.items():
        expected = set().union(*(KINDS[part] for part in kind.split(" or ")))
        assert _kinds(properties[field]) == expected, field


def test_the_pointer_is_described() -> None:
    assert list(_table("Pointer fields")) == list(Pointer.model_fields)


def test_the_sections_are_all_objects_of_the_schema() -> None:
    objects = {name for name, shape in SCHEMA["$defs"].items() if shape.get("type") == "object"}
    assert set(SECTIONS.values()) == objects


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    for said in (
        f"at most {MOST_POINTER_BYTES:,} bytes",
        f"at most {MOST_POOL_BYTES // 1024**2} MiB",
        f"over {MOST_FILE_BYTES // 1024} KiB",
        f"1 to {MOST_TIERS} tiers",
        f"at most {MOST_MEMBERS};",
        f"1 to {MOST_ROUTES} routes",
    ):
        assert said in FORMAT


def test_nothing_on_the_page_promises_updates_without_a_review() -> None:
    assert "refreshed weekly and reviewed before deployment" in FORMAT
    assert "automatic" not in FORMAT.lower()
