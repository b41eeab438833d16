"""The sites on loopback: one server that answers for each host under a path of the host's name.

It serves stored bodies the way the sites do: a redirect to a storage host with an ETag, pages of rows,
a key check with rate-limit headers, and, where told so, a challenge or an error.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.replica.stored import board_page, models_page, parquet, rows_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.replica.stored import Stored

KEY = "aa-replica-key-0815-not-a-real-one"
HOSTS = (
    "huggingface.co",
    "datasets-server.huggingface.co",
    "arena.ai",
    "artificialanalysis.ai",
    "openrouter.ai",
    "raw.githubusercontent.com",
    "models.dev",
)
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"

_JSON, _BINARY, _HTML = "application/json", "application/octet-stream", "text/html; charset=utf-8"


@dataclass
class Reply:
    """One answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Sites:
    """The sites, what they were asked, and how they misbehave."""

    stored: Stored
    address: str = ""
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    """Host, path with query, status, in the order of the requests."""
    replies: dict[str, Reply] = field(default_factory=dict)
    """What a host answers to everything, in place of what it should."""
    quota: int = 100
    used: int = 0
    tier: str = "free"
    ahead: dict[str, int] = field(default_factory=dict)
    """Seconds by which a host's clock is ahead of this machine's."""

    @property
    def mirrors(self) -> dict[str, str]:
        """What `MODELPOOL_MIRRORS` must hold for a run to ask these sites."""
        return {f"https://{host}": f"{self.address}/{host}" for host in HOSTS}

    def answer(self, host: str, target: str, headers: dict[str, str]) -> Reply:
        """Answer one request."""
        if host in self.replies:
            return self.replies[host]
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = {
            "huggingface.co": lambda: self._file(parts.path),
            "datasets-server.huggingface.co": lambda: self._rows(query),
            "arena.ai": lambda: self._page(parts.path),
            "artificialanalysis.ai": lambda: self._models(parts.path, query, headers),
            "openrouter.ai": lambda: _json(self.stored.openrouter),
        }.get(host, lambda: self._other(host, parts.path))()
        return _unchanged(found, headers)

    def _file(self, path: str) -> Reply:
        config = path.split("/")[-2]
        if path.startswith("/storage/"):
            return Reply(
                200,
                parquet(self.stored.boards[config], self.stored.published[config]),
                {"content-type": _BINARY},
            )
        location = f"{self.address}/huggingface.co/storage/{config}/file"
        return Reply(302, b"", {"location": location})

    def _rows(self, query: dict[str, str]) -> Reply:
        config = query["config"]
        rows = self.stored.boards[config]
        return _json(
            rows_page(rows, self.stored.published[config], int(query["offset"]), int(query["length"]))
        )

    def _page(self, path: str) -> Reply:
        slug = path.rpartition("/")[2]
        config = {"text": "text_style_control", "code": "webdev"}[slug]
        page = board_page(self.stored.boards[config], slug, published=self.stored.published[config])
        return Reply(200, page, {"content-type": _HTML})

    def _models(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Reply:
        if headers.get("x-api-key") != KEY:
            return Reply(401, b'{"error": "API key is required"}', {"content-type": _JSON})
        limits = {
            "x-aa-tier": self.tier,
            "x-ratelimit-limit": str(self.quota),
            "x-ratelimit-reset": "1786838400",
        }
        if self.used >= self.quota:
            limits |= {"x-ratelimit-remaining": "0", "retry-after": "43200"}
            return Reply(429, b'{"error": "Rate limit exceeded"}', {"content-type": _JSON, **limits})
        self.used += 1
        limits |= {"x-ratelimit-remaining": str(self.quota - self.used)}
        if not path.endswith("/free") and self.tier == "free":
            body = b'{"error": "Language models list requires a Pro subscription"}'
            return Reply(403, body, {"content-type": _JSON, **limits})
        page = models_page(self.stored.models, int(query["page"]), tier=self.tier)
        return Reply(200 if page else 400, page or b"{}", {"content-type": _JSON, **limits})

    def _other(self, host: str, path: str) -> Reply:
        body = self.stored.others.get(f"{host}{path}")
        return _json(body) if body else Reply(404)


def _json(body: bytes) -> Reply:
    return Reply(200, body, {"content-type": _JSON})


def _unchanged(reply: Reply, headers: dict[str, str]) -> Reply:
    """Add the validator of a body, and leave the body out where the asker has it."""
    if reply.status != 200:
        return reply
    etag = f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
    limits = {name: value for name, value in reply.headers.items() if name.startswith("x-")}
    if headers.get("if-none-match") == etag:
        return Reply(304, b"", {"etag": etag, **limits})
    return Reply(200, reply.body, {**reply.headers, "etag": etag})


@contextmanager
def replica(stored: Stored) -> Iterator[Sites]:
    """Serve the sites until the block ends."""
    sites = Sites(stored)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host, _, rest = self.path[1:].partition("/")
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = sites.answer(host, f"/{rest}", headers)
            sites.asked.append((host, f"/{rest}", reply.status))
            body, sent = reply.body, dict(reply.headers)
            if "gzip" in headers.get("accept-encoding", "") and body and sent.get("content-type") != _BINARY:
                body, sent["content-encoding"] = gzip.compress(body, 1), "gzip"
            self.send_response(reply.status)
            for name, value in {**sent, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            moment = time.time() if timestamp is None else timestamp
            return formatdate(moment + sites.ahead.get(self.path.split("/")[1], 0), usegmt=True)

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sites.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sites
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
