"""Hands the plugin's settings from the launcher to the proxy's process in one environment variable."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "MODELPOOL_GATEWAY"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """How one proxy process serves a pool."""

    pools: Path
    """The published folder."""
    state: Path
    """Where the last good pool is kept."""
    poll_seconds: float = 5.0
    """How often the published folder is looked at."""
    grace_seconds: float = 900.0
    """How long groups of an earlier version stay: as long as a request may take."""
    timeout_seconds: float | None = None
    """For every member; None: by its effort."""
    demo: bool = False
    """Let a server of this process stand in for every provider."""
    upstreams: str | None = None
    """Address on this machine of a stand-in for every provider, for tests; None: the providers themselves."""

    def __post_init__(self) -> None:
        if self.upstreams is not None and urlsplit(self.upstreams).hostname not in LOOPBACK:
            raise UsageError(
                f"stand-ins for providers at {self.upstreams} are not on this machine",
                hint="Set the providers' keys and start `modelpool gateway`.",
            )

    @property
    def workloads(self) -> Path:
        """The folder of approved workload tables, beside the published pools."""
        return self.pools.with_name("workloads")

    def to_environment(self) -> dict[str, str]:
        """Write the settings for the proxy's process."""
        fields = asdict(self) | {"pools": str(self.pools), "state": str(self.state)}
        return {VARIABLE: json.dumps(fields)}


def read_settings(environment: Mapping[str, str]) -> GatewaySettings:
    """Read what the launcher wrote.

    Raises:
        UsageError: The variable is missing: the proxy was not started by the launcher.
    """
    text = environment.get(VARIABLE)
    if text is None:
        raise UsageError(
            f"{VARIABLE} is not set: the plugin does not know where the pools are",
            hint="Start the proxy by `modelpool gateway`.",
        )
    fields = json.loads(text)
    settings = GatewaySettings(pools=Path(fields.pop("pools")), state=Path(fields.pop("state")))
    return replace(settings, **fields)
