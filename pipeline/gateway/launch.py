"""Starts a LiteLLM proxy that serves the published pool, after everything it depends on was checked."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.atomic_files import replace_file
from pipeline.errors import RefusedError, UsageError
from pipeline.gateway.operator_config import merge_config, read_operator_config
from pipeline.gateway.pool_keeper import PoolKeeper
from pipeline.gateway.registry_plan import PlanOptions, plan_registry, required_keys
from pipeline.gateway.settings import LOOPBACK, GatewaySettings
from pipeline.regular_file import read_file
from pipeline.router.pick import alias_of
from pipeline.router.verify import POINTER

if TYPE_CHECKING:
    from datetime import date

    from pipeline.router.verify import VerifiedPool

MASTER_KEY: Final = "LITELLM_MASTER_KEY"
_KEY_FILE: Final = "master-key"
_SECRET_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700
_DATABASE: Final = "DATABASE_URL"
_SETTING: Final = "database_url"
_ONLY_IN: Final = "MODELPOOL_MAKE_GATEWAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchOptions:
    """What an operator asked for."""

    pools: Path
    state: Path
    host: str
    port: int
    config: Path | None
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A checked proxy, ready to be started."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    address: str
    pool: VerifiedPool
    demo: bool
    key_file: Path | None
    """Where the key that was made for this proxy is; None: the operator's own."""

    @property
    def models(self) -> tuple[str, ...]:
        """The model names that clients ask for, one a tier."""
        return tuple(map(alias_of, self.pool.pool.tiers))


def prepare(options: LaunchOptions, environment: Mapping[str, str], *, today: date) -> Launch:
    """Verify the pool, check keys and settings, and write the proxy's configuration.

    Raises:
        RefusedError: No pool that may be served, or a provider key is missing.
        UsageError: LiteLLM is missing, or an option or a setting is not of use.
    """
    if find_spec("litellm") is None:
        raise UsageError(
            "LiteLLM is not installed here",
            hint="`pip install 'modelpool[litellm]'`, or run `make gateway`, which has its own environment.",
        )
    config = _configuration(options.config, environment)
    pool = _pool_in_force(options, today)
    demo = _is_demo(options, pool, environment)
    plan_registry(
        pool.pool, PlanOptions(environment=environment, upstreams="http://127.0.0.1" if demo else None)
    )
    _check_address(options, environment)
    options.state.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    key, key_file = _master_key(options.state, environment)
    config_file = options.state / "config.yaml"
    replace_file(config_file, json.dumps(config, indent=1).encode(), mode=_SECRET_MODE)
    settings = GatewaySettings(pools=options.pools.resolve(), state=options.state.resolve(), demo=demo)
    proxy = str(Path(sys.executable).with_name("litellm"))
    return Launch(
        command=(proxy, "--config", str(config_file), "--host", options.host, "--port", str(options.port)),
        environment={
            **environment,
            **settings.to_environment(),
            MASTER_KEY: key,
            # Else LiteLLM asks the network for prices when it starts, and prices differ between runs.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        },
        address=f"http://{options.host}:{options.port}",
        pool=pool,
        demo=demo,
        key_file=key_file,
    )


def start(launch: Launch) -> None:
    """Become the proxy; does not return."""
    os.execve(launch.command[0], launch.command, dict(launch.environment))  # noqa: S606 - no shell is wanted


def _pool_in_force(options: LaunchOptions, today: date) -> VerifiedPool:
    keeper = PoolKeeper(options.pools, options.state)
    try:
        return keeper.look(today=today)
    except RefusedError:
        if keeper.kept is not None:
            return keeper.kept
        if not (options.pools / POINTER).exists():
            raise RefusedError(
                f"{options.pools} holds no published pool",
                hint="`modelpool status` says how one is published; --pools names another folder.",
            ) from None
        raise


def _is_demo(options: LaunchOptions, pool: VerifiedPool, environment: Mapping[str, str]) -> bool:
    """Return whether stand-ins answer: only in `make gateway`, only on loopback, only where no key is set."""
    if not options.demo or any(environment.get(name) for name in required_keys(pool.pool)):
        return False
    if not environment.get(_ONLY_IN) or options.host not in LOOPBACK:
        raise UsageError(
            "demo answers are for `make gateway` on this machine only",
            hint=f"Set {', '.join(required_keys(pool.pool))} and leave --demo out.",
        )
    return True


def _configuration(operators: Path | None, environment: Mapping[str, str]) -> Mapping[str, object]:
    config = merge_config(read_operator_config(operators) if operators else {})
    _check_database(config, environment)
    return config


def _check_database(config: Mapping[str, object], environment: Mapping[str, str]) -> None:
    """Refuse a database that LiteLLM could not speak to: it would stop in the middle of its start."""
    general = config["general_settings"]
    own = general.get(_SETTING) if isinstance(general, Mapping) else None
    named = {_DATABASE: environment.get(_DATABASE), f"general_settings.{_SETTING}": own}
    for name, address in named.items():
        if address and not (find_spec("prisma") and find_spec("prisma.client")):
            raise UsageError(
                f"{name} is set, and Prisma's client for LiteLLM is not generated here",
                hint=f"`{sys.executable} -m prisma generate --schema {_prisma_schema()}`, or leave it out.",
            )


def _prisma_schema() -> Path:
    found = find_spec("litellm_proxy_extras")
    folders = found.submodule_search_locations if found else None
    return Path(folders[0] if folders else "litellm_proxy_extras") / "schema.prisma"


def _check_address(options: LaunchOptions, environment: Mapping[str, str]) -> None:
    if options.host not in LOOPBACK and not environment.get(MASTER_KEY):
        raise UsageError(
            f"--host {options.host} is open to others and {MASTER_KEY} is not set",
            hint=f'`export {MASTER_KEY}="sk-$(openssl rand -hex 32)"`, then start again.',
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            # LiteLLM would take another port without a word, and clients would not find it.
            raise UsageError(
                f"{options.host}:{options.port}: {error.strerror}",
                hint="`make gateway PORT=4001`, or another number."
                if environment.get(_ONLY_IN)
                else "Start again with another --port.",
            ) from error


def read_master_key(state: Path, environment: Mapping[str, str]) -> str:
    """Return the key of the proxy that was started here.

    Raises:
        UsageError: None is known.
    """
    file = state / _KEY_FILE
    if key := environment.get(MASTER_KEY):
        return key
    if not file.exists():
        raise UsageError(
            f"{MASTER_KEY} is not set, and no gateway was started with {state}",
            hint=f"`export {MASTER_KEY}=...` with the proxy's key, or name its --state.",
        )
    return read_file(file).decode().strip()


def _master_key(state: Path, environment: Mapping[str, str]) -> tuple[str, Path | None]:
    """Return the operator's key, or one made here and the file it is kept in."""
    if key := environment.get(MASTER_KEY):
        return key, None
    file = state / _KEY_FILE
    if not file.exists():
        replace_file(file, f"sk-{secrets.token_hex(32)}\n".encode(), mode=_SECRET_MODE)
    return read_file(file).decode().strip(), file
