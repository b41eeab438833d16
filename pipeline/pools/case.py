"""What a line of the policy would have to say for a variant: the values beside each other, and the words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipeline.domain.score import Cost
from pipeline.pools.facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.pools.brief import Brief
    from pipeline.pools.facts import Facts
    from pipeline.pools.tier_selection import TierSelection

Table = Literal["regions", "licences"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxed:
    """One line of the policy that would lift a rule."""

    words: str
    """The line as a person would write it, and on what condition."""
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A variant that a tier leaves out, and what the line may say."""

    brief: Brief
    choice: TierSelection
    variant: Variant

    @property
    def tier(self) -> TierPolicy:
        """What the tier asks."""
        return self.choice.field.tier

    @property
    def facts(self) -> Facts:
        """What its route can do."""
        lines = self.brief.lines(self.choice.field.name)
        line = next((one for one in lines if one.variant == self.variant.id), None)
        return facts_of(self.variant, self.brief.profiles.get(self.variant.id), line)

    @property
    def cost(self) -> Cost | None:
        """What a task costs; None where it has no score or price."""
        score = self.choice.field.scoreboard.scores.get(self.variant.id)
        return score.cost if score is not None and isinstance(score.cost, Cost) else None

    def setting(self, key: str, value: JsonValue, words: str = "") -> Relaxed:
        """Change one key of the tier."""
        policy, name = self.brief.policy, self.choice.field.name
        given = tuple(value) if isinstance(value, list) else value
        tier = self.tier.model_copy(update={key: given})
        return Relaxed(
            words=f"tiers.{name}.{key} = {json.dumps(value)}{words}",
            policy=policy.model_copy(update={"tiers": {**policy.tiers, name: tier}}),
        )

    def table(self, key: Table, added: Mapping[str, str]) -> Relaxed:
        """Add lines to a table of what the operator knows."""
        policy = self.brief.policy
        lines = ", ".join(f'"{name}" = "{word}"' for name, word in added.items())
        known = {"regions": policy.regions, "licences": policy.licences}[key]
        return Relaxed(
            words=f"[{key}] {lines}, if that is so",
            policy=policy.model_copy(update={key: {**known, **added}}),
        )
