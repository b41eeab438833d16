"""Counts the functions and modules of pipeline that a command touches: `python -m tests.bench.calls`.

Each command runs in a process of its own on a copy of the worked example: run, then what asks about its
proposal, then what decides and publishes it. A function counts once, however often it is called, and the
body of a class that is imported on the way is none; a module counts when one of its functions runs. Beside
them stands which documents were opened how often.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.example import ROOT, Example, copy_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

TARGETS: Final = {"run": (1100, 150), "approve": (80, 20), "why-not": (350, 70)}
"""At most so many functions and modules."""
PACKAGE: Final = str(ROOT / "pipeline")


def count(arguments: Sequence[str]) -> tuple[int, int, Mapping[str, int]]:
    """Run a command in this process; return functions, modules, and how often each document was opened."""
    from pipeline.cli.app import app

    touched: set[tuple[str, str]] = set()
    opened: dict[str, int] = {}

    def profile(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        is_function = code.co_flags & inspect.CO_OPTIMIZED and not code.co_name.startswith("<")
        if event == "call" and is_function and code.co_filename.startswith(PACKAGE):
            touched.add((code.co_filename, code.co_qualname))

    def audit(event: str, facts: tuple[object, ...]) -> None:
        if event == "open" and isinstance(facts[0], str) and facts[0].endswith((".json", ".csv", ".toml")):
            name = Path(facts[0]).name
            opened[name] = opened.get(name, 0) + 1

    sys.addaudithook(audit)
    sys.setprofile(profile)
    try:
        app(list(arguments))
    except SystemExit:
        pass
    finally:
        sys.setprofile(None)
    return len(touched), len({file for file, _ in touched}), opened


def _measure(*arguments: str) -> tuple[int, int, dict[str, int]]:
    command = [sys.executable, "-m", "tests.bench.calls", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    functions, modules, opened = json.loads(done.stderr.splitlines()[-1])
    return functions, modules, opened


def main() -> None:
    """Print a line for each command."""
    if sys.argv[1:]:
        sys.stderr.write(json.dumps(count(sys.argv[1:])) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        copy_record(Path(folder))
        example, place = Example(Path(folder)), ("--workspace", folder)
        sample = ("--captures", f"{folder}/data/sample/2026-W33", "--week", "2026-W33")
        found = {"run": _measure("run", *sample, "--now", "2026-08-15T12:00:00Z", *place)}
        found["why-not"] = _measure("why-not", "gpt-5.6-luna@high", "--tier", "premium", *place)
        found["explain"] = _measure("explain", "gpt-5.6-luna@high", *place)
        found["review"] = _measure("review", "--no-pager", *place)
        found["status"] = _measure("status", *place)
        who = ("--reviewer", "R. Viewer", "--note", "Read the page.")
        found["approve"] = _measure("approve", example.digest()[:16], *who, *place)
        found["publish"] = _measure("publish", "--although-expired", *place)
        found["verify"] = _measure("verify", *place)
    for name, (functions, modules, opened) in found.items():
        most = ", ".join(
            f"{file} {times}" for file, times in sorted(opened.items(), key=lambda one: -one[1])[:4]
        )
        wanted = " (target {} x {})".format(*TARGETS[name]) if name in TARGETS else ""
        print(f"{name}: {functions} x {modules}{wanted}; opened: {most}")  # noqa: T201 - a table


if __name__ == "__main__":
    main()
