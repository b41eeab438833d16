"""Each trap that the doctor knows is found when it is there."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.errors import RefusedError, UsageError
from pipeline.gateway.doctor import Proxy, examine, published_version
from tests.gateway.conftest import publish, sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALIAS = "neo-mode/frugal"


def well() -> dict[str, Any]:
    """Return the status of a gateway with which nothing is wrong."""
    return {
        "version": 3,
        "alarm": None,
        "expires_on": "2099-01-01",
        "expired": False,
        "demo": False,
        "tiers": {ALIAS: {"members": {"a@none": {}}}},
        "events": {"restored": 0},
        "proxy": {
            "litellm": "1.108.7",
            "num_retries": 0,
            "max_fallbacks": 100,
            "cooldown_time": 60,
            "plugins": 1,
        },
    }


@contextmanager
def proxy(status: dict[str, Any], *, models: list[str], brains: tuple[str, str]) -> Iterator[Proxy]:
    """Serve a proxy that says so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(
                status if self.path == "/modelpool/status" else {"data": [{"id": name} for name in models]}
            )

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send({"brainModel": brains[1]}, {"x-brain-model": brains[0]})

        def _send(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
            self.send_response(200)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Proxy(f"http://127.0.0.1:{server.server_port}", "sk-key")
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def failures(
    status: dict[str, Any], *, models: list[str] | None = None, brains: tuple[str, str] = ("a@none", "a@none")
) -> list[str]:
    with proxy(status, models=models if models is not None else [ALIAS], brains=brains) as asked:
        checks = examine(asked, published=3, call=True)
    assert all(check.next_step for check in checks if not check.passed)
    return [check.name for check in checks if not check.passed]


def test_nothing_is_wrong_where_nothing_is() -> None:
    assert failures(well()) == []


@pytest.mark.parametrize(
    ("place", "value", "name"),
    [
        (("version",), 2, "newest version"),
        (("alarm",), "a file was tampered with", "alarm"),
        (("expired",), True, "age"),
        (("demo",), True, "providers"),
        (("proxy", "litellm"), "1.80.11", "LiteLLM"),
        (("proxy", "num_retries"), 2, "num_retries"),
        (("proxy", "max_fallbacks"), 5, "max_fallbacks"),
        (("proxy", "cooldown_time"), 0, "cooldown_time"),
        (("proxy", "plugins"), 2, "plugin"),
        (("events", "restored"), 4, "registry"),
    ],
)
def test_a_trap_in_the_status_is_found(place: tuple[str, ...], value: object, name: str) -> None:
    status = well()
    at = status
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    assert failures(status) == [name]


def test_a_hidden_group_that_is_listed_and_a_tier_that_is_not_are_found() -> None:
    assert failures(well(), models=[ALIAS, "neo-mode/frugal#simple@v0003"]) == ["hidden groups"]
    assert failures(well(), models=[]) == ["tiers"]


def test_a_header_that_disagrees_with_the_body_is_found() -> None:
    assert failures(well(), brains=("a@none", "b@none")) == [f"call {ALIAS}"]


def test_a_proxy_without_the_plugin_or_nobody_at_all_is_refused() -> None:
    with (
        proxy({"detail": "Not Found"}, models=[], brains=("", "")) as asked,
        pytest.raises(RefusedError) as caught,
    ):
        examine(asked, published=None, call=False)
    assert "modelpool gateway" in caught.value.hint
    with pytest.raises(RefusedError, match="no gateway answers"):
        examine(Proxy("http://127.0.0.1:1", "sk"), published=None, call=False)
    with pytest.raises(UsageError, match="is no web address"):
        Proxy("file:///etc/passwd", "sk")


def test_the_published_version_is_read_where_there_is_one(tmp_path: Path) -> None:
    assert published_version(tmp_path) is None
    publish(tmp_path, sample() | {"version": 12})
    assert published_version(tmp_path) == 12
