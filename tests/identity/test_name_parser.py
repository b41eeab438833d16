"""The grammar of names: effort as each source spells it, and the traps that must be kept apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, LMARENA_WEBDEV, SourceName
from pipeline.domain.observation import Entry
from pipeline.identity.crosswalk.load import load_crosswalk
from pipeline.identity.names.exact_match import ExactMatcher
from pipeline.identity.names.name_parser import parse_name, words_of
from pipeline.identity.names.suggestions import Suggester

if TYPE_CHECKING:
    from tests.identity.conftest import Shelf

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "crosswalk"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("qwen3.7-max", "3.7 max qwen"),
        ("claude-opus-4-6-high", "4.6 claude high opus"),
        ("command a+", "a+ command"),
        ("command-a", "a command"),
        ("gpt-oss-120b", "120b gpt oss"),
        ("日本", ""),
    ],
)
def test_a_name_splits_into_words_and_versions(name: str, words: str) -> None:
    assert " ".join(words_of(name)) == words


@pytest.mark.parametrize(
    ("source", "name", "effort"),
    [
        (ARTIFICIAL_ANALYSIS, "Claude Opus 5 (Adaptive Reasoning, Max Effort)", "max"),
        (ARTIFICIAL_ANALYSIS, "GPT-5.5 (xhigh)", "xhigh"),
        (ARTIFICIAL_ANALYSIS, "GLM-5 (Reasoning)", "on"),
        (ARTIFICIAL_ANALYSIS, "GLM-5 (Non-reasoning)", "none"),
        (ARTIFICIAL_ANALYSIS, "gpt-5.5-high", "default"),
        (ARTIFICIAL_ANALYSIS, "Kimi K2 Thinking", "default"),
        (LMARENA_TEXT, "gpt-5.5-high", "high"),
        (LMARENA_TEXT, "gemini-3-flash (thinking-minimal)", "minimal"),
        (LMARENA_TEXT, "muse-spark-1.2 (xHigh)", "xhigh"),
        (LMARENA_TEXT, "qwen3-235b-a22b-no-thinking", "none"),
        (LMARENA_TEXT, "claude-opus-4-1-20250805-thinking-16k", "on"),
        (LMARENA_TEXT, "claude-opus-4-5-20251101-high-32k", "high"),
        (LMARENA_TEXT, "deepseek-v4-pro", "default"),
        (LMARENA_TEXT, "highland-1", "default"),
    ],
)
def test_the_effort_is_read_where_its_source_writes_it(source: SourceName, name: str, effort: str) -> None:
    assert parse_name(name, source)[-1].effort == effort


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("claude-opus-4-5-20251101", ("2025-11-01",)),
        ("gpt-4.1-2025-04-14", ("2025-04-14",)),
        ("command-a-03-2025", ("2025-03",)),
        ("Gemini 2.5 Flash Preview (Sep '25)", ("2025-09",)),
        ("GPT-5.5 Instant (June 2026)", ("2026-06",)),
        ("grok-4-0709", ("0709",)),
        ("qwen3-235b-a22b-instruct-2507", ("2507",)),
        ("gpt-oss-120b", ()),
        ("claude-opus-4-6", ()),
    ],
)
def test_dates_are_taken_out_of_the_words(name: str, dates: tuple[str, ...]) -> None:
    literal = parse_name(name, ARTIFICIAL_ANALYSIS)[0]
    assert literal.dates == dates
    assert not set(dates) & set(literal.words)


def _exact(shelf: Shelf, source: SourceName, name: str, *variants: str) -> str | None:
    words = shelf.crosswalk(*(shelf.variant(one) for one in variants))
    return ExactMatcher(words.variants).exact_variant(name, source)


@pytest.mark.parametrize(
    ("source", "name", "variants", "meant"),
    [
        (LMARENA_TEXT, "gpt-5.5-high", ("gpt-5.5@high", "gpt-5.5@default"), "gpt-5.5@high"),
        (LMARENA_TEXT, "gpt-5.5", ("gpt-5.5@high", "gpt-5.5@default"), "gpt-5.5@default"),
        (
            ARTIFICIAL_ANALYSIS,
            "Claude 4.5 Haiku (Reasoning)",
            ("claude-haiku-4.5@on",),
            "claude-haiku-4.5@on",
        ),
        (LMARENA_TEXT, "qwen3.7-max", ("qwen3.7@default", "qwen3.7-max@default"), "qwen3.7-max@default"),
        (LMARENA_TEXT, "kimi-k3-max", ("kimi-k3@low", "kimi-k3@max"), "kimi-k3@max"),
    ],
)
def test_what_is_spelled_to_the_letter_agrees(
    shelf: Shelf, source: SourceName, name: str, variants: tuple[str, ...], meant: str
) -> None:
    assert _exact(shelf, source, name, *variants) == meant


TRAPS = {
    "a version glued to a word": (LMARENA_TEXT, "glm-5.2flash-high", ("glm-5-flash@high",)),
    "a fine-tune of another family": (LMARENA_TEXT, "hermes-4-llama-3.1-405b", ("llama-3.1-405b@default",)),
    "a plus that is a letter": (ARTIFICIAL_ANALYSIS, "Command A+ (Reasoning)", ("command-a@on",)),
    "a max that is a model": (LMARENA_TEXT, "qwen3.7-max", ("qwen3.7@max", "qwen3.7@default")),
    "a mini": (LMARENA_TEXT, "gpt-5-mini-high", ("gpt-5@high",)),
    "a nano": (LMARENA_TEXT, "gpt-5-nano-high", ("gpt-5@high", "gpt-5-mini@high")),
    "a flash": (LMARENA_TEXT, "glm-4.7-flash", ("glm-4.7@default",)),
    "a lite": (ARTIFICIAL_ANALYSIS, "Gemini 3.5 Flash-Lite (high)", ("gemini-3.5-flash@high",)),
    "the plain one of a lite": (
        ARTIFICIAL_ANALYSIS,
        "Gemini 3.5 Flash (high)",
        ("gemini-3.5-flash-lite@high",),
    ),
    "an fp8 twin": (LMARENA_TEXT, "llama-3.1-405b-fp8", ("llama-3.1-405b@default",)),
    "a free twin": (LMARENA_TEXT, "llama-3.1-405b:free", ("llama-3.1-405b@default",)),
    "a result in a harness": (LMARENA_WEBDEV, "gpt-5.4-high (codex-harness)", ("gpt-5.4@high",)),
    "a preview": (LMARENA_TEXT, "qwen3.7-max-preview", ("qwen3.7-max@default",)),
    "an unexplained remark": (
        ARTIFICIAL_ANALYSIS,
        "Claude Fable 5 (Adaptive Reasoning, Max Effort, Opus 4.8 Fallback)",
        ("claude-fable-5@max",),
    ),
    "a budget instead of a level": (LMARENA_TEXT, "claude-opus-4-5-high-32k", ("claude-opus-4.5@high",)),
    "two settings at once": (
        ARTIFICIAL_ANALYSIS,
        "Claude Sonnet 4.6 (Non-reasoning, Low Effort)",
        ("claude-sonnet-4.6@none", "claude-sonnet-4.6@low"),
    ),
    "an undated name of a dated release": (LMARENA_TEXT, "grok-4-high", ("grok-4-0709@high",)),
    "another date": (LMARENA_TEXT, "grok-4-0801", ("grok-4-0709@default", "grok-4@default")),
    "a bare row of the index": (ARTIFICIAL_ANALYSIS, "Mercury 2", ("mercury-2@default", "mercury-2@on")),
    "an effort in the index's slug": (ARTIFICIAL_ANALYSIS, "gpt-5-4-high", ("gpt-5.4@high",)),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_agrees_with_nothing(shelf: Shelf, trap: str) -> None:
    source, name, variants = TRAPS[trap]
    assert _exact(shelf, source, name, *variants) is None


def test_a_dated_name_agrees_with_an_undated_release_of_that_date_only(shelf: Shelf) -> None:
    dated = replace(shelf.variant("gpt-4.1@default"), litellm="openai/gpt-4.1-2025-04-14")
    words = ExactMatcher(shelf.crosswalk(dated).variants)
    assert words.exact_variant("gpt-4.1-2025-04-14", LMARENA_TEXT) == "gpt-4.1@default"
    assert words.exact_variant("gpt-4.1-2025-09-01", LMARENA_TEXT) is None


def test_the_same_string_on_two_boards_is_two_questions(shelf: Shelf) -> None:
    words = shelf.crosswalk(
        shelf.variant("gpt-5.4-mini@high"),
        shelf.judgement(LMARENA_TEXT, "gpt-5.4-mini-high", "gpt-5.4-mini@high"),
    )
    assert (LMARENA_WEBDEV, "gpt-5.4-mini-high") not in words.judgements
    asked = Suggester(words.variants, {}, words.judgements).suggest(
        shelf.entry(LMARENA_WEBDEV, "gpt-5.4-mini-high")
    )
    assert "lmarena-text was judged so" in asked[0].evidence


def test_on_the_shipped_judgements_exact_agreement_is_right_and_three_suggestions_suffice() -> None:
    words = load_crosswalk(SHIPPED)
    agreement = ExactMatcher(words.variants)
    suggester = Suggester(words.variants, {})
    judged = sorted(words.judgements.values(), key=lambda one: (one.source, one.key))
    exact = [(one, agreement.exact_variant(one.name, one.source)) for one in judged]
    wrong = [(one.source, one.name) for one, found in exact if found not in {None, one.variant}]
    assert sorted(name for _, name in wrong) == [
        "Claude 3.7 Sonnet (Reasoning)",  # these four stand beside a board row with a stated budget
        "Claude 4 Opus (Reasoning)",
        "Claude 4 Sonnet (Reasoning)",
        "Claude 4.1 Opus (Reasoning)",
        "gpt-5.4-mini-high",  # on the coding board: a harness result that does not say so
    ]
    assert sum(found is not None for _, found in exact) > 0.4 * len(judged)
    meant = [one for one in judged if one.variant is not None]
    shown = [
        one.variant
        in {
            found.variant for found in suggester.suggest(Entry(source=one.source, key=one.key, name=one.name))
        }
        for one in meant
    ]
    assert sum(shown) >= 0.95 * len(meant)
