"""Plans what LiteLLM's registry must hold for one pool version; computes, changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pipeline.errors import RefusedError
from pipeline.gateway.names import DeploymentId, group_of
from pipeline.gateway.requirements import Capabilities
from pipeline.router.pick import alias_of, fallback_tiers
from pipeline.router.pool_model import BANDS
from pipeline.router.routes import request_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.router.pool_model import MemberView, PoolView, TierView

ROUTER: Final = "litellm"
DEFAULT_BAND: Final = "medium"
STAND_IN_KEY: Final = "stand-in"
"""What a stand-in for a provider is sent in place of a key."""
_USD_PER_TOKEN_EXPONENT: Final = -12


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What a plan depends on besides the pool."""

    environment: Mapping[str, str]
    """Where the members' keys are."""
    upstreams: str | None = None
    """Address of a server here that stands in for every provider; None: the providers themselves."""
    timeout_seconds: float | None = None
    """For every member; None: by its effort."""
    structured_output: Callable[[str], bool | None] = lambda _: None
    """Whether a LiteLLM model id takes a response schema; None: nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeployment:
    """One entry of LiteLLM's registry."""

    id: DeploymentId
    parameters: Mapping[str, object]
    """LiteLLM's `litellm_params`; holds a provider key, so it is never shown."""
    prices: Mapping[str, float]
    """Dollars per token for LiteLLM's `model_info`; it would register a parameter anew with each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTier:
    """One alias that clients ask for."""

    name: str
    alias: str
    groups: Mapping[str, str]
    """By band, the hidden group that answers."""
    members: Mapping[str, Capabilities]
    """By variant, in rank order."""
    above: str | None
    """The tier that answers when this one cannot; None: the top of its ladder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryPlan:
    """The whole registry of one pool version."""

    version: int
    deployments: tuple[PlannedDeployment, ...]
    tiers: Mapping[str, PlannedTier]
    smallest_context: int | None
    """Of all members, in tokens; None where nobody said."""


def required_keys(view: PoolView) -> tuple[str, ...]:
    """List the environment variables that the pool's members need, sorted."""
    return tuple(
        sorted({m.key_env for tier in view.tiers.values() for m in _reachable_members(tier) if m.key_env})
    )


def plan_registry(view: PoolView, options: PlanOptions) -> RegistryPlan:
    """Plan the registry of a pool.

    Raises:
        RefusedError: A tier without a member that LiteLLM can reach, or a key that is not set.
    """
    if options.upstreams is None:
        refuse_missing_keys(view, options.environment)
    if empty := sorted(name for name, tier in view.tiers.items() if not _reachable_members(tier)):
        raise RefusedError(
            f"no member of {', '.join(empty)} has a `{ROUTER}` route: the gateway would lose the tier",
            hint="Fill `litellm` and `litellm_effort` in data/crosswalk/variants.csv, then `modelpool run`.",
        )
    above = {below: higher for ladder in fallback_tiers(view) for below, higher in pairwise(ladder)}
    contexts = [member.context_tokens for tier in view.tiers.values() for member in _reachable_members(tier)]
    return RegistryPlan(
        version=view.version,
        smallest_context=min((each for each in contexts if each is not None), default=None),
        deployments=tuple(
            _deployment(identity, member, options)
            for name, tier in view.tiers.items()
            for band in BANDS
            for identity, member in _deployment_places(name, tier, band, view.version)
        ),
        tiers={
            name: _tier(tier, view.version, above.get(name), options) for name, tier in view.tiers.items()
        },
    )


def refuse_missing_keys(view: PoolView, environment: Mapping[str, str]) -> None:
    """Refuse a pool some of whose members have no key: LiteLLM would go silently on to the next one.

    Raises:
        RefusedError: A key is not set.
    """
    if missing := [name for name in required_keys(view) if not environment.get(name)]:
        raise RefusedError(
            f"v{view.version:04} needs {', '.join(missing)}, which the environment lacks",
            hint=f"`export {missing[0]}=...` with the provider's key, then start the gateway again.",
        )


def _reachable_members(tier: TierView) -> list[MemberView]:
    return [member for member in tier.members if ROUTER in member.routes]


def _deployment_places(
    name: str, tier: TierView, band: str, version: int
) -> list[tuple[DeploymentId, MemberView]]:
    members = {member.variant: member for member in _reachable_members(tier)}
    order = [variant for variant in tier.bands.get(band, tuple(members)) if variant in members]
    return [
        (
            DeploymentId(tier=name, band=band, version=version, order=place, variant=variant),
            members[variant],
        )
        for place, variant in enumerate(order, start=1)
    ]


def _tier(tier: TierView, version: int, above: str | None, options: PlanOptions) -> PlannedTier:
    return PlannedTier(
        name=tier.name,
        alias=alias_of(tier.name),
        groups={band: group_of(tier.name, band, version) for band in BANDS},
        members={
            member.variant: Capabilities(
                context_tokens=member.context_tokens,
                tools=member.tools,
                vision=member.vision,
                structured_output=options.structured_output(member.routes[ROUTER].model),
            )
            for member in _reachable_members(tier)
        },
        above=above,
    )


def _deployment(identity: DeploymentId, member: MemberView, options: PlanOptions) -> PlannedDeployment:
    route = member.routes[ROUTER]
    price = route.price
    cached = price.cache_read_microusd_per_mtok
    seconds = options.timeout_seconds or request_seconds(member.effort)
    return PlannedDeployment(
        id=identity,
        parameters={
            **_address(member, options),
            "order": identity.order,
            "timeout": seconds,
            "stream_timeout": seconds,
            **route.parameters,
        },
        prices={
            "input_cost_per_token": _usd_per_token(price.input_microusd_per_mtok),
            "output_cost_per_token": _usd_per_token(price.output_microusd_per_mtok),
            # LiteLLM would count unpriced cached input as free; it is billed as input.
            "cache_read_input_token_cost": _usd_per_token(
                price.input_microusd_per_mtok if cached is None else cached
            ),
        },
    )


def _address(member: MemberView, options: PlanOptions) -> Mapping[str, object]:
    model = member.routes[ROUTER].model
    if options.upstreams is not None:
        base = f"{options.upstreams}/{quote(member.variant, safe='')}/v1"
        return {"model": f"openai/{model}", "api_base": base, "api_key": STAND_IN_KEY}
    key = options.environment[member.key_env] if member.key_env else None
    return {"model": model, "api_key": key} if key else {"model": model}


def _usd_per_token(microusd_per_mtok: int) -> float:
    return float(Decimal(microusd_per_mtok).scaleb(_USD_PER_TOKEN_EXPONENT))
