"""Stands in for every provider on this machine, so that a first call is answered without an account.

Every answer says that it is a demonstration and which member it stands for. Nothing here is a model.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_USAGE: Final = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
_RESPONSES_USAGE: Final = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30}
_MOST_BYTES: Final = 64 * 1024 * 1024


class DemoUpstreams:
    """A server whose first path segment is the member that it stands for."""

    def __init__(self) -> None:
        """Take a free port on loopback; nothing is served yet."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> str:
        """Serve for as long as the process runs; return the address below which every member has its own."""
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


class _Handler(BaseHTTPRequestHandler):
    """Answers chat completions and responses, whole or as a stream."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request."""
        size = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
        body = json.loads(self.rfile.read(size) or b"{}")
        member, _, path = unquote(self.path).lstrip("/").partition("/v1/")
        text = (
            f"This is a demonstration: no provider key is set, so no model was asked. {member} would have "
            "answered here. Set its provider's key and start the gateway again."
        )
        model = str(body.get("model"))
        if path == "responses":
            whole: object = _response(model, text)
            events = _response_events(model, text)
        else:
            whole, events = _completion(model, text), _chunks(model, text)
        if body.get("stream"):
            self._send("text/event-stream", "".join(events).encode())
        else:
            self._send("application/json", json.dumps(whole).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's own name
        """Say nothing."""

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _completion(model: str, text: str) -> Mapping[str, object]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "demo",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": _USAGE,
    }


def _chunks(model: str, text: str) -> Iterable[str]:
    head = {"id": "demo", "object": "chat.completion.chunk", "created": 1, "model": model}
    for delta, reason in (({"role": "assistant", "content": text}, None), ({}, "stop")):
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        yield f"data: {json.dumps(head | {'choices': [choice]})}\n\n"
    yield f"data: {json.dumps(head | {'choices': [], 'usage': _USAGE})}\n\n"
    yield "data: [DONE]\n\n"


def _response(model: str, text: str, status: str = "completed") -> Mapping[str, object]:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "demo", "role": "assistant", "status": status, "content": [part]}
    return {
        "id": "resp_demo",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": model,
        "output": [message] if status == "completed" else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": _RESPONSES_USAGE if status == "completed" else None,
    }


def _response_events(model: str, text: str) -> Iterable[str]:
    place = {"item_id": "demo", "output_index": 0, "content_index": 0}
    events: tuple[dict[str, object], ...] = (
        {"type": "response.created", "response": _response(model, text, "in_progress")},
        {"type": "response.output_text.delta", **place, "delta": text},
        {"type": "response.completed", "response": _response(model, text)},
    )
    for number, event in enumerate(events):
        yield f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
