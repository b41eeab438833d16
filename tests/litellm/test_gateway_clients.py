"""The openai and anthropic SDKs take a turn with a tool call through the gateway; parameters stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.gateway.conftest import sample
from tests.litellm.load import MASTER_KEY

if TYPE_CHECKING:
    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

MODEL = "neo-mode/balanced"
FIRST: str = sample()["tiers"]["balanced"]["bands"]["medium"][0]
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
CALL = ("look_up", '{"place": "Oslo"}')


@pytest.fixture(autouse=True)
def calls_a_tool(gateway: Gateway) -> None:
    """Let the member call the tool first."""
    gateway.upstreams.tool = CALL


def last_body(gateway: Gateway) -> dict[str, Any]:
    return gateway.upstreams.bodies[FIRST]


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_openai_chat_completions(gateway: Gateway, *, stream: bool) -> None:
    openai = pytest.importorskip("openai")
    tool = {"type": "function", "function": {"name": CALL[0], "parameters": SCHEMA}}
    messages: list[dict[str, Any]] = [{"role": "user", "content": "How is Oslo?"}]
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=MASTER_KEY, max_retries=0, timeout=60) as client:
        sent = {"model": MODEL, "messages": messages, "tools": [tool], "max_tokens": 77, "temperature": 0.5}
        asked = client.chat.completions.create(**sent, stream=stream)
        if stream:
            chunks = list(asked)
            calls = [
                call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or ()
            ]
            brains = [chunk.brainModel for chunk in chunks if getattr(chunk, "brainModel", None)]
        else:
            calls, brains = asked.choices[0].message.tool_calls, [asked.brainModel]
        assert (calls[0].function.name, calls[0].function.arguments) == CALL
        assert brains == [FIRST]
        assert (last_body(gateway)["max_tokens"], last_body(gateway)["temperature"]) == (77, 0.5)
        call = {"id": "call_made", "type": "function", "function": {"name": CALL[0], "arguments": CALL[1]}}
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_made", "content": "sunny"},
        ]
        answered = client.chat.completions.create(**sent)
    assert answered.choices[0].message.content == "pong"
    assert answered.brainModel == FIRST


def test_openai_responses(gateway: Gateway) -> None:
    openai = pytest.importorskip("openai")
    tool = {"type": "function", "name": CALL[0], "parameters": SCHEMA, "strict": False}
    turns: list[dict[str, Any]] = [{"role": "user", "content": "How is Oslo?"}]
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=MASTER_KEY, max_retries=0, timeout=60) as client:
        sent = {"model": MODEL, "input": turns, "tools": [tool], "max_output_tokens": 77}
        asked = client.responses.create(**sent)
        call = asked.output[0]
        assert (call.name, call.arguments) == CALL
        assert asked.brainModel == FIRST
        assert last_body(gateway)["max_output_tokens"] == 77
        turns += [
            {
                "type": "function_call",
                "call_id": call.call_id,
                "name": call.name,
                "arguments": call.arguments,
            },
            {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"},
        ]
        answered = client.responses.create(**sent)
    assert answered.output_text == "pong"
    assert answered.brainModel == FIRST


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_anthropic_messages(gateway: Gateway, *, stream: bool) -> None:
    anthropic = pytest.importorskip("anthropic")
    tool = {"name": CALL[0], "input_schema": SCHEMA}
    messages: list[dict[str, Any]] = [{"role": "user", "content": "How is Oslo?"}]
    with anthropic.Anthropic(
        base_url=gateway.url, auth_token=MASTER_KEY, max_retries=0, timeout=60
    ) as client:
        sent = {"model": MODEL, "messages": messages, "tools": [tool], "max_tokens": 77}
        if stream:
            with client.messages.stream(**sent) as events:
                asked = events.get_final_message()
                brain = events.response.headers["x-brain-model"]
        else:
            asked = client.messages.create(**sent)
            brain = asked.brainModel
        (call,) = [block for block in asked.content if block.type == "tool_use"]
        assert (call.name, call.input) == (CALL[0], {"place": "Oslo"})
        assert brain == FIRST
        assert 77 in last_body(gateway).values()
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
        used = {"type": "tool_use", "id": call.id, "name": call.name, "input": call.input}
        messages += [{"role": "assistant", "content": [used]}, {"role": "user", "content": [result]}]
        answered = client.messages.create(**sent)
    assert answered.content[0].text == "pong"
    assert answered.brainModel == FIRST
