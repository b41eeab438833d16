"""A person's last turn is found on three APIs, without what programs write around it."""

from __future__ import annotations

import time

import pytest

from pipeline.gateway.workload import last_turn, own_words, system_texts

ASK = "Why is the sky blue?"
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "a long file"}]}
CALL_OUTPUT = {"type": "function_call_output", "call_id": "1", "output": "a long file"}


@pytest.mark.parametrize(
    "text",
    [
        f"<system-reminder>Be brief.</system-reminder>\n{ASK}",
        f"{ASK}\n<environment_details>\nopen: a.py\n</environment_details>",
        f'<context>files</context><user_query kind="chat">{ASK}</user_query>',
        f"{ASK}\n# *SEARCH/REPLACE block* Rules:\n\nEvery block must ...",
        f"{ASK}\n\nTo suggest changes to a file you MUST return the whole file.",
    ],
)
def test_what_a_program_wrote_into_a_turn_does_not_count(text: str) -> None:
    assert own_words(text) == ASK


@pytest.mark.parametrize(
    "text", ["make <b>this</b> bold", "a < b </", "<user_query>open", "<x-y>never closed"]
)
def test_a_persons_own_angle_brackets_stay(text: str) -> None:
    assert len(own_words(text)) >= len(text) - len("<user_query>")


@pytest.mark.parametrize(
    "text", ["<a-b>" * 200_000 + "</", "</" + "".join(f"<a-{'b' * (n % 50)}>" for n in range(100_000))]
)
def test_a_hostile_turn_costs_no_more_than_its_length(text: str) -> None:
    started = time.process_time()
    own_words(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": ASK}, {"role": "assistant", "content": "Light."}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": ASK}]}, RESULT]},
        {"messages": [{"role": "user", "content": ASK}, {"role": "tool", "content": "a long file"}]},
        {"input": ASK},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": ASK}]}, CALL_OUTPUT]},
    ],
)
def test_the_last_turn_is_a_persons_on_every_api(body: dict[str, object]) -> None:
    assert last_turn(body) == ASK


@pytest.mark.parametrize("body", [{}, {"messages": 7}, {"messages": ["x", None]}, {"input": {"a": 1}}])
def test_a_body_of_another_form_has_no_turn(body: dict[str, object]) -> None:
    assert last_turn(body) == ""
    assert list(system_texts(body)) == []


def test_a_system_prompt_is_found_on_every_api() -> None:
    turns = [{"role": "developer", "content": "B"}, {"role": "user", "content": ASK}]
    assert list(system_texts({"system": [{"type": "text", "text": "A"}], "messages": turns})) == ["A", "B"]
    assert list(system_texts({"instructions": "A", "input": turns})) == ["A", "B"]
