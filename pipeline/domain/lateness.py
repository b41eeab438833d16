"""What a pool loses while nobody approves the next one: `data/policy/lateness.toml`, typed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from pipeline.domain.document import Document

if TYPE_CHECKING:
    from collections.abc import Collection

Loss = Annotated[float, Field(ge=0)]
ByAge = dict[str, tuple[Loss, ...]]
"""By tier: what is lost at each age."""


class Lateness(Document):
    """Measured on past weeks: an estimate, never a rule."""

    format: Annotated[int, Field(ge=1, le=1)]
    age_weeks: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    """Ages of a pool, in weeks, ascending."""
    answers_lost: ByAge = Field(default={})
    """Answers per 100 requests, at the tier's own price of an answer."""
    elo_lost: ByAge = Field(default={})
    """Elo points, in files from before `answers_lost`."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if any(one >= two for one, two in pairwise(self.age_weeks)):
            raise ValueError(f"age_weeks must ascend, are {list(self.age_weeks)}")
        for name, by_tier in (("answers_lost", self.answers_lost), ("elo_lost", self.elo_lost)):
            for tier, lost in by_tier.items():
                if len(lost) != len(self.age_weeks):
                    count = len(self.age_weeks)
                    raise ValueError(f"{name}.{tier} has {len(lost)} numbers for {count} ages")
        return self

    def lost_in(self, by_tier: ByAge, tiers: Collection[str], weeks: int) -> tuple[tuple[str, float], ...]:
        """Estimate what each tier's pool has lost at an age; a tier that was not measured is left out.

        Linear between the measured ages, from nothing at week 0; beyond the last one, what is lost there.

        Args:
            by_tier: `answers_lost` or `elo_lost`.
            tiers: Those that are asked about.
            weeks: Age of the pool, from 0 on.
        """
        return tuple((tier, self._at(lost, weeks)) for tier, lost in by_tier.items() if tier in tiers)

    def _at(self, lost: tuple[float, ...], weeks: int) -> float:
        points = [(0, 0.0), *zip(self.age_weeks, lost, strict=True)]
        for (young, less), (old, more) in pairwise(points):
            if weeks <= old:
                return less + (more - less) * (weeks - young) / (old - young)
        return points[-1][1]
