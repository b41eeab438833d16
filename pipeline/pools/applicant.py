"""A variant as the rules of eligibility see it, and what a rule answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.policy import TierPolicy
    from pipeline.domain.score import Score, Unscored
    from pipeline.pools.facts import Facts
    from pipeline.pools.floor import Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one tier asks of a variant this week."""

    tier: TierPolicy
    routes: tuple[str, ...]
    """Routes the operator can use."""
    today: date
    floor: Floor
    regions: Mapping[str, str] = field(default_factory=dict)
    """Where endpoints run, by the beginning of a route, as the operator says."""
    licences: Mapping[str, str] = field(default_factory=dict)
    """Licence of open weights by family, as the operator says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """One variant as the rules see it."""

    variant: Variant
    score: Score | Unscored | None
    """None: this week's data does not name it."""
    facts: Facts
    usd_per_task: float | None = None
    """None where neither this week's data nor the published line knows it."""
    list_usd_per_mtok: float | None = None
    """Blended list price, three parts input and one part output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """The rule a variant fails, and a sentence with the numbers."""

    rule: str
    detail: str


Rule = Callable[[Terms, Applicant], LeftOut | None]
