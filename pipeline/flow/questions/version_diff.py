"""Compares two published versions: who entered, left or moved, and which facts changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import FactChange, Member, Move, Pool, lineup
from pipeline.errors import RefusedError, UsageError
from pipeline.pools.changes.diff import diff, fact_changes
from pipeline.publish.versions import PublishedVersion, versions
from pipeline.review.proposals.summary_lines import fact_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from pipeline.workspace import Workspace

_NAME: Final = re.compile(r"v0*([1-9]\d{0,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """What differs between two versions, as a router meets them."""

    before: Pool
    after: Pool
    moves: tuple[Move, ...]
    facts: tuple[FactChange, ...]

    def lines(self) -> Iterator[str]:
        """Say each difference in one line."""
        for move in self.moves:
            was = _member(self.before, move)
            now = _member(self.after, move)
            places = f"{move.rank_before or '-'} -> {move.rank_after or 'out'}"
            yield f"{move.tier} {places} {move.variant}: {_figures(was, now)}"
        yield from fact_lines(self.facts)

    def as_json(self) -> dict[str, JsonValue]:
        """Return the same for programs."""
        return {
            "before": self.before.version,
            "after": self.after.version,
            "moves": [one.model_dump(mode="json") for one in self.moves],
            "facts": [one.model_dump(mode="json") for one in self.facts],
        }


def version_diff(workspace: Workspace, before: str, after: str) -> VersionDiff:
    """Compare two published versions, in either order; nothing is written.

    Raises:
        UsageError: A name is not that of a version.
        RefusedError: A version is not published here, or the chain of versions is damaged.
    """
    chain = versions(workspace.pools)
    old, new = (_found(chain, name) for name in (before, after))
    return VersionDiff(
        before=old,
        after=new,
        moves=diff(lineup(old), lineup(new)),
        facts=fact_changes(old, new),
    )


def _found(chain: tuple[PublishedVersion, ...], name: str) -> Pool:
    match = _NAME.fullmatch(name)
    if match is None:
        raise UsageError(
            f"{name!r} is not a version", hint="Write it as v0007; `modelpool history` lists them."
        )
    found = next((one.pool for one in chain if one.pool.version == int(match[1])), None)
    if found is None:
        raise RefusedError(f"{name} is not published here", hint="`modelpool history` lists what is.")
    return found


def _member(pool: Pool, move: Move) -> Member | None:
    tier = pool.tiers.get(move.tier)
    return next((one for one in tier.members if one.variant == move.variant), None) if tier else None


def _figures(was: Member | None, now: Member | None) -> str:
    """Say what a task costs and what a dollar buys, on either side."""
    sides = [
        f"${one.usd_per_task} per task, {one.acceptable_answers_per_usd} answers per $"
        for one in (was, now)
        if one is not None
    ]
    return " -> ".join(sides)
