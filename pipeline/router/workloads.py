"""Reads the workload table that a person approved, and says which band a workload's requests take.

A row counts only while the variants it was fitted for stand first in the bands of the pool at hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.errors import RefusedError
from pipeline.router import strict_json
from pipeline.router.pick import MEDIUM
from pipeline.router.pool_model import BANDS
from pipeline.router.strict_json import parse_canonical, read_bounded, refuse, show_value
from pipeline.router.verify import canonical_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.router.pool_model import PoolView

FORMAT: Final = 1
MOST_TABLE_BYTES: Final = 8 * 1024 * 1024
"""A row with its evidence is below 1 KiB; a body beyond this is not read to its end."""
_NUMBERED: Final = re.compile(r"w([0-9]{4,})\.json")
_TOOLS: Final = ("none", "one", "several")
_HINT: Final = (
    "Serve every workload as `medium`. Run `modelpool usage table` where the table is approved; if it passes "
    "there, copy data/workloads again."
)


class _Kind(NamedTuple):
    """A workload's requests in a tier, or those of one number of tools and one doubling of the length."""

    tier: str
    workload: str
    tools: str | None
    chars_from: int | None


class _Row(NamedTuple):
    band: str
    default: str
    served_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workloads:
    """A table in force; nothing in it can be changed."""

    number: int
    """Of the file, `w0001.json` is 1; a later table replaces the one before it."""
    sha256: str
    """Digest of what a person approved."""
    reviewer: str
    pool_version: int
    """The pool it was fitted for."""
    rows: Mapping[_Kind, _Row]

    def band(
        self, pool: PoolView, tier: str, workload: str, *, tools: int | None = None, chars: int | None = None
    ) -> str:
        """Return the band of a request: its kind's, else its workload's, else `medium`.

        The arguments are those of `row_band`.
        """
        return self.row_band(pool, tier, workload, tools=tools, chars=chars) or MEDIUM

    def row_band(
        self, pool: PoolView, tier: str, workload: str, *, tools: int | None = None, chars: int | None = None
    ) -> str | None:
        """Return the band that a row says; None: there is no row, or the pool is another one than then.

        Args:
            pool: The pool that serves.
            tier: Its name, e.g. `balanced`.
            workload: As the imported outcomes name it.
            tools: Functions that the request offers.
            chars: Characters of its last human turn.
        """
        kinds = [_Kind(tier, workload, None, None)]
        if tools is not None and chars is not None:
            longest = 1 << (max(chars, 1).bit_length() - 1)
            kinds.insert(0, _Kind(tier, workload, _TOOLS[min(tools, 2)], longest))
        for kind in kinds:
            if (row := self.rows.get(kind)) is not None:
                return row.band if _stands(row, pool, tier) else None
        return None


def read_workloads(folder: Path) -> Workloads | None:
    """Read the table in force from `data/workloads`; None where nobody has approved one.

    The table that waits for approval is never read.

    Raises:
        RefusedError: The file is not a table that was approved as it is; keep the last good one.
    """
    found = {
        int(match[1]): file for file in folder.glob("w*.json") if (match := _NUMBERED.fullmatch(file.name))
    }
    if not found:
        return None
    number = max(found)
    try:
        return _read_table(found[number], number)
    except RefusedError as error:
        raise RefusedError(str(error), hint=_HINT) from None


def _read_table(file: Path, number: int) -> Workloads:
    where = str(file)
    fields = parse_canonical(read_bounded(file, MOST_TABLE_BYTES), where)
    table = strict_json.take_field(fields, "table", strict_json.mapping, where)
    sha256 = strict_json.take_field(fields, "table_sha256", strict_json.digest, where)
    reviewer = strict_json.take_field(fields, "reviewer", strict_json.free_text, where)
    if not reviewer.strip():
        refuse(where, "names nobody who approved it")
    if (found := canonical_digest(table)) != sha256:
        refuse(where, f"holds a table with digest {found[:12]}...; {sha256[:12]}... was approved")
    form = strict_json.take_field(table, "format", strict_json.count, where)
    if form != FORMAT:
        refuse(where, f"has format {form}; this router reads {FORMAT}")
    rows = strict_json.take_field(table, "rows", strict_json.sequence, where)
    return Workloads(
        number=number,
        sha256=sha256,
        reviewer=reviewer,
        pool_version=strict_json.take_field(table, "pool_version", strict_json.count, where),
        rows=dict(_row(row, f"{where}.rows[{index}]") for index, row in enumerate(rows)),
    )


def _row(value: object, where: str) -> tuple[_Kind, _Row]:
    fields = strict_json.mapping(value, where)
    band = strict_json.take_field(fields, "band", strict_json.name, where)
    tools = strict_json.optional_value(fields, "tools", strict_json.name, where)
    if band not in BANDS or tools not in {None, *_TOOLS}:
        refuse(where, f"names the band {show_value(band)} and the tools {show_value(tools)}")
    return (
        _Kind(
            tier=strict_json.take_field(fields, "tier", strict_json.name, where),
            workload=strict_json.take_field(fields, "workload", strict_json.name, where),
            tools=tools,
            chars_from=strict_json.optional_value(fields, "chars_from", strict_json.count, where),
        ),
        _Row(
            band=band,
            default=strict_json.take_field(fields, "default", strict_json.name, where),
            served_by=strict_json.take_field(fields, "served_by", strict_json.name, where),
        ),
    )


def _stands(row: _Row, pool: PoolView, tier: str) -> bool:
    view = pool.tiers.get(tier)
    if view is None:
        return False
    by_rank = (view.members[0].variant,)
    default, serving = (view.bands.get(band, by_rank)[0] for band in (MEDIUM, row.band))
    return (row.default, row.served_by) == (default, serving)
