"""A pool as a LiteLLM proxy reads it: one model group per tier, `order` is the rank.

Every cost is written, because LiteLLM counts what it does not know as free, and every key's
variable is named, because LiteLLM goes silently on to the next candidate when one is missing.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pipeline.errors import RefusedError
from pipeline.exporters.yaml_text import comment, yaml_text
from pipeline.router.fallbacks import fallback_tiers
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.exporters.yaml_text import Yaml
    from pipeline.router.pool_model import Candidate, PoolView

ROUTER: Final = "litellm"
ALIAS: Final = "neo-mode"
FRAGMENT: Final = "pool.litellm.yaml"
TESTED: Final = ("1.106.2", "1.108.7")
"""Releases of LiteLLM that `make test-router` passes with; its lock holds one of them."""

_USD_PER_TOKEN_EXPONENT = -12  # micro-dollars per million tokens
_COOLDOWN_SECONDS = 60
_FEWEST_FALLBACKS = 5


def litellm_fragment(pool: Mapping[str, object]) -> str:
    """Write the file that an operator's `config.yaml` includes.

    Args:
        pool: The `signed` part of a pool file.

    Raises:
        RefusedError: Not a pool, or a tier none of whose members LiteLLM can reach.
    """
    view = read_pool(pool)
    deployments = _deployments(view)
    lines = [*_header(view, len(deployments)), *(f"Left out: {line}" for line in left_out(pool))]
    return "".join(f"{comment(line)}\n" for line in lines) + yaml_text({"model_list": deployments})


def litellm_settings(pool: Mapping[str, object]) -> str:
    """Write the `config.yaml` an operator starts from; it includes the fragment.

    Raises:
        RefusedError: As for the fragment.
    """
    view = read_pool(pool)
    _deployments(view)
    return yaml_text(
        {
            "include": [FRAGMENT],
            "model_list": [],
            "router_settings": _router_settings(view),
            "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
        }
    )


def required_env(pool: Mapping[str, object]) -> tuple[str, ...]:
    """List the environment variables the fragment reads, sorted; check them before loading it.

    Raises:
        RefusedError: Not a pool.
    """
    return tuple(sorted({member.key_env for _, member in _routed(read_pool(pool)) if member.key_env}))


def left_out(pool: Mapping[str, object]) -> tuple[str, ...]:
    """Say which members the fragment leaves out, one line each, in tier and rank order.

    Raises:
        RefusedError: Not a pool.
    """
    return tuple(
        f"{name} rank {member.rank}, {member.variant}: no `{ROUTER}` route"
        for name, tier in read_pool(pool).tiers.items()
        for member in tier.members
        if ROUTER not in member.routes
    )


def deployment_count(pool: Mapping[str, object]) -> int:
    """Count the models that `litellm --validate_config` must report for the fragment.

    Raises:
        RefusedError: Not a pool.
    """
    return len(_routed(read_pool(pool)))


def _routed(view: PoolView) -> list[tuple[str, Candidate]]:
    return [
        (name, member)
        for name, tier in view.tiers.items()
        for member in tier.members
        if ROUTER in member.routes
    ]


def _deployments(view: PoolView) -> list[Mapping[str, Yaml]]:
    routed = _routed(view)
    if empty := sorted(view.tiers.keys() - {name for name, _ in routed}):
        raise RefusedError(
            f"no member of {', '.join(empty)} has a `{ROUTER}` route: the proxy would lose the tier",
            hint="Fill `litellm` and `litellm_effort` in data/crosswalk/variants.csv, then `modelpool run`.",
        )
    return [_deployment(name, member, view.version) for name, member in routed]


def _deployment(tier: str, member: Candidate, version: int) -> Mapping[str, Yaml]:
    route = member.routes[ROUTER]
    price = route.price
    cached = price.cache_read_microusd_per_mtok
    params: dict[str, Yaml] = {"model": route.model}
    if member.key_env:
        params["api_key"] = f"os.environ/{member.key_env}"
    params |= {
        "order": member.rank,
        "input_cost_per_token": _usd_per_token(price.input_microusd_per_mtok),
        "output_cost_per_token": _usd_per_token(price.output_microusd_per_mtok),
        # LiteLLM would count unpriced cached input as free; it is billed as input.
        "cache_read_input_token_cost": _usd_per_token(
            price.input_microusd_per_mtok if cached is None else cached
        ),
    }
    params |= route.send
    identity = f"{tier}.{member.rank}.{route.model}@{member.effort}"
    return {
        "model_name": f"{ALIAS}/{tier}",
        "litellm_params": params,
        "model_info": {"id": identity, "pool_version": f"v{version:04}"},
    }


def _header(view: PoolView, count: int) -> list[str]:
    keys = sorted({member.key_env for _, member in _routed(view) if member.key_env})
    return [
        f"Pool v{view.version:04} of {view.week}: refreshed weekly, reviewed before deployment.",
        "Written by `modelpool export litellm`; change the policy, not this file.",
        *(f"Attribution: {line}" for line in view.attribution),
        f"Expires on {view.expires_on}: from then on raise an alarm and keep serving.",
        f"Environment: {' '.join(keys) or 'nothing'}. A missing key is a silent failover to the next rank.",
        f"Models: {count}. Fewer in `litellm --config config.yaml --validate_config`: a provider is unknown.",
        f"Tested with LiteLLM {' and '.join(TESTED)}.",
        "1.80.11 ignores `order` without `enable_pre_call_checks`, and with it goes from a failing first",
        "rank to the next tier, not to the second rank.",
        "The proxy that includes this file needs:",
        *yaml_text({"router_settings": _router_settings(view)}).splitlines(),
    ]


def _router_settings(view: PoolView) -> Mapping[str, Yaml]:
    upwards = fallback_tiers(view)
    longest = max(len(ladder) for ladder in upwards)
    return {
        "enable_pre_call_checks": True,
        "num_retries": 0,
        "max_fallbacks": max(_FEWEST_FALLBACKS, len(_routed(view)) + longest),
        "cooldown_time": _COOLDOWN_SECONDS,
        "fallbacks": [
            {f"{ALIAS}/{tier}": [f"{ALIAS}/{above}"]}
            for ladder in upwards
            for tier, above in pairwise(ladder)
        ],
    }


def _usd_per_token(microusd_per_mtok: int) -> Decimal:
    return Decimal(microusd_per_mtok).scaleb(_USD_PER_TOKEN_EXPONENT)
