"""What a name in a past table tells: judged, spelled, by its leading word, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.crosswalk import NameFamily
from pipeline.domain.ids import VariantId
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.names.family_inference import FamilyInference

if TYPE_CHECKING:
    from tests.identity.conftest import Shelf

KINSHIP = FamilyInference(load_crosswalk(Path(__file__).resolve().parents[2] / "data" / "crosswalk"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("claude-opus-4-6-high", NameFamily("anthropic", "claude-opus-4.6", "high")),
        ("claude-opus-4.6-high", NameFamily("anthropic", "claude-opus-4.6", "high")),
        ("claude-3-7-sonnet-20250219-thinking-32k", NameFamily("anthropic", "claude-3.7-sonnet", "on")),
        ("deepseek-v3-1", NameFamily("deepseek", "deepseek-v3.1", "none")),
        ("gpt-5-2", NameFamily("openai", "gpt-5.2", "default")),
    ],
)
def test_a_judged_name_is_its_variant_whatever_separates_its_words(name: str, told: NameFamily) -> None:
    assert KINSHIP.of(name) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("chatgpt-4o-latest-20241120", NameFamily("openai", "chatgpt-4o-latest", "none")),
        ("gpt-4-1-mini-20250414", NameFamily("openai", "gpt-4.1-mini", "none")),
        ("o4-mini-20250416", NameFamily("openai", "o4-mini", None)),  # known at several efforts
    ],
)
def test_a_name_that_spells_a_known_release_but_for_its_date_is_of_its_family(
    name: str, told: NameFamily
) -> None:
    assert KINSHIP.of(name) == told


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("claude-2-0", "anthropic"),
        ("qwen1-5-72b-chat", "alibaba"),
        ("llama2-70b-steerlm-chat", "meta"),
        ("llama-3-1-nemotron-51b-instruct", "nvidia"),  # several vendors' releases begin with llama
        ("hunyuan-turbos-20250416", "tencent"),  # judged names speak too
        ("gpt4all-13b-snoozy", None),
        ("vicuna-13b", None),
        ("stripedhyena-nous-7b", None),
        ("", None),
    ],
)
def test_else_the_leading_word_tells_the_vendor_or_nothing_does(name: str, vendor: str | None) -> None:
    assert KINSHIP.of(name).vendor == vendor


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        ("grok-4-1-thinking", "on"),
        ("gemini-2-0-flash-thinking-exp-1219", "on"),
        ("olmo-3-32b-think", "on"),
        ("qwen-max-0919", None),  # a model's name
        ("magistral-medium-2506", None),  # the same
        ("claude-3-5-haiku-20241022", None),
    ],
)
def test_an_effort_is_told_where_the_name_states_one(name: str, effort: str | None) -> None:
    assert KINSHIP.of(name).effort == effort


def test_snapshots_of_one_model_are_one_family_and_its_siblings_are_not() -> None:
    one, two, other = (
        KINSHIP.of(name).family for name in ("deepseek-v2-5", "deepseek-v2-5-1210", "deepseek-coder-v2")
    )
    assert one == two != other


def test_two_vendors_of_one_leading_word_are_told_apart_or_neither_is_told(shelf: Shelf) -> None:
    sun = shelf.variant("sun-1@none")
    lines = (
        replace(sun, id=VariantId("sun-1@none"), vendor="east"),
        replace(sun, id=VariantId("sun-2@none"), release="sun-2", vendor="west"),
        replace(sun, id=VariantId("sun-glow-3@none"), release="sun-glow-3", vendor="south"),
    )
    kinship = FamilyInference(shelf.crosswalk(*lines))
    assert kinship.of("sun-glow-4").vendor == "south"
    assert kinship.of("sun-4").vendor is None
