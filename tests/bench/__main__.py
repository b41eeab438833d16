"""Measure the week in ratios, in one run: `make bench` writes bench.json and prints a table.

Times are medians of several rounds in this process, or of whole processes where imports count. A ratio beside
a peer's work on the same bytes survives a slower machine; the milliseconds do not.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week as WeekId
from pipeline.domain.run import PriorState as Remembered
from pipeline.flow.record.config import read_config
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.run.run_state import RunRequest, RunState, selection_input
from pipeline.flow.run.score import score_readings
from pipeline.pools.select import select
from pipeline.settings import Settings
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES
from pipeline.workspace import Workspace
from tests.bench.large import PriorState, crowd_lines, history_lines
from tests.bench.measure import ROOT, Line, children_milliseconds, median, process, processor
from tests.bench.review import report_lines, review_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARED = ROOT.parent / "shared" / "sources"
CAPTURES = SHARED if SHARED.is_dir() else ROOT / "data" / "sample" / "2026-W33"
_RUNS = 3
NOW = "2026-08-15T12:00:00Z"


def _parse_lines() -> list[Line]:
    captures = read_captures((str(CAPTURES),), now=datetime.fromisoformat(NOW), base=ROOT)
    lines = []
    for name, found in captures.items():
        bodies = [capture.body for capture in found]
        parse = median(lambda name=name, found=found: SOURCES[name].parse(found))  # type: ignore[misc]  # bound now
        peer = median(lambda bodies=bodies: [json.loads(body) for body in bodies])  # type: ignore[misc]  # bound now
        size = sum(map(len, bodies))
        lines.append(
            Line(f"parse {name} ({size / 1e6:.1f} MB)", parse, "json.loads of the same bytes", peer, "<= 3")
        )
    return lines


def _compute_lines() -> list[Line]:
    workspace = Workspace(ROOT)
    rules = read_config(workspace)
    now = datetime.fromisoformat(NOW)
    captures = read_captures((str(CAPTURES),), now=now, base=ROOT)
    readings = [SOURCES[name].parse(found) for name, found in captures.items()]
    peer = median(lambda: [json.loads(c.body) for found in captures.values() for c in found])
    scoring = median(lambda: score_readings(readings, rules, on=now.date()))
    job = RunRequest(
        workspace=workspace,
        settings=Settings(),
        week=WeekId("2026-W33"),
        now=now,
        captures=(),
        progress=lambda _: None,
    )
    assessment = score_readings(readings, rules, on=now.date())
    week = RunState(job=job, rules=rules, results=(), assessment=assessment, record=RecordFiles(workspace))
    inputs = selection_input(week, Remembered())
    selecting = median(lambda: select(inputs))
    name = "json.loads of all captures"
    return [
        Line("resolve + score", scoring, name, peer, "report"),
        Line("select with draws", selecting, name, peer, "report"),
    ]


def _import_lines() -> list[Line]:
    bare = process("-c", "import json")
    pandas = process("-c", "import pandas")
    return [
        Line("import pandas", pandas, "python + json", bare, "report"),
        Line("modelpool --help", process("-m", "pipeline.cli", "--help"), "import pandas", pandas, "< 1"),
        Line("modelpool status", process("-m", "pipeline.cli", "status"), "import pandas", pandas, "< 1"),
        Line("modelpool verify", process("-m", "pipeline.cli", "verify"), "import pandas", pandas, "< 1"),
        Line(
            "modelpool approve (refused)",
            process("-m", "pipeline.cli", "approve", "0" * 8, "--reviewer", "bench", "--note", "bench"),
            "import pandas",
            pandas,
            "report",
        ),
    ]


def _run_lines() -> tuple[tuple[Line, Line], PriorState]:
    """Run the whole week in a scratch workspace; the first of all, since all children share one peak."""
    with tempfile.TemporaryDirectory() as scratch:
        times, before = [], children_milliseconds()
        for number in range(_RUNS):
            folder = Path(scratch) / str(number)
            shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("*.sqlite", "raw"))
            (folder / "reviews").mkdir()
            shutil.rmtree(folder / "data" / "pools")
            start = time.perf_counter()
            command = [sys.executable, "-m", "pipeline.cli", "run", "--workspace", str(folder)]
            options = ["--captures", str(CAPTURES), "--week", "2026-W33", "--now", NOW]
            done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, check=False)
            if done.returncode not in {0, 10, 20}:
                raise SystemExit(done.stderr.decode())
            times.append((time.perf_counter() - start) * 1000)
        used = (children_milliseconds() - before) / _RUNS
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    name, pandas = "modelpool run, full captures", ("-c", "import pandas")
    wall = Line(name, statistics.median(times), "import pandas", process(*pandas), "< 5000 ms")
    cpu = Line(f"{name}, processor time", used, "import pandas", processor(*pandas), "<= 6")
    return (wall, cpu), PriorState(name, peak, "<= 300 MB")


def _print(lines: Sequence[Line], memory: Sequence[PriorState]) -> None:
    print(f"{'what':<52} {'ms':>9}  {'ratio':>7}  to (ms)")  # noqa: T201 - a table for people
    for line in lines:
        row = f"{line.what:<52} {line.milliseconds:>9.1f}  {line.ratio:>7.2f}  {line.peer}"
        print(f"{row} ({line.peer_milliseconds:.1f}); target {line.target}")  # noqa: T201 - the same
    print(f"{'peak memory':<52} {'MB':>9}")  # noqa: T201 - the same
    for one in memory:
        print(f"{one.what:<52} {one.mb:>9.0f}  target {one.target}")  # noqa: T201 - the same


def main() -> None:
    """Measure everything once and write bench.json."""
    os.chdir(ROOT)
    runs, held = _run_lines()
    numpy = process("-c", "import numpy")
    crowd, crowd_held = crowd_lines(numpy)
    with tempfile.TemporaryDirectory() as scratch:
        reviews = [*review_lines(Path(scratch)), *report_lines(Path(scratch))]
    lines = [
        *_parse_lines(),
        *_compute_lines(),
        *runs,
        *crowd,
        *history_lines(numpy),
        *_import_lines(),
        *reviews,
    ]
    memory = [held, *crowd_held]
    _print(lines, memory)
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "captures": "shared" if CAPTURES == SHARED else "sample",
        "peak_memory_mb": round(held.mb),
        "memory": [asdict(one) for one in memory],
        "lines": [asdict(line) | {"ratio": round(line.ratio, 3)} for line in lines],
    }
    (ROOT / "bench.json").write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
