"""A pool written by hand: real provider prefixes, a rank LiteLLM cannot reach, tiers of its own names."""

from __future__ import annotations


def made_pool() -> dict[str, object]:
    """Build the `signed` part; qualities rise from `low` to `top`, so that `low` falls back to `mid`."""
    return {
        "format": 1,
        "version": 7,
        "week": "2026-W33",
        "as_of": "2026-08-15T12:00:00Z",
        "expires_on": "2026-09-12",
        "base": {"version": 6, "sha256": "ab" * 32},
        "policy_sha256": "cd" * 32,
        "audit_head": None,
        "attribution": ["Figures made up for this test"],
        "tiers": {
            "low": _tier(
                _member(1, "deepseek/made-small", "none", "DEEPSEEK_API_KEY"),
                _member(2, "openai/gpt-5-made", "high", "OPENAI_API_KEY"),
                _member(3, "gemini/gemini-2.5-flash", "low", "GEMINI_API_KEY"),
            ),
            "mid": _tier(
                _member(1, "openai/gpt-5-made", "medium", "OPENAI_API_KEY"),
                _member(2, None, "high", None),
                _member(3, "openai/gpt-5-made", "low", "OPENAI_API_KEY"),
            ),
            "top": _tier(
                _member(1, "anthropic/claude-made", "none", "ANTHROPIC_API_KEY"),
                _member(2, "openai/gpt-5-made", "high", "OPENAI_API_KEY"),
            ),
        },
    }


def _tier(*members: dict[str, object]) -> dict[str, object]:
    return {"evidence": "general", "k": 5, "members": list(members), "bands": {}}


def _member(rank: int, route: str | None, effort: str, key: str | None) -> dict[str, object]:
    release = (route or "elsewhere/made").split("/")[1]
    quality = {"none": "0.50", "low": "0.55", "medium": "0.60", "high": "0.65"}[effort]
    if release == "claude-made":
        quality = "0.90"
    return {
        "rank": rank,
        "variant": f"{release}@{effort}",
        "vendor": "Maker",
        "family": release,
        "release": release,
        "effort": effort,
        "routes": {"litellm": route} if route else {"openrouter": "elsewhere/made"},
        "key_env": key,
        "reasoning_effort": None if effort == "none" else effort,
        "price": {
            "input_microusd_per_mtok": 300_000 + rank,
            "output_microusd_per_mtok": 1_250_000,
            "cache_read_microusd_per_mtok": None if rank == 2 else 75_000,
            "sources": ["openrouter", "genai-prices"],
            "note": "",
        },
        "usd_per_task": "0.0041",
        "cost_grade": "2a",
        "quality": quality,
        "quality_low": "0.40",
        "quality_high": "0.95",
        "acceptable_answers_per_usd": "61.25",
        "utility_low": "-0.0010",
        "utility_high": "0.0020",
        "inclusion_probability": "0.93",
        "floor_probability": "1.00",
        "rank_low": 1,
        "rank_high": 3,
        "context_tokens": 200_000,
        "tools": True,
        "vision": None,
        "retires_on": None,
        "stale": False,
    }
