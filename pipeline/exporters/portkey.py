"""Writes a pool as the config of a Portkey gateway: a condition per tier, below it a fallback by rank.

The gateway answers with `config.targets[T].targets[M]` in `x-portkey-last-used-option-index`: the tier
and the member that answered, both counted from 0.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pipeline.exporters.exporter import (
    OPENROUTER_KEY,
    Exporter,
    routed_members,
    tiers_with_bands,
)
from pipeline.router.pick import alias_of, fallback_tiers
from pipeline.router.routes import request_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.router.pool_model import MemberView, PoolView

ROUTE: Final = "openrouter"
_MILLISECONDS: Final = 1000


def portkey_config(view: PoolView) -> str:
    """Write the JSON of the header `x-portkey-config`, with a placeholder where the key belongs.

    Raises:
        RefusedError: A tier none of whose members has an OpenRouter route.
    """
    reachable = _reachable_members(view)
    document = {
        "strategy": {
            "mode": "conditional",
            "conditions": [
                {"query": {"params.model": {"$eq": alias_of(name)}}, "then": name} for name in reachable
            ],
        },
        "targets": [
            {
                "name": name,
                "strategy": {"mode": "fallback"},
                "targets": [_target(member) for member in members],
            }
            for name, members in reachable.items()
        ],
    }
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def inexpressible(view: PoolView) -> tuple[str, ...]:
    """Say what of a pool the config cannot hold."""
    tiers = tiers_with_bands(view)
    bands = (f"the orders of the bands of {', '.join(tiers)}: a fallback goes by rank",) if tiers else ()
    return (
        f"the key: replace ${{{OPENROUTER_KEY}}}, as `envsubst` does; Portkey reads no environment",
        f"expiry and version: they are v{view.version:04} and {view.expires_on}; name the file after them",
        "a cooldown: each request asks a failing member again before the next one",
        *bands,
    )


def validate(text: str, view: PoolView) -> tuple[str, ...]:
    """Read the config back and compare the members below each condition with the pool's."""
    document = json.loads(text)
    targets = {target["name"]: target["targets"] for target in document["targets"]}
    meant = {
        alias_of(name): [_override(one) for one in found] for name, found in _reachable_members(view).items()
    }
    read = {
        one["query"]["params.model"]["$eq"]: [member["override_params"] for member in targets[one["then"]]]
        for one in document["strategy"]["conditions"]
    }
    return tuple(
        f"{name}: {read.get(name)} is read where {calls} is meant"
        for name, calls in meant.items()
        if read.get(name) != calls
    )


def _reachable_members(view: PoolView) -> Mapping[str, tuple[MemberView, ...]]:
    """List whom each tier asks, in order: its own members, then those of the tiers above it."""
    routed = routed_members(view, ROUTE)
    ladders = [ladder[step:] for ladder in fallback_tiers(view) for step in range(len(ladder))]
    found = {ladder[0]: tuple(member for name in ladder for member in routed[name]) for ladder in ladders}
    return {name: found[name] for name in view.tiers}


def _target(member: MemberView) -> Mapping[str, object]:
    return {
        "provider": "openrouter",
        "api_key": f"${{{OPENROUTER_KEY}}}",
        "request_timeout": request_seconds(member.effort) * _MILLISECONDS,
        "override_params": _override(member),
    }


def _override(member: MemberView) -> Mapping[str, object]:
    route = member.routes[ROUTE]
    return {"model": route.model, **route.parameters}


PORTKEY: Final = Exporter(
    target="portkey",
    title="the config of a Portkey gateway: a condition per tier, below it a fallback by rank",
    file="pool.portkey.json",
    route=ROUTE,
    render=portkey_config,
    required_env=lambda _: (OPENROUTER_KEY,),
    inexpressible=inexpressible,
    validate=validate,
)
