"""Measures the gateway on the LiteLLM of this environment, for `make matrix`.

Every band of every tier, three APIs, whole and streamed, each with every fault: does the next member
answer, and do header, body and the upstream that was hit agree?
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path

from pipeline.router.pool_model import BANDS
from tests.gateway.conftest import sample
from tests.litellm.gateway import COOLDOWN_SECONDS, Gateway, serving

APIS = ("chat", "messages", "responses")
FAULTS: tuple[int | str, ...] = (400, 401, 403, 404, 429, 500, 503, "timeout", "cut")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One cell of the matrix."""

    tier: str
    band: str
    api: str
    stream: bool
    fault: int | str


def main() -> int:
    """Print what was measured; 1 where a cell of the matrix is wrong."""
    print(f"LiteLLM {version('litellm')}")  # noqa: T201 - the output of this script
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as gateway:
        wrong = _matrix(gateway)
    return 1 if wrong else 0


def _matrix(gateway: Gateway) -> int:
    results: Counter[tuple[str, bool, str]] = Counter()
    wrong = []
    rested: dict[tuple[str, str], float] = {}
    cases = [
        Case(tier=tier, band=band, api=api, stream=stream, fault=fault)
        for api, stream, fault, tier, band in product(APIS, (False, True), FAULTS, sample()["tiers"], BANDS)
    ]
    for case in cases:
        time.sleep(max(0, rested.get((case.tier, case.band), 0) - time.monotonic()))
        problem = _problem(gateway, case)
        rested[case.tier, case.band] = time.monotonic() + COOLDOWN_SECONDS + 0.2
        results[case.api, case.stream, "ok" if problem is None else "wrong"] += 1
        if problem:
            wrong.append(f"{case}: {problem}")
    for (api, stream, result), count in sorted(results.items()):
        print(f"{api} {'stream' if stream else 'json'}: {count} {result}")  # noqa: T201 - the output
    print(*wrong[:40], f"matrix: {len(cases)} cells, {len(wrong)} wrong", sep="\n")  # noqa: T201 - the output
    return len(wrong)


def _problem(gateway: Gateway, case: Case) -> str | None:
    first, second, *_ = sample()["tiers"][case.tier]["bands"][case.band]
    gateway.upstreams.reset()
    gateway.upstreams.failing[first] = case.fault
    answer = gateway.ask(case.api, case.tier, stream=case.stream, headers={"x-pool-band": case.band})
    hits, header, body = list(gateway.upstreams.hits), answer.headers.get("x-brain-model"), answer.brain
    if answer.status != 200:
        return f"{answer.status} {answer.text[:200]}"
    if hits != [first, second] or header != second or body != second:
        return f"hits {hits}, header {header}, body {body}"
    return None


if __name__ == "__main__":
    sys.exit(main())
