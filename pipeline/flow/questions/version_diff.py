"""Compares two published versions: who entered, left or moved, and which facts changed.

What a task costs and a dollar buys is stated at one week's figures, those of the later version, for both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.pool import FactChange, Member, Move, Pool, Standing, TierReport, lineup
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.record.integrity import approvals
from pipeline.flow.record.record_files import RecordFiles
from pipeline.pools.changes.diff import diff, fact_changes
from pipeline.review.pages.number_format import answers, usd
from pipeline.review.proposals.summary_lines import fact_lines, place_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from pipeline.publish.versions import PublishedVersion
    from pipeline.workspace import Workspace

_NAME: Final = re.compile(r"v0*([1-9]\d{0,8})")
_LAST: Final = 1_000
"""A rank behind all that a tier has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """What differs between two versions, as a router meets them."""

    before: Pool
    after: Pool
    moves: tuple[Move, ...]
    """By tier, then by the place afterwards; those who leave come last."""
    facts: tuple[FactChange, ...]
    reports: Mapping[str, TierReport]
    """By tier, of the proposal that the later version was approved as; empty where it is not on record."""

    def lines(self) -> Iterator[str]:
        """Say each difference in one line, below the versions and whose figures are stated."""
        if self.moves:
            later = max(self.before, self.after, key=lambda one: one.version)
            yield (
                f"v{self.before.version:04} ({self.before.week}) → v{self.after.version:04} "
                f"({self.after.week}). Cost and acceptable answers per $ at the figures of {later.week}, "
                "where a miss costs the tier's price of an answer."
            )
        for move in self.moves:
            places = place_words(move.rank_before, move.rank_after)
            yield f"{move.tier}: {move.variant} {places}; {self._figures(move)}."
        yield from fact_lines(self.facts)

    def as_json(self) -> dict[str, JsonValue]:
        """Return the same for programs."""
        return {
            "before": self.before.version,
            "after": self.after.version,
            "moves": [move.model_dump(mode="json") for move in self.moves],
            "facts": [fact.model_dump(mode="json") for fact in self.facts],
        }

    def _figures(self, move: Move) -> str:
        """Say what a task costs and what a dollar buys, as the later version's week has it."""
        later, earlier = sorted((self.before, self.after), key=lambda one: -one.version)
        report = self.reports.get(move.tier)
        standings = report.standings if report else ()
        found: Member | Standing | None = _member(later, move) or next(
            (
                standing
                for standing in standings
                if standing.variant == move.variant and standing.acceptable_answers_per_usd
            ),
            None,
        )
        if found is not None:
            return _value_words(found)
        published = _member(earlier, move)
        return f"{_value_words(published)}, as v{earlier.version:04} stated it" if published else "no figures"


def version_diff(workspace: Workspace, before: str, after: str) -> VersionDiff:
    """Compare two published versions, in either order; nothing is written.

    Raises:
        UsageError: A name is not that of a version.
        RefusedError: A version is not published here, or the chain of versions or decisions is damaged.
    """
    record = RecordFiles(workspace)
    old, new = (_find_version(record.versions, name) for name in (before, after))
    moves = sorted(diff(lineup(old), lineup(new)), key=_place)
    return VersionDiff(
        before=old,
        after=new,
        moves=tuple(moves),
        facts=fact_changes(old, new),
        reports=_reports(record, max(old, new, key=lambda one: one.version)),
    )


def _place(move: Move) -> tuple[str, int, int]:
    return move.tier, move.rank_after or _LAST, move.rank_before or _LAST


def _reports(record: RecordFiles, pool: Pool) -> Mapping[str, TierReport]:
    approved = (one for version, one in approvals(record) if version.pool.version == pool.version)
    found = next(approved, None)
    return record.reviews.proposal(found.folder).proposal.tiers if found else {}


def _find_version(chain: tuple[PublishedVersion, ...], name: str) -> Pool:
    match = _NAME.fullmatch(name)
    if match is None:
        raise UsageError(
            f"{name!r} is not a version", hint="Write it as v0007; `modelpool history` lists them."
        )
    found = next((link.pool for link in chain if link.pool.version == int(match[1])), None)
    if found is None:
        raise RefusedError(f"{name} is not published here", hint="`modelpool history` lists what is.")
    return found


def _member(pool: Pool, move: Move) -> Member | None:
    tier = pool.tiers.get(move.tier)
    return next((member for member in tier.members if member.variant == move.variant), None) if tier else None


def _value_words(one: Member | Standing) -> str:
    return f"{usd(one.usd_per_task)} per task, {answers(one.acceptable_answers_per_usd)} answers per $"
