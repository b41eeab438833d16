"""A loopback host that repeats the key it is sent in every way it can, and a search for what stuck."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Answer = Callable[["Handler", str], None]

TAIL = 8
PART = 12
_SLEEP_SECONDS = 1.5


def canary() -> str:
    """A key nobody else has, with letters that addresses and JSON write in another way."""
    return f'cnry-{secrets.token_hex(12)}/+"&{secrets.token_hex(4)}~Zq'


def forms(key: str) -> dict[str, bytes]:
    """How a key is written where it should not be."""
    plain = {
        "raw": key,
        "in an address": quote(key, safe=""),
        "in a query": quote_plus(key),
        "in a path": quote(key),
        "in JSON": json.dumps(key)[1:-1],
        "as code points": "".join(f"\\u{ord(letter):04x}" for letter in key),
        "base64": base64.b64encode(key.encode()).decode().rstrip("="),
        "base64 of an address": base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
        "hex": key.encode().hex(),
        "backwards": key[::-1],
        "its last letters": key[-TAIL:],
    }
    return {name: text.encode() for name, text in plain.items()}


def leaks(key: str, folder: Path, said: str) -> list[str]:
    """Where a key stuck: every file, unpacked where it is packed, database pages, and what was said."""
    bodies = {"what was said": said.encode(errors="surrogatepass")}
    for path in folder.rglob("*"):
        bodies[f"the name {path.name}"] = path.name.encode()
        if path.is_file():
            body = path.read_bytes()
            bodies[str(path)] = body
            if path.suffix == ".gz":
                bodies[f"{path}, unpacked"] = gzip.decompress(body)
    parts = {key[at : at + PART] for at in range(len(key) - PART + 1)}
    quoted = {
        f"a part of it in {place}"
        for place, body in bodies.items()
        for part in parts
        if part.encode() in body
    }
    return sorted(quoted) + [
        f"{name} in {place}"
        for place, body in bodies.items()
        for name, form in forms(key).items()
        if form in body
    ]


class Handler(BaseHTTPRequestHandler):
    """Answers as it was told; remembers which key came with which path."""

    protocol_version = "HTTP/1.1"
    server: Host

    def do_GET(self) -> None:
        """Answer one request."""
        key = self.headers.get("x-api-key", "")
        self.server.asked.append((self.path, key, str(self.headers)))
        self.close_connection = True
        if "/api/v2/" in self.path:
            self.server.answer(self, key)
        else:
            self.say(404, b"{}")

    def say(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, reason: str | None = None
    ) -> None:
        """Send one whole answer; more headers replace the usual ones."""
        self.send_response(status, reason)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
        for name, value in {**usual, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
        """Say nothing."""


class Host(ThreadingHTTPServer):
    """One origin on this machine."""

    daemon_threads = True
    request_queue_size = 16

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error here."""


@contextmanager
def hosting(answer: Answer) -> Iterator[Host]:
    """Run a host while the block runs."""
    with Host(answer) as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()


def page(**more: object) -> dict[str, object]:
    """One whole page of the free list with one row; `more` replaces fields of the row."""
    row = {
        "id": "0097ebf5-124f-42f6-9463-33b00e711f03",
        "name": "Gemini 3.5 Flash (high)",
        "slug": "gemini-3-5-flash",
        "release_date": "2026-05-19",
        "model_creator": {"id": "faddc6d9-2c14-445f-9b28-56726f59c793", "name": "Google"},
        "evaluations": {
            "artificial_analysis_intelligence_index": 50.2,
            "artificial_analysis_coding_index": 70.1,
            "artificial_analysis_agentic_index": 37.5,
        },
        "artificial_analysis_intelligence_index_cost": None,
        "pricing": {
            "price_1m_input_tokens": 1.5,
            "price_1m_output_tokens": 9,
            "price_1m_cache_hit_tokens": None,
            "price_1m_cache_write_tokens": None,
        },
        "performance": {
            "median_output_tokens_per_second": 100.0,
            "median_time_to_first_token_seconds": 1.0,
            "median_time_to_first_answer_token_seconds": 1.0,
            "median_end_to_end_response_time_seconds": 1.0,
        },
    }
    pagination = {"page": 1, "page_size": 200, "total_pages": 1, "has_more": False}
    return {
        "tier": "free",
        "intelligence_index_version": 4.1,
        "pagination": pagination,
        "data": [{**row, **more}],
    }


def sleep(handler: Handler, _: str) -> None:
    """Let the visitor wait until it gives up."""
    time.sleep(_SLEEP_SECONDS)
    handler.say(200, b"{}")
