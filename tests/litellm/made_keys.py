"""Virtual keys as LiteLLM's custom auth hands them in, in place of those a database would hold."""

from __future__ import annotations

from typing import Any, Final

from litellm.proxy._types import LitellmUserRoles, UserAPIKeyAuth, hash_token

from tests.litellm.load import MASTER_KEY

KEYS: Final[dict[str, dict[str, Any]]] = {
    MASTER_KEY: {"user_role": LitellmUserRoles.PROXY_ADMIN},
    "sk-only-balanced": {"models": ["neo-mode/balanced"]},
    "sk-bound": {"models": [], "metadata": {"pool_band": "simple"}},
    "sk-of-a-bound-team": {"models": [], "team_id": "made", "team_metadata": {"pool_band": "complex"}},
    "sk-poor": {
        "models": [],
        "model_max_budget": {
            model: {"budget_limit": 1e-9, "time_period": "1d"} for model in ("neo-mode/balanced", "own")
        },
    },
}


async def authenticate(_: object, api_key: str) -> UserAPIKeyAuth:
    """Return what is known of a key.

    Raises:
        ValueError: Nobody made this key.
    """
    if api_key not in KEYS:
        raise ValueError("an unknown key")
    token = hash_token(api_key)
    return UserAPIKeyAuth(api_key=token, token=token, **KEYS[api_key])
