"""Selects what of a policy a history can answer: boards, prices, vendors by name; no capability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import AA_INTELLIGENCE, arena_metric
from pipeline.domain.policy import ConcentrationPolicy
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy

ARENA: Final = arena_metric("text", "overall")
"""The board a history holds."""

_UNASKED: Final = {
    "min_context_tokens": 0,
    "needs_tools": False,
    "needs_vision": False,
    "open_weights_only": False,
    "vendors_allowed": (),
    "vendors_denied": (),
    "regions_allowed": (),
    "licences_allowed": (),
}


def answerable_policy(policy: Policy) -> Policy:
    """Leave out the tiers that believe other boards; as it is where none would be left, to be refused."""
    known = {
        name
        for name, evidence in policy.evidence.items()
        if (evidence.arena, evidence.index) == (ARENA, AA_INTELLIGENCE)
    }
    tiers = {name: tier for name, tier in policy.tiers.items() if tier.evidence in known}
    return policy.model_copy(update={"tiers": tiers}) if tiers else policy


def judgeable_tiers(policy: Policy) -> Policy:
    """Lift what a history cannot answer: it states no licence or capability, and a vendor only by name.

    Raises:
        UsageError: A tier believes other boards than the text board and the intelligence index.
    """
    for name, tier in sorted(policy.tiers.items()):
        evidence = policy.evidence[tier.evidence]
        if (evidence.arena, evidence.index) != (ARENA, AA_INTELLIGENCE):
            raise UsageError(
                f"tier {name} believes {evidence.arena} and {evidence.index}",
                hint=f"A history holds {ARENA} and {AA_INTELLIGENCE}; leave the tier out of the policy.",
            )
    lifted = {name: tier.model_copy(update=_UNASKED) for name, tier in policy.tiers.items()}
    return policy.model_copy(update={"tiers": lifted, "concentration": ConcentrationPolicy()})
