"""A real LiteLLM proxy on the exported pools, with fake upstreams; only under this folder's pytest.ini."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from pipeline.exporters.litellm import FRAGMENT, litellm_fragment, litellm_settings, required_env
from pipeline.router.pool_model import MemberView, read_pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.litellm.gateway import Gateway
    from tests.litellm.upstreams import Upstreams

HERE = Path(__file__).parent
POOLS = HERE.parents[1] / "data" / "pools"
LITELLM = str(Path(sys.executable).with_name("litellm"))
MASTER_KEY = "sk-made-for-this-test"
COOLDOWN_SECONDS = 1
PRESENT_KEY, ABSENT_KEY = "MODELPOOL_TEST_PRESENT_KEY", "MODELPOOL_TEST_ABSENT_KEY"


def pytest_ignore_collect(config: pytest.Config) -> Literal[True] | None:
    """Leave this folder to `make test-router`, which names its pytest.ini."""
    return None if config.inipath == HERE / "pytest.ini" else True


@dataclass(frozen=True, slots=True)
class Tier:
    """One exported tier: its alias, and its deployments in the order LiteLLM should try them."""

    alias: str
    ids: tuple[str, ...]
    members: tuple[MemberView, ...]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy."""

    url: str
    upstreams: Upstreams
    log: Path


def tiers_of(pool: Mapping[str, object]) -> list[Tier]:
    """List the tiers of a pool as they are exported, from the bottom up."""
    view = read_pool(pool)
    tiers = []
    for name, tier in sorted(view.tiers.items(), key=lambda item: max(m.quality for m in item[1].members)):
        members = tuple(member for member in tier.members if "litellm" in member.routes)
        ids = tuple(f"{name}.{m.rank}.{m.routes['litellm'].model}@{m.effort}" for m in members)
        tiers.append(Tier(f"neo-mode/{name}", ids, members))
    return tiers


@pytest.fixture(scope="session")
def pools() -> list[Mapping[str, object]]:
    """The pool made by hand and, where there is one, the newest published pool."""
    if importlib.util.find_spec("litellm") is None:
        pytest.skip("litellm is not installed; `make test-router` makes its environment")
    from tests.litellm.made_pool import made_pool

    published = sorted(POOLS.glob("v*.json"))[-1:]
    return [made_pool(), *(json.loads(path.read_bytes())["signed"] for path in published)]


@pytest.fixture(scope="session")
def tiers(pools: list[Mapping[str, object]]) -> list[Tier]:
    """All tiers of all pools."""
    return [tier for pool in pools for tier in tiers_of(pool)]


@pytest.fixture(scope="session")
def environment(pools: list[Mapping[str, object]]) -> dict[str, str]:
    """What a proxy process sees: every key the preflight asks for, and nothing of the machine's own."""
    from tests.litellm.upstreams import KEY

    keys = {name: KEY for pool in pools for name in required_env(read_pool(pool))}
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MASTER_KEY": MASTER_KEY,
        "NO_PROXY": "127.0.0.1",
        PRESENT_KEY: KEY,
        **keys,
    }


@pytest.fixture(scope="session")
def running_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One proxy with the gateway's plugin."""
    pytest.importorskip("litellm")
    from tests.litellm.gateway import serving

    with serving(tmp_path_factory.mktemp("gateway"), with_spend_log=True) as gateway:
        yield gateway


@pytest.fixture
def gateway(running_gateway: Gateway) -> Gateway:
    """The proxy, with every upstream well and every cooldown over."""
    from tests.litellm.gateway import COOLDOWN_SECONDS

    if running_gateway.upstreams.failing:
        time.sleep(COOLDOWN_SECONDS + 0.3)
    running_gateway.upstreams.reset()
    return running_gateway


@pytest.fixture(scope="session")
def validation(
    pools: list[Mapping[str, object]], environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[subprocess.Popen[str]]]:
    """`litellm --validate_config` on each pool's files exactly as exported, started side by side."""
    running = []
    for index, pool in enumerate(pools):
        folder = tmp_path_factory.mktemp(f"exported-{index}")
        (folder / FRAGMENT).write_text(litellm_fragment(read_pool(pool)))
        (folder / "config.yaml").write_text(litellm_settings(read_pool(pool)))
        command = [LITELLM, "--config", "config.yaml", "--validate_config"]
        running.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        )
    yield running
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def proxy(
    pools: list[Mapping[str, object]],
    environment: dict[str, str],
    validation: list[subprocess.Popen[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    """One proxy over all pools; only addresses, the cooldown and a probe are not as exported."""
    from tests.litellm.upstreams import Upstreams

    folder = tmp_path_factory.mktemp("proxy")
    with Upstreams() as upstreams, socket.socket() as free:
        (folder / "config.yaml").write_text(json.dumps(_config(pools, upstreams)))
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        free.close()
        command = [LITELLM, "--config", "config.yaml", "--host", "127.0.0.1", "--port", port]
        log = folder / "log"
        with log.open("w") as out:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        try:
            _wait_until_alive(process, f"http://127.0.0.1:{port}", log)
            yield Proxy(f"http://127.0.0.1:{port}", upstreams, log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _config(pools: list[Mapping[str, object]], upstreams: Upstreams) -> dict[str, object]:
    yaml = pytest.importorskip("yaml")
    models: list[dict[str, dict[str, object]]] = []
    fallbacks: list[object] = []
    most = 0
    for pool in pools:
        models += yaml.safe_load(litellm_fragment(read_pool(pool)))["model_list"]
        settings = yaml.safe_load(litellm_settings(read_pool(pool)))["router_settings"]
        fallbacks += settings["fallbacks"]
        most = max(most, settings["max_fallbacks"])
    for model in models:
        params, identity = model["litellm_params"], str(model["model_info"]["id"])
        params |= {"model": f"openai/{params['model']}", "api_base": upstreams.api_base(identity)}
    return {
        "model_list": [*models, *_probe(upstreams)],
        "router_settings": settings
        | {"fallbacks": fallbacks, "max_fallbacks": most, "cooldown_time": COOLDOWN_SECONDS},
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
    }


def _probe(upstreams: Upstreams) -> list[dict[str, object]]:
    """A group whose first candidate's key is missing from the environment."""
    return [
        {
            "model_name": "probe",
            "litellm_params": {
                "model": model,
                "api_key": key,
                "order": order,
                "api_base": upstreams.api_base(name),
            },
            "model_info": {"id": name},
        }
        for order, name, model, key in (
            (1, "probe.1", "groq/made", f"os.environ/{ABSENT_KEY}"),
            (2, "probe.2", "openai/made", f"os.environ/{PRESENT_KEY}"),
        )
    ]


def _wait_until_alive(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health/liveliness", timeout=5):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    pytest.fail(f"the proxy did not start; the end of its log: {log.read_text()[-2000:]}")
