"""Puts a plan into a running LiteLLM router: new groups, then aliases; old groups leave after a grace.

A request that is under way keeps the groups of the version it started with, and a version that does not
land completely is taken out again before any alias leads to it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from litellm.types.router import Deployment, LiteLLM_Params, ModelInfo

from pipeline.errors import RefusedError
from pipeline.gateway.registry_plan import DEFAULT_BAND
from pipeline.router.pick import alias_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.gateway.registry_plan import PlannedDeployment, PlannedTier, RegistryPlan

CLASSES: Final = {"simple": "SIMPLE", "medium": "MEDIUM", "complex": "COMPLEX"}
"""Our bands, by the words of LiteLLM's classifier plugins."""
_MODEL_OF_A_TIER: Final = "auto_router/complexity_router"


class Router(Protocol):
    """The part of `litellm.Router` that this room uses."""

    fallbacks: list[dict[str, list[str]]]

    def upsert_deployment(self, deployment: Deployment) -> object:
        """Add or replace one entry."""

    def delete_deployment(self, id: str) -> object:  # noqa: A002 - LiteLLM's own name
        """Remove one entry."""

    def get_deployment(self, model_id: str) -> object | None:
        """Return one entry; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OldGroups:
    due: float
    ids: tuple[str, ...]


class Registry:
    """What this process has put into LiteLLM's registry."""

    def __init__(self, router: Router, classifier: object, *, grace_seconds: float) -> None:
        """Remember the router; it is changed by `apply` only.

        Args:
            router: The proxy's router.
            classifier: A LiteLLM classifier plugin; it answers with a band in LiteLLM's words.
            grace_seconds: How long groups of an earlier version stay, for requests that are under way.
        """
        self._router = router
        self._classifier = classifier
        self._grace = grace_seconds
        self._plan: RegistryPlan | None = None
        self._old: list[_OldGroups] = []

    @property
    def plan(self) -> RegistryPlan | None:
        """The plan that is served; None before the first."""
        return self._plan

    async def apply(self, plan: RegistryPlan) -> None:
        """Serve a plan from now on.

        Raises:
            RefusedError: LiteLLM did not take every member; the registry is as it was.
        """
        entries = [_entry(planned) for planned in plan.deployments]
        served = {str(planned.id) for planned in self._plan.deployments} if self._plan else set()
        new = [str(planned.id) for planned in plan.deployments if str(planned.id) not in served]
        if missing := await self._add_deployments(entries):
            self._remove(new)
            raise RefusedError(
                f"LiteLLM did not take {', '.join(missing)} of v{plan.version:04}: an unknown provider?",
                hint="Correct `litellm` in data/crosswalk/variants.csv, run, approve and publish; "
                "the version before stays in service.",
            )
        earlier = self._plan
        self._lead(plan)
        self._plan = plan
        if earlier and earlier.version != plan.version:
            gone = tuple(str(planned.id) for planned in earlier.deployments)
            self._old.append(_OldGroups(due=time.monotonic() + self._grace, ids=gone))

    async def restore(self) -> int:
        """Put back entries that somebody else removed, as a database sync may; return how many."""
        plan = self._plan
        if plan is None:
            return 0
        lost = [planned for planned in plan.deployments if not self._holds(str(planned.id))]
        await self._add_deployments([_entry(planned) for planned in lost])
        tiers = [tier for tier in plan.tiers.values() if not self._holds(_alias_id(tier.name))]
        for tier in tiers:
            self._router.upsert_deployment(self._alias_entry(tier, plan.version))
        return len(lost) + len(tiers)

    def remove_old_groups(self) -> None:
        """Remove the groups whose grace is over."""
        now = time.monotonic()
        for groups in [each for each in self._old if each.due <= now]:
            self._remove(groups.ids)
            self._old.remove(groups)

    async def _add_deployments(self, entries: Iterable[Deployment]) -> list[str]:
        """Add entries, giving way to requests in between; return the ids that did not land."""
        ids = []
        for entry in entries:
            self._router.upsert_deployment(entry)
            ids.append(str(entry.model_info.id))
            await asyncio.sleep(0)
        return [each for each in ids if not self._holds(each)]

    def _lead(self, plan: RegistryPlan) -> None:
        """Let every alias lead to the plan's groups; no request runs in between."""
        for tier in plan.tiers.values():
            self._router.upsert_deployment(self._alias_entry(tier, plan.version))
        earlier = self._plan.tiers if self._plan else {}
        self._remove(_alias_id(name) for name in earlier if name not in plan.tiers)
        self._router.fallbacks = _fallbacks(self._router.fallbacks, plan)

    def _alias_entry(self, tier: PlannedTier, version: int) -> Deployment:
        groups = {CLASSES[band]: group for band, group in tier.groups.items()}
        return Deployment(
            model_name=tier.alias,
            litellm_params=LiteLLM_Params(
                model=_MODEL_OF_A_TIER,
                complexity_router_default_model=tier.groups[DEFAULT_BAND],
                complexity_router_config=_router_settings(tier, groups, self._classifier),
            ),
            model_info=ModelInfo(id=_alias_id(tier.name), pool_version=f"v{version:04}"),
        )

    def _remove(self, ids: Iterable[str]) -> None:
        for each in ids:
            self._router.delete_deployment(each)

    def _holds(self, identity: str) -> bool:
        return self._router.get_deployment(model_id=identity) is not None


def _entry(planned: PlannedDeployment) -> Deployment:
    return Deployment(
        model_name=planned.id.group,
        litellm_params=LiteLLM_Params(**planned.parameters),
        model_info=ModelInfo(id=str(planned.id), pool_version=f"v{planned.id.version:04}", **planned.prices),
    )


def _alias_id(tier: str) -> str:
    return f"{tier}#alias"


def _router_settings(tier: PlannedTier, groups: Mapping[str, str], classifier: object) -> dict[str, object]:
    """Configure LiteLLM's auto router to ask the classifier and to do nothing else of its own.

    Left alone it overwrites the client's `max_tokens`, may summarise the conversation by an extra billed
    call, keeps a session on one member and sends what looks like housekeeping to the cheapest. It also prices
    each answer again at its hardest class; that class, which the classifier never names, leads nowhere, so
    there is nothing to compare with.
    """
    return {
        "tiers": {**groups, "REASONING": f"{tier.alias}#none"},
        "default_model": tier.groups[DEFAULT_BAND],
        "classifier_type": "custom",
        "classifier_plugin": classifier,
        "classifier_fallback": "default_model",
        "max_tokens_from_tier_model": False,
        "context_compaction": False,
        "deployment_affinity": False,
        "session_affinity": False,
        "route_housekeeping_to_cheapest_tier": False,
        "escalation_keywords": [],
    }


def _fallbacks(present: list[dict[str, list[str]]] | None, plan: RegistryPlan) -> list[dict[str, list[str]]]:
    """Write the ways up, beside those an operator gave to models of their own."""
    ours = {alias_of(name) for name in plan.tiers}
    kept = [each for each in present or [] if not set(each) & ours]
    ways = [{tier.alias: [alias_of(tier.above)]} for tier in plan.tiers.values() if tier.above]
    return [*kept, *ways]
