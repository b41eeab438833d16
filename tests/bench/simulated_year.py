"""Simulates a year of weekly runs and measures disk and time: `python -m tests.bench.simulated_year [WEEKS]`.

The seven real weeks beside the project (`../shared/weeks`) come first. Each later week is the last real one
with its dates moved on, every Arena rating and index value a seeded random step further, and a model more in
the catalogue; they lie in a temporary folder. Once a month a source sends half a document and is held, and
once a month a person rejects. Every command is a process of its own, measured in processor time, which other
load on the machine moves less than time on the clock. It takes long, so `make nightly` runs it.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import week_of
from pipeline.flow.approval.approve import consent, consent_digest
from pipeline.flow.operations.init_workspace import init_workspace
from pipeline.review.proposals import documents, proposal_store
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.workspace import Workspace
from tests.bench.measure import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

REAL_WEEKS: Final = ROOT.parent / "shared" / "weeks"
YEAR: Final = 53
"""Weeks from 2026-W27 to 2027-W26: 2026 has 53."""
MONTH: Final = 4
HELD_IN, REJECTED_IN = 2, 3
"""The week of each month in which a source is held, and in which the proposal is rejected."""
PRUNED_IN, KEPT_WEEKS = 0, "13"
"""The week of each month in which disk is freed, and how many weeks of captures stay."""
STEP: Final = 1.5
"""Standard deviation of a rating's weekly step, in Elo; half an interval of a well-known model."""
ELO_PER_INDEX: Final = 20.0
MEGABYTE: Final = 1e6
TARGETS: Final = {"disk": 300.0, "status": 0.3, "run": 1.2, "findings": 25}
"""Megabytes; seconds; times the processor time of week 1; findings of one week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedWeek:
    """One week of the year, as it was measured."""

    week: str
    outcome: str
    decided: str
    held: tuple[str, ...]
    run_seconds: float
    """Processor time of `modelpool run`."""
    status_seconds: float
    """Processor time of `modelpool status`."""
    findings: int
    megabytes: float
    """All files of the workspace."""


class Captures:
    """Makes the captures of one week after the other."""

    def __init__(self, real: Sequence[Path], scratch: Path) -> None:
        """Take the folders of the real weeks, oldest first; the last one is what later weeks follow."""
        self._real, self._scratch = real, scratch
        self._random = random.Random(2026)  # noqa: S311 - a seeded walk, no secret
        self._moved: defaultdict[str, float] = defaultdict(float)

    def of(self, number: int, saturday: date, *, held: bool) -> Path:
        """Write what the sources say in a week and return its folder.

        Args:
            number: Which week; 0 is the first.
            saturday: Its day.
            held: Cut the index's answer in half.
        """
        folder = self._scratch / saturday.isoformat()
        folder.mkdir()
        later = number >= len(self._real)
        source = self._real[min(number, len(self._real) - 1)]
        for file in sorted(path for path in source.iterdir() if path.suffix in {".gz", ".json"}):
            body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            if later:
                body = self._later(json.loads(body), saturday)
            if held and "artificial-analysis" in file.name:
                body = body[: len(body) // 2]
            name = f"{saturday if later else file.name[:10]}{file.name[10:].removesuffix('.gz')}"
            (folder / f"{name}.gz").write_bytes(gzip.compress(body, mtime=0))
        return folder

    def _later(self, document: dict[str, object], saturday: date) -> bytes:
        meta, rows = document.get("meta"), document.get("rows", document.get("data"))
        if isinstance(meta, dict):
            meta["leaderboard_publish_date"] = str(saturday - timedelta(days=3))
        if isinstance(rows, list):
            for row in rows:
                self._step(row, saturday)
            if "pricing" in rows[0] and "evaluations" not in rows[0]:
                rows.append({**rows[-1], "id": f"example/of-{saturday}"})
                document.update({"count": len(rows)} if "count" in document else {})
        return json.dumps(document).encode()

    def _step(self, row: dict[str, object], saturday: date) -> None:
        if "rating" in row:
            moved = self._walk(f"{row['model_name']}", saturday)
            for key in ("rating", "rating_lower", "rating_upper"):
                row[key] = float(str(row[key])) + moved
        values = row.get("evaluations")
        if isinstance(values, dict):
            index = "artificial_analysis_intelligence_index"
            if values.get(index) is not None:
                values[index] = round(
                    max(values[index] + self._walk(f"{row['slug']}", saturday) / ELO_PER_INDEX, 0.1), 1
                )

    def _walk(self, name: str, saturday: date) -> float:
        """Say how far a model has moved by a week; all its rows of that week move alike."""
        place = f"{name} {saturday}"
        if place not in self._moved:
            self._moved[name] += self._random.gauss(0, STEP)
            self._moved[place] = self._moved[name]
        return self._moved[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What is simulated, and how its commands are run."""

    real: Sequence[Path]
    """Folders of captures, oldest week first, named by their ISO week."""
    weeks: int = YEAR
    sample: bool = False
    """The workspace holds the embedded sample."""
    command: Callable[[Sequence[str]], tuple[int, float]]
    """Runs a command; returns its exit code and its processor time in seconds."""


def simulated_year(folder: Path, year: Year) -> Iterator[SimulatedWeek]:
    """Run, decide and publish the weeks one after the other in a new workspace `folder/workspace`."""
    workspace = Workspace(folder / "workspace")
    init_workspace(workspace, sample=year.sample)
    (folder / "captures").mkdir()
    captures = Captures(year.real, folder / "captures")
    last, number_of_last = map(int, year.real[-1].name.split("-W"))
    first = date.fromisocalendar(last, number_of_last, 6) - timedelta(weeks=len(year.real) - 1)
    for number in range(year.weeks):
        noon = datetime.combine(first + timedelta(weeks=number), time(12), tzinfo=UTC)
        month = number % MONTH + 1
        said = captures.of(number, noon.date(), held=month == HELD_IN and number > MONTH)
        yield _week(workspace, year, said, noon)
        shutil.rmtree(said)


def _week(workspace: Workspace, year: Year, said: Path, noon: datetime) -> SimulatedWeek:
    week, at = week_of(noon), noon.strftime("%Y-%m-%dT%H:%M:%SZ")
    place = ("--now", at, "--workspace", str(workspace.root))
    code, run_seconds = year.command(("run", "--week", week, "--captures", str(said), *place))
    if code not in {0, 10, 20}:
        raise SystemExit(f"{week}: run ended with {code}")
    decided = _decide(workspace, year, place)
    if noon.isocalendar().week % MONTH == PRUNED_IN:
        year.command(("prune", "--keep-weeks", KEPT_WEEKS, *place))
    code, status_seconds = year.command(("status", *place))
    if code != 0:
        raise SystemExit(f"{week}: status ended with {code}")
    folder = documents.attempts(workspace.reviews)[-1]
    document, _ = proposal_store.Reviews(workspace.reviews).run_in(folder)
    return SimulatedWeek(
        week=week,
        outcome="proposal" if documents.is_proposal(folder) else "heartbeat",
        decided=decided,
        held=tuple(line.subject for line in document.findings if line.kind == "held"),
        run_seconds=run_seconds,
        status_seconds=status_seconds,
        findings=len(document.findings),
        megabytes=sum(one.stat().st_size for one in workspace.root.rglob("*") if one.is_file()) / MEGABYTE,
    )


def _decide(workspace: Workspace, year: Year, place: Sequence[str]) -> str:
    """Answer the pending proposal as a person does; one in four is rejected."""
    pending = Reviews(workspace.reviews).pending
    if pending is None:
        return ""
    digest = consent_digest(pending.proposal)[: len(consent(pending.proposal))]
    reject = int(pending.proposal.week[-2:]) % MONTH == REJECTED_IN
    words = ("reject" if reject else "approve", digest, "--reviewer", "operator", "--note", "read")
    for command in (words, *(() if reject else (("publish",),))):
        code, _ = year.command((*command, *place))
        if code != 0:
            raise SystemExit(f"{pending.folder.name}: {command[0]} ended with {code}")
    return "rejected" if reject else "approved"


_AHEAD: Final = """
import runpy
from pipeline.cli import options
options.past_moment = options.moment
runpy.run_module("pipeline.cli", run_name="__main__", alter_sys=True)
"""
"""Runs a command of a week that is still to come: otherwise `--now` may not lie in the future."""


def in_a_process(words: Sequence[str]) -> tuple[int, float]:
    """Run a command in a process of its own; return its exit code and its processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", _AHEAD, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return done.returncode, used


def measured(year: Sequence[SimulatedWeek]) -> Mapping[str, float]:
    """Reduce a year to the figures that have a target."""
    return {
        "disk": year[-1].megabytes,
        "status": max(one.status_seconds for one in year),
        "run": max(one.run_seconds for one in year[1:]) / year[0].run_seconds,
        "findings": max(one.findings for one in year),
    }


def main(words: Sequence[str]) -> int:
    """Print a line a week and the figures beside their targets; 2 where the captures are absent."""
    if not REAL_WEEKS.is_dir():
        sys.stderr.write(f"no captures at {REAL_WEEKS}\n")
        return 2
    real, past = sorted(path for path in REAL_WEEKS.iterdir() if path.is_dir()), []
    year = Year(real=real, weeks=int(words[0]) if words else YEAR, command=in_a_process)
    with tempfile.TemporaryDirectory(prefix="modelpool-year-") as folder:
        for one in simulated_year(Path(folder), year):
            past.append(one)
            sys.stdout.write(
                f"{one.week}  {one.outcome:9} {one.decided:8}  run {one.run_seconds:5.2f} s  "
                f"status {one.status_seconds:4.2f} s  findings {one.findings:2}  "
                f"{one.megabytes:5.1f} MB  {' '.join(one.held)}\n"
            )
            sys.stdout.flush()
    for name, value in measured(past).items():
        met = "met" if value <= TARGETS[name] else "missed"
        sys.stdout.write(f"{name}: {value:.2f}, asked at most {TARGETS[name]}: {met}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
