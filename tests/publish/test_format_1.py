"""What was published in format 1 stays readable to the byte, and stays a base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.document import sha256_hex
from pipeline.domain.pool import RouteLine
from pipeline.publish.versions import file_bytes, pool_digest, read_pool_file
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from tests.publish.conftest import Press

POOLS = Path(__file__).parent / "format_1"
"""The starter pool as it was published before the value rule."""
FILE = "bf42d5a9f14da470e2546f753d1e4d1417df699fde161a9c5c000055ff9a93e3"
SIGNED = "f90e966cbf50a91b34c2ec151b05038c95d188aa18765a844222d94dcdbd091f"


def test_the_first_version_reads_back_to_the_byte() -> None:
    body = (POOLS / "v0001.json").read_bytes()
    pool = read_pool_file(body, "v0001.json")
    assert (sha256_hex(body), pool_digest(pool), pool.format) == (FILE, SIGNED, 1)
    assert file_bytes(pool) == body


def test_a_router_serves_it_with_the_effort_it_was_approved_with() -> None:
    pool = verify(POOLS, today=None)
    assert (pool.version, pool.sha256) == (1, SIGNED)
    sent = {
        member.variant: member.routes["litellm"].send
        for tier in pool.pool.tiers.values()
        for member in tier.members
    }
    assert sent["gemini-3.1-pro-preview@default"] == {}
    assert sent["claude-opus-4.6@high"] == {"reasoning_effort": "high"}


def test_a_member_of_one_format_does_not_stand_in_a_pool_of_the_other(press: Press) -> None:
    pool = press.pool().model_dump()
    member = pool["tiers"]["premium"]["members"][0]
    line = RouteLine(model="maker/m-1", send={}, price=press.pool().tiers["premium"].members[0].price)
    member["routes"] = {"litellm": line.model_dump()}
    with pytest.raises(ValueError, match="m-1@high has not the routes of format 1"):
        type(press.pool()).model_validate(pool)
