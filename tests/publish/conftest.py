"""Pools and decisions to publish, and Hypothesis strategies for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from pipeline.domain.pool import Base, Member, Pool, PriceLine, TierPool
from pipeline.domain.proposal import Decision, Verdict
from pipeline.publish.release import release
from pipeline.publish.versions import pool_digest
from pipeline.router.verify import check_bytes

if TYPE_CHECKING:
    from pathlib import Path


def _member(rank: int, name: str = "m", price: int = 300_000) -> Member:
    return Member(
        rank=rank,
        variant=f"{name}-{rank}@high",
        vendor="Maker",
        family=f"{name}-{rank}",
        release=f"{name}-{rank}",
        effort="high",
        routes={"litellm": f"maker/{name}-{rank}"},
        key_env="MAKER_API_KEY",
        reasoning_effort="high",
        price=PriceLine(
            input_microusd_per_mtok=price,
            output_microusd_per_mtok=4 * price,
            cache_read_microusd_per_mtok=None,
            sources=("openrouter", "genai-prices"),
            note="",
        ),
        usd_per_task="0.0041",
        cost_grade="2a",
        quality="0.43",
        quality_low="0.41",
        quality_high="0.45",
        acceptable_answers_per_usd="61.2",
        utility_low="-0.001",
        utility_high="0.002",
        inclusion_probability="0.93",
        floor_probability="1.00",
        rank_low=1,
        rank_high=3,
        context_tokens=200_000,
        tools=True,
        vision=None,
        retires_on=None,
        stale=False,
    )


def _tier(*members: Member, k: int = 5) -> TierPool:
    variants = tuple(member.variant for member in members)
    bands = {"simple": variants, "medium": variants[::-1], "complex": variants}
    return TierPool(evidence="general", k=k, members=members, bands=bands)


@dataclass(frozen=True, slots=True)
class Press:
    """Makes pools and decisions, and publishes them."""

    def tier(self, count: int, k: int = 5) -> TierPool:
        """Build a tier of `count` members."""
        return _tier(*(_member(rank) for rank in range(1, count + 1)), k=k)

    def pool(self, base: Pool | None = None, week: str = "2026-W33", price: int = 300_000) -> Pool:
        """Build the pool that follows `base`."""
        return Pool(
            format=1,
            version=base.version + 1 if base else 1,
            week=week,
            as_of="2026-08-15T12:00:00Z",
            expires_on="2026-09-12",
            base=Base(version=base.version, sha256=pool_digest(base)) if base else None,
            policy_sha256="cd" * 32,
            audit_head=None,
            tiers={"frugal": _tier(_member(1, price=price), _member(2)), "premium": self.tier(1)},
            attribution=("Arena figures: LMArena, CC-BY-4.0",),
        )

    def decision(self, pool: Pool, **changes: object) -> Decision:
        """Approve a pool, except for what `changes` says."""
        approved = Decision(
            format=1,
            week=pool.week,
            attempt=1,
            verdict=Verdict.APPROVED,
            pool_sha256=pool_digest(pool),
            proposal_sha256="ef" * 32,
            reviewer="R. Viewer",
            note="Read the page.",
            decided_at="2026-08-16T08:00:00Z",
            previous=None,
        )
        return approved.model_copy(update=changes)

    def publish(self, pool: Pool, pools: Path, **changes: object) -> Path:
        """Release a pool with its own approval and the router's real check."""
        return release(pool, self.decision(pool, **changes), pools, check=check_bytes)


@pytest.fixture(scope="session")
def press() -> Press:
    """Pools, decisions and a way to publish them."""
    return Press()


_names = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)
_decimals = st.decimals(0, 1, places=4).map(str)
_prose = st.text(st.sampled_from('a "\\é☃\u2028😀'), max_size=8)


@st.composite
def _pools(draw: st.DrawFn) -> Pool:
    template = Press().pool()
    tiers: dict[str, TierPool] = {}
    for name in draw(st.lists(_names, min_size=1, max_size=3, unique=True)):
        members = tuple(
            _member(rank, draw(_names), draw(st.integers(0, 10**9))).model_copy(
                update={
                    "quality": draw(_decimals),
                    "tools": draw(st.none() | st.booleans()),
                    "retires_on": draw(st.none() | st.just("2027-01-31")),
                    "fragile": draw(st.sampled_from([None, (), ("tau doubled",)])),
                }
            )
            for rank in range(1, draw(st.integers(1, 3)) + 1)
        )
        tiers[name] = _tier(*members)
    return template.model_copy(
        update={"tiers": tiers, "attribution": tuple(draw(st.lists(_prose, max_size=2)))}
    )


@pytest.fixture(scope="session")
def pools_strategy() -> st.SearchStrategy[Pool]:
    """Any publishable first pool."""
    return _pools()
