"""Writes a pool as the configuration of vLLM Semantic Router: an entrypoint and a recipe per tier.

The router sends an effort as `reasoning_effort` at the top of the body, which OpenRouter takes for
`reasoning.effort`; a member that is bought in another way is left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import yaml

from pipeline.exporters.exporter import OPENROUTER_KEY, Exporter, routed_members, tiers_with_bands
from pipeline.exporters.yaml_document import comment, yaml_document
from pipeline.router.pick import alias_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.exporters.yaml_document import Yaml
    from pipeline.router.pool_model import MemberView, PoolView
    from pipeline.router.routes import RouteView

ROUTE: Final = "openrouter"
SCHEMA: Final = "v0.3"
"""Version of the configuration; `vllm-sr config validate` of release 0.4.0 accepts what is written here."""
_ADDRESS: Final = "https://openrouter.ai/api/v1"
_PARAMETER: Final = "reasoning_effort"
_USD_EXPONENT: Final = -6  # micro-dollars


def semantic_router_config(view: PoolView) -> str:
    """Write the configuration file.

    Raises:
        RefusedError: A tier none of whose members can be bought through this router.
    """
    routed = routed_members(view, ROUTE, _find_obstacle)
    members = {member.variant: member for found in routed.values() for member in found}
    lines = [
        f"Pool v{view.version:04} of {view.week}: refreshed weekly, reviewed before deployment.",
        "Written by `modelpool export vllm-sr`; change the policy, not this file.",
        *(f"Attribution: {line}" for line in view.attribution),
        f"Expires on {view.expires_on}: from then on raise an alarm and keep serving.",
    ]
    document: dict[str, Yaml] = {
        "version": SCHEMA,
        "listeners": [{"name": "pool", "address": "127.0.0.1", "port": 8899, "timeout": "900s"}],
        "providers": {
            "defaults": {"model": next(iter(members))},
            "models": [_model(member) for member in members.values()],
        },
        "routing": {"modelCards": [_card(member) for member in members.values()]},
        "entrypoints": [{"model_names": [alias_of(name)], "recipe": name} for name in routed],
        "recipes": [_recipe(name, found) for name, found in routed.items()],
    }
    return "".join(f"{comment(line)}\n" for line in lines) + yaml_document(document)


def inexpressible(view: PoolView) -> tuple[str, ...]:
    """Say what of a pool the configuration cannot hold."""
    tiers = tiers_with_bands(view)
    return (
        "the order among tiers: a tier whose members all fail does not fall to the next one up",
        *((f"the orders of the bands of {', '.join(tiers)}: a recipe goes by rank",) if tiers else ()),
    )


def validate(text: str, view: PoolView) -> tuple[str, ...]:
    """Read the configuration back and compare each recipe with the tier it stands for."""
    document = yaml.safe_load(text)
    models = {one["name"]: one["provider_model_id"] for one in document["providers"]["models"]}
    recipes = {one["name"]: one["routing"]["decisions"][0]["modelRefs"] for one in document["recipes"]}
    read = {
        one["model_names"][0]: [
            (models[ref["model"]], ref.get("reasoning_effort")) for ref in recipes[one["recipe"]]
        ]
        for one in document["entrypoints"]
    }
    meant = {
        alias_of(name): [(one.routes[ROUTE].model, _effort(one.routes[ROUTE])) for one in found]
        for name, found in routed_members(view, ROUTE, _find_obstacle).items()
    }
    return tuple(
        f"{name}: {read.get(name)} is read where {calls} is meant"
        for name, calls in meant.items()
        if read.get(name) != calls
    )


def _find_obstacle(route: RouteView) -> str | None:
    return (
        None if not route.send or _effort(route) else "its effort is no word, so this router cannot send it"
    )


def _effort(route: RouteView) -> str | None:
    """Return the word that asks for the effort, where that is all that is sent."""
    for send, key in ((route.send, _PARAMETER), (route.send.get("reasoning"), "effort")):
        if not isinstance(send, str | int | None) and set(send) == {key} and len(route.send) == 1:
            word = send[key]
            return word if isinstance(word, str) else None
    return None


def _model(member: MemberView) -> Mapping[str, Yaml]:
    route = member.routes[ROUTE]
    price, effort = route.price, _effort(route)
    cached = price.cache_read_microusd_per_mtok
    backend = {
        "name": "openrouter",
        "provider": "openrouter",
        "base_url": _ADDRESS,
        "api_key_env": OPENROUTER_KEY,
    }
    model: dict[str, Yaml] = {
        "name": member.variant,
        "provider_model_id": route.model,
        "backend_refs": [backend],
        "pricing": {
            "currency": "USD",
            "prompt_per_1m": _usd(price.input_microusd_per_mtok),
            "cached_input_per_1m": _usd(price.input_microusd_per_mtok if cached is None else cached),
            "completion_per_1m": _usd(price.output_microusd_per_mtok),
        },
    }
    if effort:
        model["reasoning"] = {
            "type": "top_level_reasoning_effort",
            "parameter": _PARAMETER,
            "levels": [effort],
            "default": effort,
        }
    return model


def _card(member: MemberView) -> Mapping[str, Yaml]:
    card: dict[str, Yaml] = {"name": member.variant}
    if member.context_tokens:
        card["context_window_size"] = member.context_tokens
    return card


def _recipe(tier: str, members: Sequence[MemberView]) -> Mapping[str, Yaml]:
    return {
        "name": tier,
        "routing": {
            "decisions": [
                {
                    "name": tier,
                    "priority": 100,
                    "rules": {"operator": "AND", "conditions": []},
                    "modelRefs": [_reference(member) for member in members],
                    "algorithm": {"type": "static"},
                }
            ],
            "fallback": {"version": 1, "enabled": True, "max_attempts": len(members)},
        },
    }


def _reference(member: MemberView) -> Mapping[str, Yaml]:
    effort = _effort(member.routes[ROUTE])
    reference: dict[str, Yaml] = {"model": member.variant, "use_reasoning": effort is not None}
    if effort:
        reference["reasoning_effort"] = effort
    return reference


def _usd(microusd: int) -> Decimal:
    return Decimal(microusd).scaleb(_USD_EXPONENT)


VLLM_SEMANTIC_ROUTER: Final = Exporter(
    target="vllm-sr",
    title="the configuration of vLLM Semantic Router: an entrypoint and a recipe per tier",
    file="pool.vllm-sr.yaml",
    route=ROUTE,
    obstacle=_find_obstacle,
    render=semantic_router_config,
    required_env=lambda _: (OPENROUTER_KEY,),
    inexpressible=inexpressible,
    validate=validate,
)
