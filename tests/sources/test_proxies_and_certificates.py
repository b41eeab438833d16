"""The way to a source: through which proxy, past it, with whose certificate, and by a name that may hang."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.http_proxy import read_proxy
from pipeline.domain.ids import OPENROUTER
from pipeline.errors import SourceHeldError
from pipeline.sources.http import session as session_module
from pipeline.sources.http.request import HttpConfig, Request
from pipeline.sources.http.session import ATTEMPTS, SourceSession
from tests.faults.wire import Peer, wire
from tests.replica.sessions import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "source.example"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "_BACKOFF_SECONDS", 0.01)


def refusal(config: HttpConfig, url: str = f"https://{HOST}/list") -> SourceHeldError:
    with (
        pytest.raises(SourceHeldError) as held,
        closing(SourceSession(OPENROUTER, config, now=NOW)) as session,
    ):
        session.ask(Request(url=url))
    return held.value


def deny(peer: Peer) -> None:
    peer.whole(b"", status="407 canary-word")


@pytest.mark.parametrize(
    ("form", "greeting"),
    [
        ("http://127.0.0.1:{}", b"CONNECT source.example:443 HTTP/1.1"),
        ("127.0.0.1:{}", b"CONNECT source.example:443 HTTP/1.1"),
        ("user:w%2Ford@127.0.0.1:{}", b"Proxy-Authorization: Basic dXNlcjp3L29yZA=="),
        ("http://user:w/ord@127.0.0.1:{}", b"Proxy-Authorization: Basic dXNlcjp3L29yZA=="),
    ],
)
def test_a_proxy_is_asked_in_every_form_and_its_refusal_is_told_in_words(form: str, greeting: bytes) -> None:
    with wire(deny) as proxy:
        config = HttpConfig(seconds=5, proxy=read_proxy(form.format(proxy.port)))
        held = refusal(config)
    assert all(greeting in head for head in proxy.heads)
    assert proxy.heads
    assert held.found == "the proxy refused with status 407 (asked 3 times)"
    assert "NO_PROXY" in held.hint


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_spoken_to_in_its_own_way(scheme: str) -> None:
    greetings: list[bytes] = []

    def socks(listener: socket.socket) -> None:
        for _ in range(ATTEMPTS):
            connection, _ = listener.accept()
            with connection:
                greetings.append(connection.recv(16))
                connection.sendall(b"\x05\xff")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        worker = threading.Thread(target=socks, args=(listener,), daemon=True)
        worker.start()
        port = listener.getsockname()[1]
        held = refusal(HttpConfig(seconds=5, proxy=read_proxy(f"{scheme}://127.0.0.1:{port}")))
        worker.join(5)
    assert greetings == [b"\x05\x01\x00"] * ATTEMPTS
    assert held.found == "the proxy refused (asked 3 times)"
    assert "MODELPOOL_PROXY" in held.hint


def test_this_machine_and_no_proxy_are_asked_directly() -> None:
    def answer(peer: Peer) -> None:
        peer.whole(b"[]")

    with wire(deny) as proxy, wire(answer) as server:
        config = HttpConfig(seconds=5, proxy=read_proxy(f"127.0.0.1:{proxy.port}"))
        with closing(SourceSession(OPENROUTER, config, now=NOW)) as session:
            said = session.ask(Request(url=f"http://127.0.0.1:{server.port}/list")).capture
    assert (said.body, len(server.heads), proxy.heads) == (b"[]", 1, [])


def test_a_name_service_that_hangs_ends_by_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    release, asked = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        asked.set()
        release.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        held = refusal(HttpConfig(seconds=0.3))
    finally:
        release.set()
    assert asked.is_set()
    assert held.found.startswith("no whole answer within 0.3 seconds")


def test_a_name_that_nobody_knows_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    held = refusal(HttpConfig(seconds=5))
    assert held.found.startswith("the name service gave no address: Name or service not known")
    assert "name service" in held.hint


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority of its own and a certificate of it for this machine."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("authority")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    signed = (
        *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=CA:FALSE"),
        *("-CA", "ca.pem", "-CAkey", "ca.key"),
    )
    for command in (
        ("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority"),
        ("req", "-x509", *key, "-keyout", "own.key", "-out", "own.pem", "-subj", "/CN=localhost", *signed),
    ):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)  # noqa: S607 - found above
    return folder


@pytest.fixture
def tls_port(authority: Path) -> Iterator[int]:
    """A server behind that certificate that answers `[]`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "own.pem", authority / "own.key")

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]")
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        worker = threading.Thread(target=serve, args=(listener,), daemon=True)
        worker.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        worker.join(5)


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(authority: Path, tls_port: int) -> None:
    url = f"https://127.0.0.1:{tls_port}/list"
    held = refusal(HttpConfig(seconds=5), url)
    assert held.found.startswith("its certificate is not trusted (")
    assert "MODELPOOL_CA_FILE" in held.hint
    named = HttpConfig(seconds=5, authorities=authority / "ca.pem")
    with closing(SourceSession(OPENROUTER, named, now=NOW)) as session:
        assert session.ask(Request(url=url)).capture.body == b"[]"


@pytest.mark.parametrize(
    "secret", ["canary-word-51", "canary%2Fword/51", "canary-of-more-than-sixteen-letters"]
)
def test_an_answer_that_repeats_a_secret_of_the_environment_is_not_kept(secret: str) -> None:
    def echo(peer: Peer) -> None:
        peer.whole(f'["{secret}"]'.encode())

    with wire(echo) as server:
        held = refusal(HttpConfig(seconds=5, secrets=(secret,)), f"http://127.0.0.1:{server.port}/list")
    assert server.heads
    assert "repeats a key or password" in held.found
    assert secret not in held.found
