"""Writes a pool as a LiteLLM proxy reads it: one model group per tier, `order` is the rank.

Every cost is written, because LiteLLM counts what it does not know as free, and every key's
variable is named, because LiteLLM goes silently on to the next candidate when one is missing.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import yaml

from pipeline.exporters.exporter import Exporter, left_out, routed_members, tiers_with_bands
from pipeline.exporters.yaml_document import comment, yaml_document
from pipeline.router.pick import alias_of, fallback_tiers
from pipeline.router.routes import request_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.exporters.yaml_document import Yaml
    from pipeline.router.pool_model import MemberView, PoolView

ROUTER: Final = "litellm"
FRAGMENT: Final = "pool.litellm.yaml"
TESTED: Final = ("1.106.2", "1.108.7")
"""Releases of LiteLLM that `make test-router` passes with; its lock holds one of them."""

_USD_PER_TOKEN_EXPONENT = -12  # micro-dollars per million tokens
_COOLDOWN_SECONDS = 60
_FEWEST_FALLBACKS = 5


def litellm_fragment(view: PoolView) -> str:
    """Write the file that an operator's `config.yaml` includes.

    Raises:
        RefusedError: A tier none of whose members LiteLLM can reach.
    """
    omissions = [*left_out(view, ROUTER), *inexpressible(view)]
    lines = [*_header(view), *(f"Left out: {line}" for line in omissions)]
    deployments = _deployments(view)
    return "".join(f"{comment(line)}\n" for line in lines) + yaml_document({"model_list": deployments})


def litellm_settings(view: PoolView) -> str:
    """Write the `config.yaml` an operator starts from; it includes the fragment.

    Raises:
        RefusedError: As for the fragment.
    """
    return yaml_document(
        {
            "include": [FRAGMENT],
            "model_list": [],
            "router_settings": _router_settings(view),
            "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
        }
    )


def required_env(view: PoolView) -> tuple[str, ...]:
    """List the environment variables the fragment reads, sorted; check them before loading it."""
    routed = routed_members(view, ROUTER).values()
    return tuple(sorted({member.key_env for members in routed for member in members if member.key_env}))


def deployment_count(view: PoolView) -> int:
    """Count the models that `litellm --validate_config` must report for the fragment."""
    return sum(map(len, routed_members(view, ROUTER).values()))


def inexpressible(view: PoolView) -> tuple[str, ...]:
    """Say what of a pool a model group cannot hold."""
    tiers = tiers_with_bands(view)
    return (f"the orders of the bands of {', '.join(tiers)}: a group goes by rank",) if tiers else ()


def validate(text: str, view: PoolView) -> tuple[str, ...]:
    """Read the fragment as LiteLLM does and compare each deployment with the member it stands for."""
    read = [
        (item["model_name"], item["litellm_params"]["order"], item["litellm_params"]["model"])
        for item in yaml.safe_load(text)["model_list"]
    ]
    meant = [
        (alias_of(name), member.rank, member.routes[ROUTER].model)
        for name, members in routed_members(view, ROUTER).items()
        for member in members
    ]
    return tuple(
        f"{there} is read where {here} is meant"
        for here, there in zip(meant, read, strict=True)
        if here != there
    )


def _deployments(view: PoolView) -> list[Mapping[str, Yaml]]:
    routed = routed_members(view, ROUTER).items()
    return [_deployment(name, member, view.version) for name, members in routed for member in members]


def _deployment(tier: str, member: MemberView, version: int) -> Mapping[str, Yaml]:
    route = member.routes[ROUTER]
    price = route.price
    cached = price.cache_read_microusd_per_mtok
    params: dict[str, Yaml] = {"model": route.model}
    if member.key_env:
        params["api_key"] = f"os.environ/{member.key_env}"
    params |= {
        "order": member.rank,
        "timeout": request_seconds(member.effort),
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
        "model_name": alias_of(tier),
        "litellm_params": params,
        "model_info": {"id": identity, "pool_version": f"v{version:04}"},
    }


def _header(view: PoolView) -> list[str]:
    keys = " ".join(required_env(view)) or "nothing"
    count = deployment_count(view)
    return [
        f"Pool v{view.version:04} of {view.week}: refreshed weekly, reviewed before deployment.",
        "Written by `modelpool export litellm`; change the policy, not this file.",
        *(f"Attribution: {line}" for line in view.attribution),
        f"Expires on {view.expires_on}: from then on raise an alarm and keep serving.",
        f"Environment: {keys}. A missing key is a silent failover to the next rank.",
        f"Models: {count}. Fewer in `litellm --config config.yaml --validate_config`: a provider is unknown.",
        f"Tested with LiteLLM {' and '.join(TESTED)}.",
        "1.80.11 ignores `order` without `enable_pre_call_checks`, and with it goes from a failing first",
        "rank to the next tier, not to the second rank.",
        "The proxy that includes this file needs:",
        *yaml_document({"router_settings": _router_settings(view)}).splitlines(),
    ]


def _router_settings(view: PoolView) -> Mapping[str, Yaml]:
    upwards = fallback_tiers(view)
    longest = max(len(ladder) for ladder in upwards)
    return {
        "enable_pre_call_checks": True,
        "num_retries": 0,
        "max_fallbacks": max(_FEWEST_FALLBACKS, deployment_count(view) + longest),
        "cooldown_time": _COOLDOWN_SECONDS,
        "fallbacks": [
            {alias_of(tier): [alias_of(above)]} for ladder in upwards for tier, above in pairwise(ladder)
        ],
    }


def _usd_per_token(microusd_per_mtok: int) -> Decimal:
    return Decimal(microusd_per_mtok).scaleb(_USD_PER_TOKEN_EXPONENT)


LITELLM: Final = Exporter(
    target=ROUTER,
    title="the fragment that a LiteLLM proxy's config.yaml includes: one model group per tier",
    file=FRAGMENT,
    route=ROUTER,
    render=litellm_fragment,
    config=litellm_settings,
    required_env=required_env,
    inexpressible=inexpressible,
    validate=validate,
)
