"""Measure the gateway's own decision on one request: `python -m tests.bench.gateway_decisions`.

A conversation of 60 turns with a system prompt of 12,000 characters and 20 tools, and one short turn; the
workload table holds 200 rows. All that runs before LiteLLM picks a model is timed, in processor time of
the thread: it waits for nothing, and a machine shared with others tells nothing by the wall.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from pipeline.gateway.registry_plan import PlanOptions, plan_registry
from pipeline.gateway.request import ServiceState, note_workload, read_request
from pipeline.gateway.workload import PromptDigests
from pipeline.router.pool_model import read_pool
from pipeline.router.workloads import read_workloads
from tests.gateway.conftest import KEYS, approve_table, sample

_TIMED: Final = 5_000
_TARGET_MICROSECONDS: Final = 200


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        approve_table(Path(scratch), 1, **{f"workload-{number}": "simple" for number in range(200)})
        view = read_pool(sample())
        plan = plan_registry(view, PlanOptions(environment=KEYS))
        state = ServiceState(
            plan=plan, pool=view, table=read_workloads(Path(scratch)), digests=PromptDigests()
        )
    bodies = {"1 turn": short(), "60 turns": long(), "60 turns, size unknown": long()}
    for name, body in bodies.items():
        times = statistics.quantiles(_timed(state, body, sized="unknown" not in name), n=100)
        print(  # noqa: T201 - a table
            f"decision, {name}: p50 {times[49]:.0f} us, p99 {times[98]:.0f} us; "
            f"target p99 <= {_TARGET_MICROSECONDS} us"
        )


def short() -> dict[str, Any]:
    """Return the body of one short turn."""
    return {"model": "neo-mode/balanced", "messages": [{"role": "user", "content": "Name this chat."}]}


def long() -> dict[str, Any]:
    """Return the body of a coding tool's long conversation."""
    turns: list[dict[str, Any]] = [{"role": "system", "content": "You edit files with great care. " * 375}]
    for number in range(30):
        turns.append(
            {"role": "user", "content": [{"type": "text", "text": f"Change number {number}. " * 40}]}
        )
        call = {"id": "c", "type": "function", "function": {"name": "edit", "arguments": '{"file": "a.py"}'}}
        turns.append({"role": "assistant", "content": "I change it now. " * 60, "tool_calls": [call]})
    parameters = {"type": "object", "properties": {name: {"type": "string"} for name in "abcdefgh"}}
    tools = [
        {"type": "function", "function": {"name": f"tool_{number}", "parameters": parameters}}
        for number in range(20)
    ]
    return {"model": "neo-mode/balanced", "messages": turns, "tools": tools, "max_tokens": 4096}


def _timed(state: ServiceState, body: dict[str, Any], *, sized: bool) -> list[float]:
    key = SimpleNamespace(metadata={}, team_metadata=None, key_alias=None, api_key="hash")
    headers = {"host": "127.0.0.1", "content-type": "application/json"}
    if sized:
        headers["content-length"] = str(len(json.dumps(body)))
    times = []
    for _ in range(_TIMED):
        data = {**body, "metadata": {}, "proxy_server_request": {"headers": headers}}
        start = time.thread_time_ns()
        request = read_request(data, key, state)
        if request is not None:
            note_workload(data, request.workload)
        times.append((time.thread_time_ns() - start) / 1000)
    return times


if __name__ == "__main__":
    main()
