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
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.memory import Memory
from pipeline.domain.week import Week as WeekId
from pipeline.flow.assess import assess
from pipeline.flow.brief import brief_of
from pipeline.flow.job import Job
from pipeline.flow.outcome import Week
from pipeline.flow.rules import read_rules
from pipeline.pools.select import select
from pipeline.settings import Settings
from pipeline.sources.catalogue import SOURCES
from pipeline.sources.files import read_captures
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "sources"
CAPTURES = SHARED if SHARED.is_dir() else ROOT / "data" / "sample" / "2026-W33"
NOW = "2026-08-15T12:00:00Z"
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One measured figure beside its peer."""

    what: str
    milliseconds: float
    peer: str
    peer_milliseconds: float
    target: str

    @property
    def ratio(self) -> float:
        """How many times the peer's time."""
        return self.milliseconds / self.peer_milliseconds


def _median(work: Callable[[], object]) -> float:
    """Return the median of several rounds, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _process(*arguments: str) -> float:
    """Return the median wall time of a whole process, in milliseconds."""
    command = [sys.executable, *arguments]
    return _median(lambda: subprocess.run(command, cwd=ROOT, capture_output=True, check=False))


def _parse_lines() -> list[Line]:
    captures = read_captures((str(CAPTURES),), now=datetime.fromisoformat(NOW), base=ROOT)
    lines = []
    for name, found in captures.items():
        bodies = [capture.body for capture in found]
        parse = _median(lambda name=name, found=found: SOURCES[name].parse(found))  # type: ignore[misc]  # bound now
        peer = _median(lambda bodies=bodies: [json.loads(body) for body in bodies])  # type: ignore[misc]  # bound now
        size = sum(map(len, bodies))
        lines.append(
            Line(f"parse {name} ({size / 1e6:.1f} MB)", parse, "json.loads of the same bytes", peer, "<= 3")
        )
    return lines


def _compute_lines() -> list[Line]:
    workspace = Workspace(ROOT)
    rules = read_rules(workspace)
    now = datetime.fromisoformat(NOW)
    captures = read_captures((str(CAPTURES),), now=now, base=ROOT)
    readings = [SOURCES[name].parse(found) for name, found in captures.items()]
    peer = _median(lambda: [json.loads(c.body) for found in captures.values() for c in found])
    scoring = _median(lambda: assess(readings, rules, on=now.date()))
    job = Job(
        workspace=workspace,
        settings=Settings(),
        week=WeekId("2026-W33"),
        now=now,
        captures=(),
        progress=lambda _: None,
    )
    assessment = assess(readings, rules, on=now.date())
    week = Week(job=job, rules=rules, heard=(), assessment=assessment, published=None)
    brief = brief_of(week, Memory())
    selecting = _median(lambda: select(brief))
    name = "json.loads of all captures"
    return [
        Line("resolve + score", scoring, name, peer, "report"),
        Line("select with draws", selecting, name, peer, "report"),
    ]


def _import_lines() -> list[Line]:
    bare = _process("-c", "import json")
    pandas = _process("-c", "import pandas")
    return [
        Line("import pandas", pandas, "python + json", bare, "report"),
        Line("modelpool --help", _process("-m", "pipeline.cli", "--help"), "import pandas", pandas, "< 1"),
        Line("modelpool status", _process("-m", "pipeline.cli", "status"), "import pandas", pandas, "< 1"),
        Line("modelpool verify", _process("-m", "pipeline.cli", "verify"), "import pandas", pandas, "< 1"),
        Line(
            "modelpool approve (refused)",
            _process("-m", "pipeline.cli", "approve", "0" * 8, "--reviewer", "bench", "--note", "bench"),
            "import pandas",
            pandas,
            "report",
        ),
    ]


def _run_line() -> tuple[Line, float]:
    """Run the whole week on full captures in a scratch workspace; returns also its peak memory in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        times = []
        for number in range(3):
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
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    pandas = _process("-c", "import pandas")
    return Line(
        "modelpool run, full captures", statistics.median(times), "import pandas", pandas, "< 5000 ms"
    ), peak


def _print(lines: Sequence[Line], peak: float) -> None:
    print(f"{'what':<44} {'ms':>9}  {'ratio':>7}  to (ms)")  # noqa: T201 - a table for people
    for line in lines:
        row = f"{line.what:<44} {line.milliseconds:>9.1f}  {line.ratio:>7.2f}  {line.peer}"
        print(f"{row} ({line.peer_milliseconds:.1f}); target {line.target}")  # noqa: T201 - the same
    print(f"{'peak memory of the run':<44} {peak:>9.0f} MB; target < 400 MB")  # noqa: T201 - the same


def main() -> None:
    """Measure everything once and write bench.json."""
    os.chdir(ROOT)
    run, peak = _run_line()
    lines = [*_parse_lines(), *_compute_lines(), run, *_import_lines()]
    _print(lines, peak)
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "captures": "shared" if CAPTURES == SHARED else "sample",
        "peak_memory_mb": round(peak),
        "lines": [asdict(line) | {"ratio": round(line.ratio, 3)} for line in lines],
    }
    (ROOT / "bench.json").write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
