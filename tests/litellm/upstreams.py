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
        """Deployment to its HTTP status or fault (`timeout`, `cut`); the others answer 200."""
        self.awake = threading.Event()
        """Ends every `timeout` that is under way."""
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

    def api_base(self, deployment: str) -> str:
        """Return the address that stands for a deployment's provider."""
        return f"http://127.0.0.1:{self._server.server_port}/{quote(deployment, safe='')}/v1"

    def reset(self) -> None:
        """Let everything answer 200 again and forget the calls."""
        self.failing.clear()
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
            kind, text = _answer(body, whole=not self.path.endswith("/responses"))
            self._send(200, kind, text, cut=fault == "cut")

        def _send(self, status: int, kind: str, text: str, *, cut: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            if not cut:
                self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _answer(body: dict[str, Any], *, whole: bool) -> tuple[str, str]:
    model, stream = body["model"], bool(body.get("stream"))
    if stream:
        return "text/event-stream", _stream(model) if whole else _response_stream(model)
    return "application/json", json.dumps(_completion(model) if whole else _response(model, "completed"))


def _response(model: str, status: str) -> dict[str, object]:
    part = {"type": "output_text", "text": "pong", "annotations": []}
    message = {"type": "message", "id": "made", "role": "assistant", "status": status, "content": [part]}
    done = status == "completed"
    return {
        "id": "resp_made",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": model,
        "output": [message] if done else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20} if done else None,
    }


def _response_stream(model: str) -> str:
    place = {"item_id": "made", "output_index": 0, "content_index": 0}
    events: tuple[dict[str, object], ...] = (
        {"type": "response.created", "response": _response(model, "in_progress")},
        {"type": "response.output_text.delta", **place, "delta": "pong"},
        {"type": "response.completed", "response": _response(model, "completed")},
    )
    return "".join(
        f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
        for number, event in enumerate(events)
    )


def _completion(model: str) -> dict[str, object]:
    message = {"role": "assistant", "content": "pong"}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {
        "id": "made",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": USAGE,
    }


def _stream(model: str) -> str:
    head = {"id": "made", "object": "chat.completion.chunk", "created": 1, "model": model}
    first = head | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "pong"}}]}
    last = head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in (first, last)) + "data: [DONE]\n\n"
