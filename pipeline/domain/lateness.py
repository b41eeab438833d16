"""What a pool loses while nobody approves the next one: `data/policy/lateness.toml`, typed."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.domain.document import Document

Elo = Annotated[float, Field(ge=0)]


class Lateness(Document):
    """Measured on past weeks: an estimate, never a rule."""

    format: Annotated[int, Field(ge=1, le=1)]
    age_weeks: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    """Ages of a pool, in weeks, ascending."""
    elo_lost: dict[str, tuple[Elo, ...]]
    """By tier: Elo points lost at each age."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if any(one >= two for one, two in pairwise(self.age_weeks)):
            raise ValueError(f"age_weeks must ascend, are {list(self.age_weeks)}")
        for tier, lost in self.elo_lost.items():
            if len(lost) != len(self.age_weeks):
                raise ValueError(f"elo_lost.{tier} has {len(lost)} numbers for {len(self.age_weeks)} ages")
        return self

    def lost(self, tier: str, weeks: int) -> float | None:
        """Estimate the Elo points a tier's pool has lost at an age; None for a tier that was not measured.

        Linear between the measured ages, from nothing at week 0; beyond the last one, what is lost there.
        """
        if tier not in self.elo_lost:
            return None
        points = [(0, 0.0), *zip(self.age_weeks, self.elo_lost[tier], strict=True)]
        for (young, less), (old, more) in pairwise(points):
            if weeks <= old:
                return less + (more - less) * (weeks - young) / (old - young)
        return points[-1][1]
