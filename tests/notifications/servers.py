"""A webhook and a mail server on loopback that keep what they are told."""

from __future__ import annotations

import json
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socketserver import BaseServer


@dataclass
class Webhook:
    """What was posted, and what is answered."""

    status: int = 200
    location: str | None = None
    posts: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/T0/B0/not-a-real-token-0815"


@dataclass
class MailServer:
    """What was handed in, and what is offered."""

    context: ssl.SSLContext | None = None
    """For STARTTLS; None: not offered."""
    breaks_off: bool = False
    """STARTTLS is offered, and nothing sensible follows."""
    refuses: str = ""
    """A word that is answered with 554."""
    heard: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    port: int = 0


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@contextmanager
def webhook(made: Webhook) -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            made.paths.append(self.path)
            made.posts.append(json.loads(self.rfile.read(length)))
            self.send_response(made.status)
            if made.location:
                self.send_header("location", made.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    with serving(server):
        yield made


class _MailHandler(StreamRequestHandler):
    """Speaks as much SMTP as a client needs to hand a message in."""

    def handle(self) -> None:
        made: MailServer = self.server.made  # type: ignore[attr-defined] # reason: set below
        self._made = made
        self._say("220 mail.test")
        while line := self.rfile.readline():
            made.heard.append(line.decode(errors="replace").strip())
            word = made.heard[-1].partition(" ")[0].upper()
            if word == made.refuses:
                self._say("554 no")
            elif not self._answer(word):
                break
        self.connection.close()

    def _answer(self, word: str) -> bool:
        """Answer one word, and tell whether the conversation goes on."""
        if word == "EHLO":
            self._offer()
        elif word == "STARTTLS":
            return self._encrypt()
        elif word == "DATA":
            self._take()
        else:
            self._say({"AUTH": "235 ok", "QUIT": "221 bye"}.get(word, "250 ok"))
        return word != "QUIT"

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _offer(self) -> None:
        plain = not isinstance(self.connection, ssl.SSLSocket)
        offered = plain and (self._made.context or self._made.breaks_off)
        for line in ("mail.test", *(["STARTTLS"] if offered else []), "AUTH PLAIN"):
            self._say(f"250-{line}")
        self._say("250 SIZE 1000000")

    def _encrypt(self) -> bool:
        self._say("220 go")
        if self._made.context is None:
            return True
        plain = self.connection
        wrapped = self._made.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self.connection = wrapped
        try:
            wrapped.do_handshake()
        except OSError:
            return False
        self.rfile = wrapped.makefile("rb")
        self.wfile = wrapped.makefile("wb", buffering=0)  # type: ignore[assignment] # reason: writes alike
        return True

    def _take(self) -> None:
        self._say("354 go")
        self._made.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
        self._say("250 taken")


@contextmanager
def mail_server(made: MailServer) -> Iterator[MailServer]:
    server = ThreadingTCPServer(("127.0.0.1", 0), _MailHandler)
    server.daemon_threads = True
    server.made = made  # type: ignore[attr-defined] # reason: read by the handler
    made.port = server.server_address[1]
    with serving(server):
        yield made
