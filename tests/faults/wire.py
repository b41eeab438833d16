"""A server of raw sockets that does what it is told, and a table of ways to misbehave."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = 8.0


@dataclass
class Peer:
    """One accepted connection, and what an honest answer would hold."""

    socket: socket.socket
    body: bytes
    head: bytes = b""

    def send(self, data: bytes) -> None:
        """Send all of it, or fail as a closed pipe does."""
        self.socket.sendall(data)

    def answer(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """Send a whole answer with these headers and no others."""
        lines = [f"HTTP/1.1 {status}", *headers, "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def whole(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """Send an honest answer, with its length."""
        self.answer(body, f"content-length: {len(body)}", *headers, status=status)

    def reset(self) -> None:
        """Close with a reset in place of an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def drip(self, data: bytes) -> None:
        """Send one byte at a time: each arrives well within any timeout of a single read."""
        for byte in itertools.cycle(data):
            self.send(bytes([byte]))
            time.sleep(0.05)

    def silence(self) -> None:
        """Say nothing until the other side gives up."""
        self.socket.settimeout(_PATIENCE)
        while self.socket.recv(65536):
            pass


@dataclass
class Wire:
    """A listening server."""

    act: Callable[[Peer], None]
    body: bytes
    heads: list[bytes] = field(default_factory=list)
    """What was asked, one head per connection."""
    port: int = 0

    def serve(self, connection: socket.socket) -> None:
        """Read one request and misbehave."""
        peer = Peer(connection, self.body)
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_PATIENCE)
            while b"\r\n\r\n" not in peer.head:
                piece = connection.recv(65536)
                if not piece:
                    break
                peer.head += piece
            self.heads.append(peer.head)
            self.act(peer)


@contextlib.contextmanager
def wire(act: Callable[[Peer], None], body: bytes = b"") -> Iterator[Wire]:
    """Serve one way to misbehave until the block ends."""
    served = Wire(act, body)
    listener = socket.create_server(("127.0.0.1", 0))
    served.port = listener.getsockname()[1]
    workers: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                worker = threading.Thread(target=served.serve, args=(connection,), daemon=True)
                workers.append(worker)
                worker.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield served
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for worker in workers:
            worker.join(_PATIENCE)


def chunked(body: bytes, size: int = 8192) -> bytes:
    """Write a body in chunks, with its end mark."""
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


_HTML = b"<!DOCTYPE html><html><title>Down for maintenance</title></html>"
_CHUNKS = "transfer-encoding: chunked"
_GZIP = "content-encoding: gzip"


def _flip_end(data: bytes) -> bytes:
    return data[:-6] + bytes([data[-6] ^ 1]) + data[-5:]


def _then(*acts: Callable[[Peer], None]) -> Callable[[Peer], None]:
    def act(peer: Peer) -> None:
        for one in acts:
            one(peer)

    return act


def _refuse(status: int) -> Callable[[Peer], None]:
    return lambda peer: peer.whole(_HTML, "content-type: text/html", status=f"{status} No")


def _sends(data: bytes) -> Callable[[Peer], None]:
    return lambda peer: peer.send(data)


def _half_head(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ncontent-le")


def _half_body(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n" + peer.body[:999])


def _endless(peer: Peer, piece: bytes) -> None:
    while True:
        peer.send(piece)


CONNECT: dict[str, Callable[[Peer], None]] = {
    "closed at once": lambda _: None,
    "reset at once": Peer.reset,
    "silence": Peer.silence,
    "another protocol": _sends(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "garbage": _sends(bytes(range(128, 256)) * 8),
    "a TLS alert": _sends(b"\x15\x03\x01\x00\x02\x02\x46"),
}
HEADERS: dict[str, Callable[[Peer], None]] = {
    "closed in the status line": _sends(b"HTTP/1.1 20"),
    "closed in a header": _half_head,
    "reset in a header": _then(_half_head, Peer.reset),
    "silence in a header": _then(_half_head, Peer.silence),
    "dripping header": lambda peer: peer.drip(b"x"),
    "dripping headers": _then(_sends(b"HTTP/1.1 200 OK\r\n"), lambda peer: peer.drip(b"a: b\r\n")),
    "endless headers": _then(_sends(b"HTTP/1.1 200 OK\r\n"), lambda peer: _endless(peer, b"a: b\r\n" * 999)),
    "a header of a megabyte": lambda peer: peer.whole(peer.body, f"x-long: {'a' * 2**20}"),
    "no status line": lambda peer: peer.send(peer.body),
    "a negative length": lambda peer: peer.answer(peer.body, "content-length: -1"),
    "a length in words": lambda peer: peer.answer(peer.body, "content-length: many"),
    "two lengths": lambda peer: peer.answer(peer.body, "content-length: 5", "content-length: 6"),
    "an encoding of two": lambda peer: peer.whole(
        gzip.compress(gzip.compress(peer.body)), "content-encoding: gzip, gzip"
    ),
    "an encoding not asked for": lambda peer: peer.whole(peer.body, "content-encoding: br"),
    "deflate": lambda peer: peer.whole(peer.body, "content-encoding: deflate"),
    "no content": lambda peer: peer.answer(b"", status="204 No Content"),
    "a part": lambda peer: peer.whole(peer.body, "content-range: bytes 0-9/99", status="206 Partial Content"),
    "unchanged, though not asked": lambda peer: peer.answer(b"", status="304 Not Modified"),
    "a picture": lambda peer: peer.whole(peer.body, "content-type: image/png"),
    "a web page": lambda peer: peer.whole(_HTML, "content-type: text/html"),
    "a web page called JSON": lambda peer: peer.whole(_HTML, "content-type: application/json"),
    "a retry of a day": lambda peer: peer.whole(b"", "retry-after: 86400", status="503 Service Unavailable"),
    "a short retry": lambda peer: peer.whole(b"", "retry-after: 0", status="429 Too Many Requests"),
    "a retry by date": lambda peer: peer.whole(
        b"", "retry-after: Sat, 15 Aug 2076 12:00:00 GMT", status="429 Too Many Requests"
    ),
    **{
        f"status {status}": _refuse(status)
        for status in (400, 401, 403, 404, 410, 418, 429, 500, 502, 503, 504)
    },
}
BODY: dict[str, Callable[[Peer], None]] = {
    "closed midway": lambda peer: peer.answer(_half(peer.body), f"content-length: {len(peer.body)}"),
    "reset midway": _then(_half_body, Peer.reset),
    "silence midway": _then(_half_body, Peer.silence),
    "dripping body": _then(_half_body, lambda peer: peer.drip(peer.body)),
    "a length too long": lambda peer: peer.answer(peer.body, f"content-length: {len(peer.body) + 1}"),
    "a length too short": lambda peer: peer.answer(peer.body, f"content-length: {len(peer.body) - 9}"),
    "a length of nothing": lambda peer: peer.answer(peer.body, "content-length: 0"),
    "chunks without an end": lambda peer: peer.answer(chunked(peer.body)[:-5], _CHUNKS),
    "a chunk cut off": lambda peer: peer.answer(_half(chunked(peer.body)), _CHUNKS),
    "a chunk of no size": lambda peer: peer.answer(b"zz\r\n" + peer.body + b"\r\n0\r\n\r\n", _CHUNKS),
    "a chunk of negative size": lambda peer: peer.answer(b"-5\r\nabcde\r\n0\r\n\r\n", _CHUNKS),
    "a chunk longer than said": lambda peer: peer.answer(b"5\r\n" + peer.body + b"\r\n0\r\n\r\n", _CHUNKS),
    "endless chunks": _then(
        lambda peer: peer.answer(b"", _CHUNKS),
        lambda peer: _endless(peer, b"2000\r\n" + b" " * 8192 + b"\r\n"),
    ),
    "an endless body": _then(lambda peer: peer.answer(b""), lambda peer: _endless(peer, b" " * 65536)),
    "a body cut at the close": lambda peer: peer.answer(_half(peer.body), "connection: close"),
    "gzip that is none": lambda peer: peer.whole(peer.body, _GZIP),
    "gzip cut off": lambda peer: peer.whole(_half(gzip.compress(peer.body)), _GZIP),
    "gzip without its trailer": lambda peer: peer.whole(gzip.compress(peer.body)[:-8], _GZIP),
    "gzip with a wrong checksum": lambda peer: peer.whole(_flip_end(gzip.compress(peer.body)), _GZIP),
    "gzip with more behind it": lambda peer: peer.whole(gzip.compress(peer.body) + b"more", _GZIP),
    "an empty body": lambda peer: peer.whole(b""),
    "nothing but blanks": lambda peer: peer.whole(b" \n" * 999),
}
