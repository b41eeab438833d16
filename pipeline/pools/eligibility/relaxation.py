"""Writes one line of the policy that would lift a rule of eligibility for a variant."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipeline.domain.score import Cost
from pipeline.pools.eligibility.candidate_facts import route_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.policy import Policy, TierPolicy
    from pipeline.pools.eligibility.candidate_facts import RouteFacts
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.pools.tier_selection import TierSelection


Table = Literal["regions", "licences"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One line of the policy that would lift a rule."""

    words: str
    """The line as a person would write it, and on what condition."""
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationCase:
    """A variant that a tier leaves out, and what the line may say."""

    inputs: SelectionInput
    choice: TierSelection
    variant: Variant

    @property
    def tier(self) -> TierPolicy:
        """What the tier asks."""
        return self.choice.field.tier

    @property
    def facts(self) -> RouteFacts:
        """What its route can do."""
        lines = self.inputs.lines(self.choice.field.name)
        line = next((one for one in lines if one.variant == self.variant.id), None)
        return route_facts(self.variant, self.inputs.profiles.get(self.variant.id), line)

    @property
    def cost(self) -> Cost | None:
        """What a task costs; None where it has no score or price."""
        score = self.choice.field.scoreboard.scores.get(self.variant.id)
        return score.cost if score is not None and isinstance(score.cost, Cost) else None

    def setting(self, key: str, value: JsonValue, words: str = "") -> Relaxation:
        """Change one key of the tier."""
        policy, name = self.inputs.policy, self.choice.field.name
        given = tuple(value) if isinstance(value, list) else value
        tier = self.tier.model_copy(update={key: given})
        return Relaxation(
            words=f"tiers.{name}.{key} = {json.dumps(value)}{words}",
            policy=policy.model_copy(update={"tiers": {**policy.tiers, name: tier}}),
        )

    def table(self, key: Table, added: Mapping[str, str]) -> Relaxation:
        """Add lines to a table of what the operator knows."""
        policy = self.inputs.policy
        lines = ", ".join(f'"{name}" = "{word}"' for name, word in added.items())
        known = {"regions": policy.regions, "licences": policy.licences}[key]
        return Relaxation(
            words=f"[{key}] {lines}, if that is so",
            policy=policy.model_copy(update={key: {**known, **added}}),
        )


Lift = Callable[[RelaxationCase], Relaxation | None]
"""Writes the least change of the policy that lifts a rule for a variant; None where none does."""
