"""Estimates what the pool in force has probably lost since its date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.calendar import read_moment
from pipeline.policy.load import load_lateness

if TYPE_CHECKING:
    from datetime import date

    from pipeline.publish.versions import PublishedVersion
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class StalenessCost:
    """An estimate from past weeks."""

    weeks: int
    """Whole weeks since the pool's date."""
    answers: tuple[tuple[str, float], ...]
    """By tier, in the order of the file: answers per 100 requests by which the best is probably ahead."""
    elo: tuple[tuple[str, float], ...]
    """The same in Elo points, where the file states those."""
    at_least: bool
    """The pool is older than any age that was measured."""


def staleness_cost(
    workspace: Workspace, published: PublishedVersion | None, today: date
) -> StalenessCost | None:
    """Estimate what the pool in force lost; None where it is not a week old or nothing was measured.

    Raises:
        UsageError: data/policy/lateness.toml is not of its form.
    """
    if published is None:
        return None
    weeks = (today - read_moment(published.pool.as_of).date()).days // 7
    lateness = load_lateness(workspace.lateness)
    if weeks < 1 or lateness is None:
        return None
    tiers = published.pool.tiers
    answers = lateness.lost_in(lateness.answers_lost, tiers, weeks)
    elo = lateness.lost_in(lateness.elo_lost, tiers, weeks)
    if not answers and not elo:
        return None
    return StalenessCost(weeks=weeks, answers=answers, elo=elo, at_least=weeks > lateness.age_weeks[-1])
