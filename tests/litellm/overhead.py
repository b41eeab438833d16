"""Measures processor time of a request beside a static configuration: `python -m tests.litellm.overhead`.

Its argument is the number of rounds.

Two proxies run side by side with the same members and keys, one with the gateway's plugin, one with plain
groups. They are asked in turns, in short rounds, so that a machine shared with others slows both; their
cheapest rounds are those that others disturbed least. One kind of request is a short turn, the other a coding
tool's conversation of 60 turns.
"""

from __future__ import annotations

import math
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from pipeline.gateway.registry_plan import PlanOptions, plan_registry
from pipeline.router.pool_model import read_pool
from tests.bench.gateway_decisions import long, short
from tests.gateway.conftest import KEYS, approve_table, sample
from tests.litellm.gateway import serving, static_proxy
from tests.litellm.load import Load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.litellm.gateway import Gateway

ROUNDS: Final = 12
"""As many as a machine that does nothing else needs; more where others share it."""
ROUND_REQUESTS: Final = 40
POLL_SECONDS: Final = 5.0
"""As `modelpool gateway` is started."""
TARGETS: Final = {False: 3.0, True: 1.5}
"""Milliseconds added to a JSON request and to a stream."""


def main() -> int:
    """Print milliseconds and ratios; the targets are printed beside them, not enforced."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    print(f"LiteLLM {version('litellm')}")  # noqa: T201 - the output of this script
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        approve_table(folder / "workloads", 1, titles="simple")
        with serving(folder, poll_seconds=POLL_SECONDS) as gateway:
            plan = plan_registry(
                read_pool(sample()), PlanOptions(environment=KEYS, upstreams=gateway.upstreams.address)
            )
            with static_proxy(folder / "static", plan, gateway.upstreams) as static:
                for name, body in (("1 turn", short()), ("60 turns", long())):
                    for stream in (False, True):
                        _compare(gateway, static, name, body | {"stream": stream}, rounds=rounds)
    return 0


def _compare(
    gateway: Gateway, static: Gateway, name: str, body: Mapping[str, object], *, rounds: int
) -> None:
    """Ask both in turns, each first in every second round."""
    _cost(gateway, body), _cost(static, body)
    costs = []
    for number in range(rounds):
        if number % 2:
            theirs, ours = _cost(static, body), _cost(gateway, body)
        else:
            ours, theirs = _cost(gateway, body), _cost(static, body)
        costs.append((ours, theirs))
    added = sorted(ours - theirs for ours, theirs in costs)
    reach = math.sqrt(rounds)  # ranks around the middle that hold the median of all rounds, 95 in 100 times
    low, high = (
        added[max(0, round((rounds - 1) / 2 - reach))],
        added[min(rounds - 1, round(rounds / 2 + reach))],
    )
    least = min(ours for ours, _ in costs) - min(theirs for _, theirs in costs)
    stream = bool(body["stream"])
    print(  # noqa: T201 - the output
        f"{'stream' if stream else 'json'}, {name}: gateway {median(one[0] for one in costs):.2f} ms, static "
        f"{median(one[1] for one in costs):.2f} ms, ratio {median(one / other for one, other in costs):.2f}, "
        f"added {median(added):.2f} ms (median of {rounds} rounds, 95 % interval {low:.2f} to {high:.2f}; "
        f"between the cheapest rounds {least:.2f}); "
        f"target <= {TARGETS[stream]} ms"
    )


def _cost(proxy: Gateway, body: Mapping[str, object]) -> float:
    """Measure milliseconds of processor time a request."""
    load = Load(proxy.url, dict(body), clients=2)
    before = proxy.cpu_seconds()
    load.run(lambda count: count >= ROUND_REQUESTS)
    spent = proxy.cpu_seconds() - before
    failed = [answer for answer in load.served if answer.code != 200]
    if failed or load.errors:
        sys.exit(f"a request failed: {failed[:1]} {load.errors[:1]}")
    return spent * 1000 / len(load.served)


if __name__ == "__main__":
    sys.exit(main())
