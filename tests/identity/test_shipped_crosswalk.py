"""The shipped crosswalk keeps the rules of its README: one meaning per name, nothing joined for likeness."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from uuid import UUID

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, LMARENA_WEBDEV, SourceName
from pipeline.identity.crosswalk.load import SCORE_SOURCES, load_crosswalk
from pipeline.identity.names.name_parser import parse_name, words_of

CROSSWALK = load_crosswalk(Path(__file__).resolve().parents[2] / "data" / "crosswalk")
MEANT = {(word.source, str(word.name)): word.variant for word in CROSSWALK.judgements.values()}
"""By published name, which is what a person reads."""

KEY_OF = {
    "ai21": "AI21_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "dashscope": "DASHSCOPE_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "minimax": "MINIMAX_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "moonshot": "MOONSHOT_API_KEY",
    "novita": "NOVITA_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "publicai": "PUBLICAI_API_KEY",
    "watsonx": "WATSONX_APIKEY",
    "xai": "XAI_API_KEY",
    "zai": "ZAI_API_KEY",
}
"""Who LiteLLM dispatches to, and the environment variable it reads there."""

APART = [
    (ARTIFICIAL_ANALYSIS, "Hermes 3 - Llama-3.1 70B", ARTIFICIAL_ANALYSIS, "Llama 3.1 Instruct 70B"),
    (ARTIFICIAL_ANALYSIS, "Hermes 4 - Llama-3.1 70B (Non-reasoning)", LMARENA_TEXT, "llama-3.1-70b-instruct"),
    (ARTIFICIAL_ANALYSIS, "Llama 3.1 Nemotron Instruct 70B", LMARENA_TEXT, "llama-3.1-70b-instruct"),
    (ARTIFICIAL_ANALYSIS, "DeepSeek R1 Distill Llama 70B", LMARENA_TEXT, "deepseek-r1"),
    (LMARENA_TEXT, "llama-3.1-405b-instruct-bf16", LMARENA_TEXT, "llama-3.1-405b-instruct-fp8"),
    (ARTIFICIAL_ANALYSIS, "Command-R+ (Apr '24)", ARTIFICIAL_ANALYSIS, "Command-R (Mar '24)"),
    (LMARENA_TEXT, "command-r-plus", LMARENA_TEXT, "command-r"),
    (LMARENA_TEXT, "qwen3.7-max-preview", ARTIFICIAL_ANALYSIS, "Qwen3.7 Max"),
    (LMARENA_WEBDEV, "qwen3.7-max-20260517", ARTIFICIAL_ANALYSIS, "Qwen3.7 Max"),
    (LMARENA_TEXT, "qwen3.7-plus", ARTIFICIAL_ANALYSIS, "Qwen3.7 Max"),
    (ARTIFICIAL_ANALYSIS, "GPT-5.4 (xhigh)", ARTIFICIAL_ANALYSIS, "GPT-5.4 mini (xhigh)"),
    (ARTIFICIAL_ANALYSIS, "GPT-5.4 (xhigh)", ARTIFICIAL_ANALYSIS, "GPT-5.4 Pro (xhigh)"),
    (ARTIFICIAL_ANALYSIS, "GPT-5 (high)", ARTIFICIAL_ANALYSIS, "GPT-5 Codex (high)"),
    (ARTIFICIAL_ANALYSIS, "o1", ARTIFICIAL_ANALYSIS, "o1-pro"),
    (LMARENA_TEXT, "o1-preview", LMARENA_TEXT, "o1-2024-12-17"),
    (LMARENA_TEXT, "kimi-k2-thinking-turbo", ARTIFICIAL_ANALYSIS, "Kimi K2 Thinking"),
    (ARTIFICIAL_ANALYSIS, "GLM-5-Turbo", LMARENA_TEXT, "glm-5"),
    (ARTIFICIAL_ANALYSIS, "GLM-4.6V (Reasoning)", ARTIFICIAL_ANALYSIS, "GLM-4.6 (Reasoning)"),
    (ARTIFICIAL_ANALYSIS, "GLM-4.7-Flash (Reasoning)", ARTIFICIAL_ANALYSIS, "GLM-4.7 (Reasoning)"),
    (LMARENA_WEBDEV, "deepseek-v4-pro-high-20260813", LMARENA_WEBDEV, "deepseek-v4-pro-high-preview"),
    (LMARENA_TEXT, "minimax-m2.1-preview", ARTIFICIAL_ANALYSIS, "MiniMax-M2.1"),
    (LMARENA_TEXT, "minimax-m1", ARTIFICIAL_ANALYSIS, "MiniMax M1 80k"),
    (LMARENA_TEXT, "grok-3-preview-02-24", ARTIFICIAL_ANALYSIS, "Grok 3"),
    (LMARENA_TEXT, "grok-3-mini-beta", ARTIFICIAL_ANALYSIS, "Grok 3 mini Reasoning (high)"),
    (ARTIFICIAL_ANALYSIS, "Grok 4.20 0309 v2 (Reasoning)", LMARENA_TEXT, "grok-4.20-beta-0309-reasoning"),
    (ARTIFICIAL_ANALYSIS, "Step 3.5 Flash 2603", LMARENA_TEXT, "step-3.5-flash"),
    (LMARENA_WEBDEV, "KAT-Coder-Pro-V1", ARTIFICIAL_ANALYSIS, "KAT Coder Pro V2"),
    (LMARENA_TEXT, "nova-2-lite", ARTIFICIAL_ANALYSIS, "Nova 2.0 Lite (high)"),
    (LMARENA_TEXT, "amazon-nova-lite-v1.0", ARTIFICIAL_ANALYSIS, "Nova 2.0 Lite (Non-reasoning)"),
]
"""Pairs that share most of their words and are not the same thing."""


def test_every_variant_is_meant_by_some_name() -> None:
    assert set(CROSSWALK.variants) == {word.variant for word in CROSSWALK.judgements.values()} - {None}


@pytest.mark.parametrize("source", SCORE_SOURCES)
def test_two_names_of_one_board_mean_one_variant_only_where_one_is_the_name_before(
    source: SourceName,
) -> None:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for word in CROSSWALK.judgements.values():
        if word.source == source and word.variant is not None and not word.reason.startswith("name before"):
            names[word.variant].append(word.name)
    assert {variant: found for variant, found in names.items() if len(found) > 1} == {}


def test_the_index_is_keyed_by_its_ids_and_never_has_two_rows_for_one_variant() -> None:
    rows = [word for word in CROSSWALK.judgements.values() if word.source == ARTIFICIAL_ANALYSIS]
    assert [word.key for word in rows if str(UUID(word.key)) != word.key] == []
    meant = [word.variant for word in rows if word.variant is not None]
    assert len(meant) == len(set(meant))


def test_an_effort_that_the_index_states_is_the_effort_judged() -> None:
    wrong = []
    for word in CROSSWALK.judgements.values():
        stated = parse_name(word.name, word.source)[0].effort
        if word.source == ARTIFICIAL_ANALYSIS and word.variant is not None and stated != "default":
            wrong += [word.name] if stated != CROSSWALK.variants[word.variant].effort else []
    assert wrong == []


@pytest.mark.parametrize("source", [LMARENA_TEXT, LMARENA_WEBDEV])
def test_an_effort_that_a_board_states_is_judged_so_unless_it_is_a_size_or_the_name_before(
    source: SourceName,
) -> None:
    wrong = []
    for word in CROSSWALK.judgements.values():
        stated = parse_name(word.name, source)[-1].effort
        if word.source != source or word.variant is None or stated == "default":
            continue
        variant = CROSSWALK.variants[word.variant]
        is_a_size = stated in {"medium", "max"} and stated in words_of(variant.release)
        if stated != variant.effort and not is_a_size and not word.reason.startswith("name before"):
            wrong.append(word.name)
    assert wrong == []


def test_a_harness_is_never_a_model() -> None:
    harness = [
        name for source, name in MEANT if any(one.harness for one in parse_name(name, SourceName(source)))
    ]
    assert len(harness) > 5
    assert [name for name in harness if MEANT[LMARENA_WEBDEV, name] is not None] == []


@pytest.mark.parametrize(("one_board", "one", "other_board", "other"), APART)
def test_what_only_looks_alike_is_judged_apart(
    one_board: str, one: str, other_board: str, other: str
) -> None:
    pair = MEANT[SourceName(one_board), one], MEANT[SourceName(other_board), other]
    assert pair != (None, None)
    assert pair[0] != pair[1]


def test_one_string_may_mean_two_things_on_two_boards() -> None:
    assert MEANT[LMARENA_TEXT, "gpt-5.4-mini-high"] == "gpt-5.4-mini@high"
    assert MEANT[LMARENA_WEBDEV, "gpt-5.4-mini-high"] is None


def test_ids_and_keys_of_routes_are_well_formed() -> None:
    wrong = []
    for variant in CROSSWALK.variants.values():
        provider, _, model = (variant.litellm or "").partition("/")
        if variant.litellm is None:
            fits = variant.openrouter is None and variant.key_env is None
        else:
            fits = variant.key_env == KEY_OF.get(provider, "?") and bool(model)
        if provider == "openrouter":
            fits = fits and model == variant.openrouter
        if not fits or re.search(r":(free|batch|extended|exacto|nitro)", f"{variant.openrouter} {model}"):
            wrong.append(variant.id)
    assert wrong == []


def test_all_efforts_of_a_release_have_one_vendor_family_date_and_licence() -> None:
    said: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)
    for variant in CROSSWALK.variants.values():
        said[variant.release].add(
            (variant.vendor, variant.family, variant.released_on, variant.open_weights, variant.openrouter)
        )
    assert {release: found for release, found in said.items() if len(found) > 1} == {}
