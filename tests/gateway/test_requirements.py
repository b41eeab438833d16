"""What a request demands: counted, on three APIs, without judging its text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gateway import requirements

if TYPE_CHECKING:
    from pipeline.gateway.requirements import Requirements

TOOL = {"type": "function", "function": {"name": "look", "parameters": {}}}


def read_requirements(body: dict[str, object]) -> Requirements:
    """Read a body that may be too large for a member, so that it is counted."""
    return requirements.read_requirements(body, size=None, smallest_context=0)


PICTURE = "data:image/png;base64," + "A" * 40_000


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "x" * 4000}], "max_tokens": 500},
        {
            "messages": [{"role": "user", "content": [{"type": "text", "text": "x" * 4000}]}],
            "max_tokens": 500,
        },
        {"input": "x" * 4000, "max_output_tokens": 500},
        {
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "x" * 4000}]}],
            "max_output_tokens": 500,
        },
    ],
)
def test_context_is_the_prompt_and_the_most_that_may_be_answered(body: dict[str, object]) -> None:
    assert 1500 <= read_requirements(body).context_tokens <= 1510


def test_the_newer_name_of_a_limit_counts_first() -> None:
    assert read_requirements({"max_completion_tokens": 7, "max_tokens": 9}).context_tokens == 7


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": PICTURE}},
        {"type": "image", "source": {"type": "base64", "data": PICTURE}},
        {"type": "input_image", "image_url": PICTURE},
    ],
)
def test_a_picture_asks_for_vision_and_its_data_is_no_text(part: dict[str, object]) -> None:
    found = read_requirements({"messages": [{"role": "user", "content": [part]}]})
    assert found.vision
    assert found.context_tokens < 10


def test_tools_and_structured_output_are_noticed() -> None:
    plain = read_requirements({"messages": [{"role": "user", "content": "hi"}], "tools": []})
    assert (plain.tools, plain.vision, plain.structured_output) == (False, False, False)
    assert read_requirements({"tools": [TOOL]}).tools
    assert read_requirements({"functions": [{"name": "look"}]}).tools
    assert read_requirements({"response_format": {"type": "json_schema"}}).structured_output
    assert read_requirements({"text": {"format": {"type": "json_object"}}}).structured_output
    assert not read_requirements({"response_format": {"type": "text"}}).structured_output


def test_a_body_of_another_form_is_read_without_complaint() -> None:
    assert (
        read_requirements({"messages": 7, "tools": "x", "max_tokens": "many", "text": []}).context_tokens == 0
    )


TEXTS = st.text() | st.text(alphabet="é\U0001f600a", max_size=300) | st.sampled_from(["", "a" * 70_000])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_a_prompt_of_unknown_size_is_never_taken_for_smaller_than_its_characters(prompt: object) -> None:
    body = json.loads(
        json.dumps({"messages": [{"role": "user", "content": prompt}], "tools": [prompt, prompt]})
    )
    counted = requirements.read_requirements(body, size=None, smallest_context=0).context_tokens
    bound = requirements.read_requirements(body, size=None, smallest_context=None).context_tokens
    assert bound >= counted


def test_a_prompt_that_is_no_json_is_counted() -> None:
    body: dict[str, object] = {"messages": [{"content": ["x" * 400, object()]}]}
    found = requirements.read_requirements(body, size=None, smallest_context=None)
    assert found.context_tokens == 100
