"""Checks a running gateway from outside: what its status, its models and, if asked, one call a tier say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from pipeline.errors import RefusedError, UsageError
from pipeline.gateway.names import is_hidden
from pipeline.gateway.operator_config import FEWEST_FALLBACKS
from pipeline.router import verify
from pipeline.router.verify import POINTER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TESTED: Final = ("1.106.2", "1.108.7")
"""Releases of LiteLLM that the plugin was tried with."""
_SECONDS: Final = 30
_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold, and what to do where it does not."""

    name: str
    passed: bool
    found: str
    next_step: str
    """Empty where it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The proxy's answer."""

    code: int
    headers: Mapping[str, str]
    body: Mapping[str, object]


class Proxy:
    """A running proxy, asked over HTTP."""

    def __init__(self, address: str, key: str) -> None:
        """Remember where it is and the key it wants."""
        if not address.startswith(("http://", "https://")):
            raise UsageError(
                f"--url {address!r} is no web address", hint="Write it as http://127.0.0.1:4000."
            )
        self._address = address.rstrip("/")
        self._key = key

    def ask(self, path: str, body: Mapping[str, object] | None = None) -> Reply:
        """Send one request.

        Raises:
            RefusedError: Nobody answers there.
        """
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        sent = json.dumps(body).encode() if body is not None else None
        request = Request(self._address + path, data=sent, headers=headers)  # noqa: S310 - the scheme is checked
        try:
            with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - the same
                return _reply(response.status, dict(response.headers), response.read(_MOST_BYTES))
        except HTTPError as error:
            return _reply(error.code, dict(error.headers), error.read(_MOST_BYTES))
        except OSError as error:
            raise RefusedError(
                f"no gateway answers at {self._address}: {error}",
                hint="Start it by `modelpool gateway`, or name its address by --url.",
            ) from error


def published_version(pools: Path) -> int | None:
    """Return the version that is in force in a folder; None where there is none here."""
    if not (pools / POINTER).exists():
        return None
    return verify(pools, today=None).version


def examine(proxy: Proxy, *, published: int | None, call: bool) -> tuple[Check, ...]:
    """Check a running proxy.

    Args:
        proxy: Where it is.
        published: The version it should serve; None: nobody knows here.
        call: Also send one small request to every tier. A provider bills it.

    Raises:
        RefusedError: Nobody answers there, or the plugin is not loaded.
    """
    reply = proxy.ask("/modelpool/status")
    if "tiers" not in reply.body:
        raise RefusedError(
            f"/modelpool/status answers {reply.code}: the plugin is not loaded, or the key is another one",
            hint="Start the proxy by `modelpool gateway`, and set LITELLM_MASTER_KEY to its key.",
        )
    status = reply.body
    checks = [*_pool_checks(status, published), *_setting_checks(status), *_model_checks(proxy, status)]
    if call:
        checks += [_call_check(proxy, alias) for alias in _mapping(status["tiers"])]
    return tuple(checks)


def _pool_checks(status: Mapping[str, object], published: int | None) -> Iterator[Check]:
    served, alarm, demo = status.get("version"), status.get("alarm"), status.get("demo")
    yield _check(
        "pool", served is not None, _version_text(served), "Publish a pool, or name its folder by --pools."
    )
    if published is not None:
        found = f"serves {_version_text(served)}, published is {_version_text(published)}"
        yield _check("newest version", served == published, found, "Correct what the alarm names.")
    yield _check("alarm", alarm is None, str(alarm or "none"), "Correct what it names.")
    table = _mapping(status.get("workloads"))
    named, wrong = table.get("table") or "none", table.get("alarm")
    yield _check("workload table", wrong is None, f"{named}; {wrong or 'no alarm'}", "Correct what it names.")
    expiry = f"expires on {status.get('expires_on')}"
    yield _check("age", status.get("expired") is False, expiry, "`modelpool run`, then review.")
    yield _check(
        "providers",
        demo is False,
        "demo answers; no provider is asked" if demo else "asked with your keys",
        "Set the providers' keys.",
    )


def _version_text(version: object) -> str:
    return f"v{version:04}" if isinstance(version, int) else "none"


def _setting_checks(status: Mapping[str, object]) -> Iterator[Check]:
    proxy, events = _mapping(status.get("proxy")), _mapping(status.get("events"))
    version, plugins, restored = proxy.get("litellm"), proxy.get("plugins"), events.get("restored")
    tried = f"{version}; tried with {', '.join(TESTED)}"
    yield _check("LiteLLM", version in TESTED, tried, "`pip install 'modelpool[litellm]'`")
    retries, most, rest = (proxy.get(name) for name in ("num_retries", "max_fallbacks", "cooldown_time"))
    yield _check("num_retries", retries == 0, str(retries), "Leave it out: the next member is asked instead.")
    enough = isinstance(most, int) and most >= FEWEST_FALLBACKS
    yield _check("max_fallbacks", enough, str(most), f"Leave it out, or write at least {FEWEST_FALLBACKS}.")
    lasting = isinstance(rest, int | float) and rest > 0
    yield _check("cooldown_time", lasting, str(rest), "Leave it out: a failed member rests for a minute.")
    yield _check(
        "plugin",
        plugins == 1,
        "registered once" if plugins == 1 else f"registered {plugins} times",
        "Leave it out of `callbacks`.",
    )
    found = f"{restored} entries were removed by others and put back"
    yield _check("registry", restored == 0, found, "Keep your own models in --config, not in the database.")


def _model_checks(proxy: Proxy, status: Mapping[str, object]) -> Iterator[Check]:
    data = proxy.ask("/v1/models").body.get("data")
    listed = {str(_mapping(model).get("id")) for model in data} if isinstance(data, list) else set()
    shown = ", ".join(sorted(name for name in listed if is_hidden(name)))
    yield _check(
        "hidden groups",
        not shown,
        f"listed: {shown}" if shown else "none is listed",
        "`pip install 'modelpool[litellm]'`",
    )
    missing = ", ".join(sorted(set(_mapping(status["tiers"])) - listed))
    yield _check(
        "tiers",
        not missing,
        f"not listed: {missing}" if missing else "all are listed",
        "Give the key access to them.",
    )


def _call_check(proxy: Proxy, alias: str) -> Check:
    message = {"role": "user", "content": "Say yes."}
    reply = proxy.ask("/v1/chat/completions", {"model": alias, "max_tokens": 16, "messages": [message]})
    header, body = reply.headers.get("x-brain-model"), reply.body.get("brainModel")
    passed = reply.code == HTTPStatus.OK and header is not None and header == body
    found = f"{reply.code}, header {header}, body {body}"
    return _check(f"call {alias}", passed, found, "Look up which members fail in /modelpool/status.")


def _check(name: str, passed: bool, found: str, next_step: str) -> Check:  # noqa: FBT001 - the verdict of the line
    return Check(name=name, passed=passed, found=found, next_step="" if passed else next_step)


def _reply(code: int, headers: Mapping[str, str], body: bytes) -> Reply:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    return Reply(
        code=code, headers={name.lower(): value for name, value in headers.items()}, body=_mapping(found)
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
