"""Fake OpenAI-compatible upstreams on loopback, one per deployment, each told how to answer."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote, unquote

KEY = "made-key"
"""What every upstream asks for; a request without it is answered 401."""
PROMPT_TOKENS = 1000
CACHED_TOKENS = 400
ANSWER_TOKENS = 100
USAGE = {
    "prompt_tokens": PROMPT_TOKENS,
    "completion_tokens": ANSWER_TOKENS,
    "total_tokens": PROMPT_TOKENS + ANSWER_TOKENS,
    "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
}


class Upstreams:
    """A server whose first path segment is the deployment that is called."""

    def __init__(self, key: str = KEY) -> None:
        self.key = key
        self.failing: dict[str, int | str] = {}
        """Deployment to its HTTP status or fault (`timeout`, `cut`; `begun`: cut before its text)."""
        self.awake = threading.Event()
        """Ends every `timeout` that is under way."""
        self.tool: tuple[str, str] | None = None
        """Name and arguments of the call that answers a request with tools and without a tool's result."""
        self.text = "pong"
        """What a chat completion without a call says."""
        self.hits: list[str] = []
        """The deployments that were called, in order."""
        self.bodies: dict[str, dict[str, object]] = {}
        """The last request each deployment got."""
        self.paths: dict[str, str] = {}
        """Where it was sent, below the deployment's address."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.awake.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    @property
    def address(self) -> str:
        """Address below which every deployment has its own."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def api_base(self, deployment: str) -> str:
        """Return the address that stands for a deployment's provider."""
        return f"http://127.0.0.1:{self._server.server_port}/{quote(deployment, safe='')}/v1"

    def reset(self) -> None:
        """Let everything answer 200 again and forget the calls."""
        self.failing.clear()
        self.tool = None
        self.text = "pong"
        self.hits.clear()
        self.bodies.clear()
        self.paths.clear()


def _handler(upstreams: Upstreams) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            deployment = unquote(self.path.split("/")[1])
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            upstreams.hits.append(deployment)
            upstreams.bodies[deployment] = body
            upstreams.paths[deployment] = self.path
            keyed = self.headers["Authorization"] == f"Bearer {upstreams.key}"
            fault = upstreams.failing.get(deployment, 200) if keyed else 401
            if isinstance(fault, int) and fault != 200:
                self._send(fault, "application/json", json.dumps({"error": {"message": "told to fail"}}))
                return
            if fault == "timeout":
                upstreams.awake.wait(timeout=60)
            chat = not self.path.endswith("/responses")
            tool = upstreams.tool if body.get("tools") and not _has_result(body) else None
            kind, text = _chat_answer(body, tool, upstreams.text) if chat else _response_answer(body, tool)
            sent = {"cut": "", "begun": _opening(text)}.get(str(fault), text)
            self._send(200, kind, text, sent)

        def _send(self, status: int, kind: str, text: str, sent: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write((text if sent is None else sent).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _opening(text: str) -> str:
    """Return the first event of a stream, of a chat completion without its text."""
    first, _, _ = text.partition("\n\n")
    return first.replace('"content": "pong"', '"content": ""') + "\n\n"


def _has_result(body: dict[str, Any]) -> bool:
    turns = [*body.get("messages", []), *(body["input"] if isinstance(body.get("input"), list) else [])]
    return any(turn.get("role") == "tool" or turn.get("type") == "function_call_output" for turn in turns)


def _response_answer(body: dict[str, Any], tool: tuple[str, str] | None) -> tuple[str, str]:
    model = body["model"]
    if tool:
        call: dict[str, object] = {"type": "function_call", "id": "fc_made", "call_id": "call_made"}
        output = call | {"name": tool[0], "arguments": tool[1], "status": "completed"}
    else:
        part = {"type": "output_text", "text": "pong", "annotations": []}
        output = {
            "type": "message",
            "id": "made",
            "role": "assistant",
            "status": "completed",
            "content": [part],
        }
    whole = _response(model, "completed", output)
    if not body.get("stream"):
        return "application/json", json.dumps(whole)
    place = {"item_id": output["id"], "output_index": 0}
    delta: dict[str, object] = {
        "type": "response.output_text.delta",
        **place,
        "content_index": 0,
        "delta": "pong",
    }
    if tool:
        delta = {"type": "response.function_call_arguments.delta", **place, "delta": tool[1]}
    events: tuple[dict[str, object], ...] = (
        {"type": "response.created", "response": _response(model, "in_progress", None)},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": output | ({"arguments": ""} if tool else {}),
        },
        delta,
        {"type": "response.output_item.done", "output_index": 0, "item": output},
        {"type": "response.completed", "response": whole},
    )
    lines = [json.dumps({**event, "sequence_number": number}) for number, event in enumerate(events)]
    return "text/event-stream", "".join(f"data: {line}\n\n" for line in lines)


def _response(model: str, status: str, output: dict[str, object] | None) -> dict[str, object]:
    return {
        "id": "resp_made",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": model,
        "output": [output] if output else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20} if output else None,
    }


def _chat_answer(body: dict[str, Any], tool: tuple[str, str] | None, said: str) -> tuple[str, str]:
    model = body["model"]
    message: dict[str, object] = {"role": "assistant", "content": said}
    if tool:
        function = {"name": tool[0], "arguments": tool[1]}
        call = {"index": 0, "id": "call_made", "type": "function", "function": function}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    reason = "tool_calls" if tool else "stop"
    if not body.get("stream"):
        choice = {"index": 0, "finish_reason": reason, "message": message}
        head: dict[str, object] = {"id": "made", "object": "chat.completion", "created": 1, "model": model}
        return "application/json", json.dumps(head | {"choices": [choice], "usage": USAGE})
    head = {"id": "made", "object": "chat.completion.chunk", "created": 1, "model": model}
    first = head | {"choices": [{"index": 0, "delta": message}]}
    last = head | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    asked = (body.get("stream_options") or {}).get("include_usage")
    told = [head | {"choices": [], "usage": USAGE}] if asked else []
    lines = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in (first, last, *told))
    return "text/event-stream", f"{lines}data: [DONE]\n\n"
