"""Tells which member answered: in the body, and in headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pipeline.gateway.names import DeploymentId, read_id

BRAIN: Final = "brainModel"


def origin(response: object, data: Mapping[str, object]) -> DeploymentId | None:
    """Find the deployment that answered; None where it is none of ours.

    The answer itself says it; only where it carries nothing does the request's metadata count, which after a
    failover LiteLLM may still hold from the first attempt.
    """
    # LiteLLM makes a class for each stream, which an abstract class would have to get to know each time.
    hidden = response.get("_hidden_params") if isinstance(response, dict) else None
    hidden = hidden or getattr(response, "_hidden_params", None)
    found = read_id(hidden.get("model_id")) if isinstance(hidden, Mapping) else None
    if found:
        return found
    metadata = data.get("litellm_metadata")
    info = metadata.get("model_info") if isinstance(metadata, Mapping) else None
    return read_id(info.get("id")) if isinstance(info, Mapping) else None


def mark(response: object, variant: str) -> None:
    """Write `brainModel` into a body."""
    if isinstance(response, dict):
        response[BRAIN] = variant
    else:
        setattr(response, BRAIN, variant)


def headers_of(found: DeploymentId | None, steps: Mapping[str, object] | None) -> dict[str, str]:
    """Write the headers beside an answer.

    Args:
        found: Who answered; None: nobody of ours.
        steps: How that was decided, where the client asked for it.
    """
    headers = origin_headers(found) if found else {}
    if steps is not None:
        headers["x-pool-explain"] = json.dumps(steps, separators=(",", ":"))
    return headers


def origin_headers(found: DeploymentId) -> dict[str, str]:
    """Write the headers that name who answered."""
    return {
        "x-brain-model": found.variant,
        "x-pool-version": f"v{found.version:04}",
        "x-pool-band": found.band,
        "x-pool-tier": found.tier,
    }
