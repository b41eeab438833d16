"""What is exported is YAML that means what was approved, and LiteLLM accepts all of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.exporters.exporter import left_out
from pipeline.exporters.litellm import ROUTER, deployment_count, litellm_fragment, required_env
from pipeline.exporters.yaml_document import yaml_document
from pipeline.router.pool_model import read_pool
from tests.litellm.conftest import tiers_of
from tests.litellm.made_pool import made_pool

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.router
yaml = pytest.importorskip("yaml", reason="the environment of `make test-router` brings PyYAML with litellm")

ROOT = Path(__file__).resolve().parents[2]

HOSTILE = [
    "a: b",
    "- x",
    "{a}",
    "[",
    "#",
    "'",
    '"',
    "\\",
    "\n",
    "\u2028",
    "\x85",
    "😀",
    "on",
    "~",
    "1e3",
    "%",
    "@",
]


def test_litellm_counts_every_deployment(
    pools: list[Mapping[str, object]], validation: list[subprocess.Popen[str]]
) -> None:
    for pool, process in zip(pools, validation, strict=True):
        told, _ = process.communicate(timeout=90)
        counted = re.search(r"config OK \((\d+) models\)", told)
        assert counted is not None, told[-2000:]
        assert int(counted[1]) == deployment_count(read_pool(pool)), (
            "a provider that LiteLLM does not know is dropped"
        )


ACCEPTS = """
import json, sys
import litellm
from litellm.utils import get_optional_params
refused = []
for identity, route, effort in json.load(sys.stdin):
    try:
        model, provider, _, _ = litellm.get_llm_provider(route)
        get_optional_params(model=model, custom_llm_provider=provider, reasoning_effort=effort)
    except Exception as error:
        refused.append([identity, str(error)])
print(json.dumps(refused))
"""
"""An effort that LiteLLM does not know for a model is a 400 before the call: a silent failover."""


def test_litellm_accepts_the_effort_of_every_deployment_at_its_real_provider(
    pools: list[Mapping[str, object]], environment: dict[str, str]
) -> None:
    asked = [
        (identity, member.routes["litellm"].model, member.routes["litellm"].send.get("reasoning_effort"))
        for pool in pools
        for tier in tiers_of(pool)
        for identity, member in zip(tier.ids, tier.members, strict=True)
    ]
    control = ("control", "zai/glm-made", "high")
    refused = _refused([control, *asked], environment)
    assert [identity for identity, _ in refused] == ["control"], refused


def _refused(asked: list[tuple[str, str, object]], environment: dict[str, str]) -> list[tuple[str, str]]:
    command = [sys.executable, "-c", ACCEPTS]
    done = subprocess.run(
        command,
        input=json.dumps(asked),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [(identity, error) for identity, error in json.loads(done.stdout.splitlines()[-1])]


def test_the_fragment_reads_back_as_the_pool(pools: list[Mapping[str, object]]) -> None:
    for pool in pools:
        models = {
            model["model_info"]["id"]: model
            for model in yaml.safe_load(litellm_fragment(read_pool(pool)))["model_list"]
        }
        tiers = tiers_of(pool)
        assert sorted(models) == sorted(identity for tier in tiers for identity in tier.ids)
        for tier in tiers:
            for identity, member in zip(tier.ids, tier.members, strict=True):
                params = models[identity]["litellm_params"]
                assert models[identity]["model_name"] == tier.alias
                assert (params["order"], params["model"]) == (member.rank, member.routes["litellm"].model)
                exact = float(Decimal(member.price.output_microusd_per_mtok).scaleb(-12))
                assert params["output_cost_per_token"] == exact


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_reads_back_as_text(text: str) -> None:
    assert yaml.safe_load(yaml_document({"x": text, "list": [text], "items": [{text: text}]})) == {
        "x": text,
        "list": [text],
        "items": [{text: text}],
    }


def test_the_preflight_names_exactly_the_keys_that_are_missing(environment: dict[str, str]) -> None:
    pool = read_pool(made_pool())
    assert required_env(pool) == ("ANTHROPIC_API_KEY", "DEEPSEEK_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY")
    assert set(required_env(pool)) <= set(environment)
    without = {name: value for name, value in environment.items() if name != "GEMINI_API_KEY"}
    assert set(required_env(pool)) - set(without) == {"GEMINI_API_KEY"}


def test_the_member_litellm_cannot_reach_is_the_one_left_out() -> None:
    pool = read_pool(made_pool())
    assert left_out(pool, ROUTER) == ("mid rank 2, made@high: no `litellm` route",)
    assert deployment_count(pool) == 7
