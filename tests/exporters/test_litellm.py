"""The LiteLLM fragment says everything that LiteLLM would otherwise assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.exporters import litellm
from pipeline.exporters.exporter import left_out
from pipeline.router.pool_model import read_pool
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from tests.router.conftest import Shelf

FRUGAL_2 = """\
  - model_name: "neo-mode/frugal"
    litellm_params:
      model: "openai/gpt-x"
      api_key: "os.environ/OPENAI_API_KEY"
      order: 2
      timeout: 600
      input_cost_per_token: 0.0000006
      output_cost_per_token: 0.0000024
      cache_read_input_token_cost: 0.0000006
      reasoning_effort: "high"
    model_info:
      id: "frugal.2.openai/gpt-x@high"
      pool_version: "v0002"
"""
PREMIUM_1 = """\
  - model_name: "neo-mode/premium"
    litellm_params:
      model: "maker/large-9"
      order: 1
      timeout: 900
      input_cost_per_token: 0.0000003
      output_cost_per_token: 0.0000012
      cache_read_input_token_cost: 0.00000003
      reasoning_effort: "max"
    model_info:
      id: "premium.1.maker/large-9@max"
      pool_version: "v0002"
"""
SETTINGS = """\
include: ["pool.litellm.yaml"]
model_list: []
router_settings:
  enable_pre_call_checks: true
  num_retries: 0
  max_fallbacks: 7
  cooldown_time: 60
  fallbacks:
    - "neo-mode/frugal": ["neo-mode/balanced"]
    - "neo-mode/balanced": ["neo-mode/premium"]
general_settings:
  master_key: "os.environ/LITELLM_MASTER_KEY"
"""


def test_a_member_is_a_deployment_with_order_costs_effort_and_identity(shelf: Shelf) -> None:
    fragment = litellm.litellm_fragment(read_pool(shelf.signed()))
    assert FRUGAL_2 in fragment, "cached input without a price of its own costs what input costs"
    assert PREMIUM_1 in fragment, "a member without a key variable has no api_key"
    assert fragment.count("model_name:") == litellm.deployment_count(read_pool(shelf.signed())) == 4


def test_a_member_that_needs_no_effort_is_sent_none(shelf: Shelf) -> None:
    first = (
        litellm.litellm_fragment(read_pool(shelf.signed()))
        .split('id: "frugal.1.')[0]
        .rsplit("model_name", 1)[1]
    )
    assert "maker/small-4" in first
    assert "reasoning_effort" not in first


def test_the_header_tells_what_the_operator_must_know(shelf: Shelf) -> None:
    header = litellm.litellm_fragment(read_pool(shelf.signed())).split("model_list:")[0]
    assert all(line.startswith("# ") for line in header.splitlines())
    for told in (
        "Pool v0002 of 2026-W33: refreshed weekly, reviewed before deployment.",
        "Attribution: Arena figures: LMArena, CC-BY-4.0",
        "Environment: MAKER_API_KEY OPENAI_API_KEY SMALL_API_KEY.",
        "Models: 4.",
        "Expires on 2026-09-12",
        "Tested with LiteLLM 1.106.2 and 1.108.7.",
        "1.80.11 ignores `order` without `enable_pre_call_checks`",
        "enable_pre_call_checks: true",
        "num_retries: 0",
        "max_fallbacks: 7",
        "cooldown_time: 60",
        '"neo-mode/frugal": ["neo-mode/balanced"]',
    ):
        assert told in header


def test_the_settings_are_ready_to_start_a_proxy(shelf: Shelf) -> None:
    assert litellm.litellm_settings(read_pool(shelf.signed())) == SETTINGS


def test_tiers_an_operator_named_fall_back_to_the_next_better_one(shelf: Shelf) -> None:
    signed = shelf.signed()
    tiers = shelf.at(signed, "tiers")
    assert isinstance(tiers, dict)
    renamed: dict[str, JsonValue] = {
        "alpha": tiers["premium"],
        "beta": tiers["frugal"],
        "gamma": tiers["balanced"],
    }
    signed["tiers"] = renamed
    for name, quality in (("alpha", "0.9"), ("beta", "0.4"), ("gamma", "0.6")):
        shelf.put(signed, ("tiers", name, "members", 0, "quality"), quality)
    shelf.put(signed, ("tiers", "beta", "members", 1, "quality"), "0.3")
    assert (
        '    - "neo-mode/beta": ["neo-mode/gamma"]\n    - "neo-mode/gamma": ["neo-mode/alpha"]\n'
        in litellm.litellm_settings(read_pool(signed))
    )


def test_coding_tiers_have_a_way_up_of_their_own(shelf: Shelf) -> None:
    signed = shelf.signed()
    tiers = shelf.at(signed, "tiers")
    assert isinstance(tiers, dict)
    coding: dict[str, JsonValue] = {
        f"{name}-coding": {**tier, "evidence": "coding"}
        for name, tier in tiers.items()
        if name != "frugal" and isinstance(tier, dict)
    }
    signed["tiers"] = {**tiers, **coding}
    assert (
        '    - "neo-mode/frugal": ["neo-mode/balanced"]\n'
        '    - "neo-mode/balanced": ["neo-mode/premium"]\n'
        '    - "neo-mode/balanced-coding": ["neo-mode/premium-coding"]\n'
        "general_settings"
    ) in litellm.litellm_settings(read_pool(signed))
    assert 'model_name: "neo-mode/premium-coding"' in litellm.litellm_fragment(read_pool(signed))


def test_a_verified_pool_exports_the_same_text_as_the_file(folder: Path, shelf: Shelf) -> None:
    assert litellm.litellm_fragment(verify(folder, today=None).pool) == litellm.litellm_fragment(
        read_pool(shelf.signed())
    )


def test_the_required_environment_is_sorted_and_named_once(shelf: Shelf) -> None:
    signed = shelf.signed()
    shelf.put(signed, ("tiers", "frugal", "members", 0, "key_env"), "OPENAI_API_KEY")
    assert litellm.required_env(read_pool(signed)) == ("MAKER_API_KEY", "OPENAI_API_KEY")


def test_a_member_without_a_litellm_route_is_left_out_and_said_so(shelf: Shelf) -> None:
    signed = shelf.signed()
    shelf.put(signed, ("tiers", "frugal", "members", 0, "routes"), {"openrouter": "maker/small-4"})
    said = "frugal rank 1, small-4@none: no `litellm` route"
    assert left_out(read_pool(signed), litellm.ROUTER) == (said,)
    fragment = litellm.litellm_fragment(read_pool(signed))
    assert f"# Left out: {said}\n" in fragment
    assert "Models: 3." in fragment
    assert 'id: "frugal.2.openai/gpt-x@high"' in fragment, "ranks stay what was approved"
    assert "SMALL_API_KEY" not in litellm.required_env(read_pool(signed))
    assert left_out(read_pool(shelf.signed()), litellm.ROUTER) == ()


def test_a_tier_that_litellm_cannot_reach_at_all_is_refused(shelf: Shelf) -> None:
    signed = shelf.signed()
    shelf.put(signed, ("tiers", "premium", "members", 0, "routes"), {"openrouter": "maker/large-9"})
    for export in (litellm.litellm_fragment, litellm.litellm_settings):
        with pytest.raises(RefusedError, match="no member of premium has a `litellm` route") as caught:
            export(read_pool(signed))
        assert "variants.csv" in caught.value.hint


def test_the_orders_of_the_bands_are_what_a_group_cannot_hold(shelf: Shelf) -> None:
    signed = shelf.signed()
    (said,) = litellm.inexpressible(read_pool(signed))
    assert said == "the orders of the bands of frugal: a group goes by rank"
    assert f"# Left out: {said}\n" in litellm.litellm_fragment(read_pool(signed))
    variants = shelf.at(signed, "tiers", "frugal", "bands", "simple")
    shelf.put(signed, ("tiers", "frugal", "bands", "medium"), variants)
    assert litellm.inexpressible(read_pool(signed)) == ()


def test_a_fragment_that_reads_back_as_another_pool_is_told(shelf: Shelf) -> None:
    view = read_pool(shelf.signed())
    text = litellm.litellm_fragment(view)
    assert litellm.validate(text, view) == ()
    (told,) = litellm.validate(text.replace("openai/gpt-x", "openai/gpt-y", 1), view)
    assert "gpt-y" in told
    assert "gpt-x" in told


def test_a_hostile_name_stays_inside_its_quotes(shelf: Shelf) -> None:
    signed = shelf.signed()
    shelf.put(signed, ("tiers", "frugal", "members", 0, "routes", "litellm"), 'x"}\\#{{a}}:&*!')
    shelf.put(signed, ("attribution",), ["a\u2028model_list: []", "\x85b"])
    fragment = litellm.litellm_fragment(read_pool(signed))
    assert 'model: "x\\"}\\\\#{{a}}:&*!"' in fragment
    assert [line for line in fragment.splitlines() if line.startswith("model_list")] == ["model_list:"]
