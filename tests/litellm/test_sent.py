"""What every variant of the crosswalk buys through LiteLLM: what reaches the provider is what was meant.

Each variant is exported like a member of a pool, sent through LiteLLM's own router, and recorded on loopback;
nothing is compared with what LiteLLM says about itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.effort_parameters import LITELLM
from pipeline.exporters.litellm import TESTED, litellm_fragment
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.router.pool_model import read_pool
from tests.litellm.made_pool import made_pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.domain.crosswalk import Variant

    Json = dict[str, object]

pytestmark = pytest.mark.router

ROOT = Path(__file__).resolve().parents[2]
TOP = ("reasoning", "reasoning_effort", "thinking", "output_config", "enable_thinking", "thinking_budget")
"""Where providers read an effort: at the top of the body ..."""
INNER = ("thinkingConfig",)
"""... or, at Gemini, in `generationConfig`."""
SAID = "ping"


def _routed() -> list[Variant]:
    variants = load_crosswalk(ROOT / "data" / "crosswalk").variants.values()
    return [variant for variant in variants if variant.send(LITELLM) is not None]


VARIANTS = _routed()


@pytest.fixture(scope="module")
def recorded(monkeypatch_module: pytest.MonkeyPatch) -> Mapping[str, tuple[str, Json]]:
    """Send each variant once; return path and body as they reached its provider, by variant."""
    litellm = pytest.importorskip("litellm")
    yaml = pytest.importorskip("yaml")
    from tests.litellm.upstreams import KEY, Upstreams

    litellm.suppress_debug_info = True
    for name, value in _environment(KEY).items():
        monkeypatch_module.setenv(name, value)
    models = [
        model
        for pool in _pools()
        for model in yaml.safe_load(litellm_fragment(read_pool(pool)))["model_list"]
    ]
    with Upstreams() as upstreams:
        for variant, model in zip(VARIANTS, models, strict=True):
            model["model_name"] = variant.id
            model["litellm_params"]["api_base"] = _address(upstreams.api_base(variant.id), variant)
        router = litellm.Router(model_list=models, num_retries=0, enable_pre_call_checks=True)
        refused = {variant.id: _ask(litellm, router, variant) for variant in VARIANTS}
        bodies = dict(upstreams.bodies)
        paths = dict(upstreams.paths)
    return {
        variant.id: (paths.get(variant.id, ""), bodies.get(variant.id, {"refused": refused[variant.id]}))
        for variant in VARIANTS
    }


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    """Change the environment for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def _environment(key: str) -> dict[str, str]:
    names = {variant.key_env for variant in VARIANTS if variant.key_env}
    return {**dict.fromkeys(names, key), "WATSONX_PROJECT_ID": "made", "WATSONX_TOKEN": key}


def _pools() -> list[Json]:
    """Put every variant into a tier of a pool, as a member with the one route under test."""
    some = made_pool()["tiers"]["low"]["members"][0]  # type: ignore[index] # reason: nested literals
    pools = []
    for start in range(0, len(VARIANTS), 50):
        group = VARIANTS[start : start + 50]
        members = [
            {name: value for name, value in some.items() if name != "reasoning_effort"}
            | {
                "rank": rank,
                "variant": variant.id,
                "effort": variant.effort,
                "key_env": variant.key_env,
                "serves": ["spare" if rank > 1 else "default"],
                "routes": {
                    LITELLM: {
                        "model": variant.litellm,
                        "send": variant.send(LITELLM),
                        "price": some["price"],
                    }
                },
            }
            for rank, variant in enumerate(group, start=1)
        ]
        tier = {"evidence": "general", "k": 50, "members": members, "bands": {}}
        pools.append(made_pool() | {"format": 2, "tiers": {"all": tier}})
    return pools


def _address(base: str, variant: Variant) -> str:
    """Anthropic's client adds the version to the path by itself."""
    return base.removesuffix("/v1") if variant.vendor == "anthropic" else base


def _ask(litellm: object, router: object, variant: Variant) -> str:
    """Ask; an upstream that speaks another provider's tongue fails after the body is recorded."""
    try:
        router.completion(  # type: ignore[attr-defined] # reason: litellm is not installed where types are checked
            model=variant.id, messages=[{"role": "user", "content": SAID}], timeout=10
        )
    except Exception as error:  # noqa: BLE001 - every client error; the body tells whether the call was made
        return f"{type(error).__name__}: {error}"[:200]
    return ""


def asked(body: Mapping[str, object]) -> Json:
    """Take from a body what it says about reasoning, wherever a provider reads it."""
    inner = body.get("generationConfig")
    found = {name: body[name] for name in TOP if name in body}
    if isinstance(inner, dict):
        found |= {name: inner[name] for name in INNER if name in inner}
    return found


def meant(variant: Variant, path: str) -> Json:
    """Say what the provider must read for what the crosswalk sends; written from the providers' own pages."""
    send = variant.send(LITELLM) or {}
    provider = (variant.litellm or "").partition("/")[0]
    if "extra_body" in send:
        return asked(send["extra_body"])  # type: ignore[arg-type] # reason: an object, the reader says
    if "thinking" in send:
        return {"thinkingConfig": {"includeThoughts": True}} if provider == "gemini" else dict(send)
    word = send.get("reasoning_effort")
    if word is None:
        return {}
    if provider == "anthropic":
        thinking = {"type": "adaptive", "display": "summarized"}
        return {"thinking": thinking, "output_config": {"effort": word}}
    if provider == "gemini":
        level = {"thinkingLevel": word, "includeThoughts": True}
        return {
            "thinkingConfig": {"thinkingBudget": 0, "includeThoughts": False} if word == "none" else level
        }
    return {"reasoning": {"effort": word}} if path.endswith("/responses") else {"reasoning_effort": word}


def test_there_are_variants_to_send_through_every_kind_of_cell() -> None:
    kinds = [set(variant.send(LITELLM) or {}) for variant in VARIANTS]
    assert len(VARIANTS) > 350
    for kind in (set(), {"reasoning_effort"}, {"thinking"}, {"extra_body"}):
        assert kind in kinds


@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.id for variant in VARIANTS])
def test_the_body_that_reaches_the_provider_is_the_one_meant(
    variant: Variant, recorded: Mapping[str, tuple[str, Json]]
) -> None:
    path, body = recorded[variant.id]
    assert "refused" not in body, "refused before the call: a silent failover"
    assert asked(body) == meant(variant, path)
    assert json.dumps(body).count(SAID) == 1


def test_no_two_variants_make_the_same_request(recorded: Mapping[str, tuple[str, Json]]) -> None:
    first: dict[str, str] = {}
    same = []
    for variant in VARIANTS:
        request = json.dumps([variant.litellm, asked(recorded[variant.id][1])], sort_keys=True)
        if first.setdefault(request, variant.id) != variant.id:
            same.append((first[request], variant.id))
    assert same == []


def test_the_installed_release_is_one_that_the_fragment_names() -> None:
    pytest.importorskip("litellm")
    from importlib.metadata import version

    assert version("litellm") in TESTED
