"""A LiteLLM proxy with the gateway's plugin, on a pool and upstreams of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.gateway.operator_config import FEWEST_FALLBACKS, merge_config
from pipeline.gateway.registry_plan import DEFAULT_BAND, STAND_IN_KEY
from pipeline.gateway.settings import GatewaySettings
from tests.gateway.conftest import KEYS, publish, sample
from tests.litellm.load import MASTER_KEY
from tests.litellm.upstreams import Upstreams

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.gateway.registry_plan import RegistryPlan

POLL_SECONDS = 0.2
COOLDOWN_SECONDS = 1
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.environ.get("HOME", "/"),
    "PYTHONPATH": str(Path(__file__).parents[2]),
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MASTER_KEY": MASTER_KEY,
    "NO_PROXY": "127.0.0.1",
    "PYTHONFAULTHANDLER": "1",
}
_WITH_MADE_KEYS: dict[str, dict[str, object]] = {
    "general_settings": {
        "custom_auth": "tests.litellm.made_keys.authenticate",
        "custom_auth_run_common_checks": True,
    },
    "litellm_settings": {"enable_post_custom_auth_checks": True},
}
_PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a client got."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        """The JSON document."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of a stream."""
        lines = [line.removeprefix("data: ") for line in self.text.splitlines() if line.startswith("data: ")]
        return [json.loads(line) for line in lines if line != "[DONE]"]

    @property
    def brain(self) -> str | None:
        """`brainModel` as the body says it; in a stream, as its last chunk does."""
        if self.headers["content-type"].startswith("application/json"):
            return self.body.get("brainModel")
        for event in reversed(self.events):
            if found := event.get("brainModel") or (event.get("response") or {}).get("brainModel"):
                return str(found)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A running proxy."""

    url: str
    upstreams: Upstreams
    pools: Path
    log: Path
    pid: int
    spend_log: Path | None = None
    """What LiteLLM would write into its database, a line each; None: nobody writes it down."""

    def cpu_seconds(self) -> float:
        """How much processor time the proxy has used, by Linux's clock of another process."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def ask(
        self,
        api: str,
        tier: str,
        *,
        stream: bool = False,
        headers: Mapping[str, str] | None = None,
        **body: object,
    ) -> Answer:
        """Send one request the way a client of that API does."""
        limit = "max_output_tokens" if api == "responses" else "max_tokens"
        prompt = (
            {"input": "ping"} if api == "responses" else {"messages": [{"role": "user", "content": "ping"}]}
        )
        sent = {"model": f"neo-mode/{tier}", "stream": stream, limit: 33, **prompt, **body}
        return self.post(_PATHS[api], sent, headers or {})

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
        """Send a JSON document."""
        keyed = {"Authorization": f"Bearer {MASTER_KEY}", "Content-Type": "application/json", **headers}
        return _sent(urllib.request.Request(self.url + path, json.dumps(body).encode(), keyed))  # noqa: S310 - loopback

    def get(self, path: str, *, key: str | None = MASTER_KEY) -> Answer:
        """Read a route of the proxy."""
        keyed = {"Authorization": f"Bearer {key}"} if key else {}
        return _sent(urllib.request.Request(self.url + path, headers=keyed))  # noqa: S310 - loopback

    def status(self) -> dict[str, Any]:
        """What the plugin says of itself."""
        return self.get("/modelpool/status").body

    def publish(self, signed: dict[str, Any]) -> None:
        """Publish a version and wait until it is served."""
        publish(self.pools, signed)
        self.wait_for(
            lambda status: status["version"] == signed["version"], f"v{signed['version']} in service"
        )

    def wait_for(self, seen: Any, what: str) -> dict[str, Any]:
        """Wait until the plugin's status is as wanted."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            status = self.status()
            if seen(status):
                return status
            time.sleep(POLL_SECONDS / 4)
        pytest.fail(f"not seen: {what}; the status is {status}, the log ends {self.log.read_text()[-2000:]}")


def next_version(gateway: Gateway, **changes: object) -> dict[str, Any]:
    """Return the embedded pool as the version after the one served, not yet published."""
    version = gateway.status()["version"] + 1
    return sample() | {"version": version, "expires_on": "2099-01-01"} | changes


def _sent(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - loopback
            return _answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return _answer(error.code, error.headers, error.read())


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    return Answer(
        status=status, headers={name.lower(): value for name, value in headers.items()}, text=body.decode()
    )


@contextmanager
def serving(
    folder: Path, signed: dict[str, Any] | None = None, *, with_spend_log: bool = False, **settings: Any
) -> Iterator[Gateway]:
    """Start a proxy on a pool in `folder`, and stop it."""
    spend_log = folder / "spend-log.jsonl" if with_spend_log else None
    callbacks = ["tests.litellm.made_spend_log.spend_log"] if spend_log else []
    pools = folder / "pools"
    publish(pools, signed or sample())
    with Upstreams(STAND_IN_KEY) as upstreams:
        plugin = GatewaySettings(
            pools=pools,
            state=folder / "state",
            upstreams=upstreams.address,
            **{"poll_seconds": POLL_SECONDS, "grace_seconds": 10.0, "timeout_seconds": 2.0, **settings},
        )
        own = {"model": "openai/own", "api_base": upstreams.api_base("own"), "api_key": STAND_IN_KEY}
        priced = {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
        config = merge_config(
            {
                "model_list": [{"model_name": "own", "litellm_params": own | priced}],
                "general_settings": _WITH_MADE_KEYS["general_settings"],
                "litellm_settings": _WITH_MADE_KEYS["litellm_settings"] | {"callbacks": callbacks},
                "router_settings": {"cooldown_time": COOLDOWN_SECONDS},
            }
        )
        environment = KEYS | plugin.to_environment() | {"MADE_SPEND_LOG": str(spend_log)}
        with _proxy(folder, config, environment) as (process, url):
            gateway = Gateway(
                url=url,
                upstreams=upstreams,
                pools=pools,
                log=folder / "log",
                pid=process.pid,
                spend_log=spend_log,
            )
            _wait_until_ready(process, gateway, "/modelpool/status")
            yield gateway


@contextmanager
def static_proxy(folder: Path, plan: RegistryPlan, upstreams: Upstreams) -> Iterator[Gateway]:
    """Start a proxy without the plugin: the same members, one static group a tier, in the order of medium."""
    folder.mkdir()
    models = [
        {
            "model_name": plan.tiers[planned.id.tier].alias,
            "litellm_params": dict(planned.parameters),
            "model_info": {"id": str(planned.id), **planned.prices},
        }
        for planned in plan.deployments
        if planned.id.band == DEFAULT_BAND
    ]
    settings = {"num_retries": 0, "max_fallbacks": FEWEST_FALLBACKS}
    config = {"model_list": models, "router_settings": settings, **_WITH_MADE_KEYS}
    with _proxy(folder, config, {}) as (process, url):
        static = Gateway(url=url, upstreams=upstreams, pools=folder, log=folder / "log", pid=process.pid)
        _wait_until_ready(process, static, "/v1/models")
        yield static


@contextmanager
def _proxy(
    folder: Path, config: Mapping[str, object], environment: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    (folder / "config.yaml").write_text(json.dumps(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [
        str(Path(sys.executable).with_name("litellm")),
        "--config",
        "config.yaml",
        "--host",
        "127.0.0.1",
    ]
    with (folder / "log").open("w") as out:
        process = subprocess.Popen(
            [*command, "--port", port],
            cwd=folder,
            env={**_ENVIRONMENT, **environment},
            stdout=out,
            stderr=out,
        )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], gateway: Gateway, path: str) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if gateway.get(path).status == 200:
                return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    pytest.fail(f"the gateway did not start; the end of its log: {gateway.log.read_text()[-3000:]}")
