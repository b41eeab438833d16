"""How long `modelpool review` takes to its first line, and the page of 600 variants in each of five tiers.

`python -m tests.bench.review` prints both, beside one start of pandas; `make bench` holds the same lines.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.review_page import review_record
from pipeline.review.pages.page import render_page
from pipeline.review.proposals.proposal_store import read_proposal
from pipeline.workspace import Workspace
from tests.bench.measure import ROOT, ROUNDS, Line, process, processor
from tests.example import Example, copy_record

if TYPE_CHECKING:
    from pipeline.domain.pool import TierReport
    from pipeline.domain.proposal import Proposal

VARIANTS = 600
PEER = "import pandas"


def review_lines(folder: Path) -> list[Line]:
    """Time `review` in a workspace where the second embedded week waits, to its first line and in whole.

    Args:
        folder: An empty folder for the workspace.
    """
    copy_record(folder)
    Example(folder).run()
    command = ("-m", "pipeline.cli", "review", "--no-pager", "--workspace", str(folder))
    peer = ("-c", PEER)
    first, wall = _first_line(*command), process(*peer)
    used, peer_used = processor(*command), processor(*peer)
    return [
        Line("modelpool review, to its first line", first, PEER, wall, "<= 400 ms"),
        Line("  processor time, to its end", used, PEER, peer_used, "report"),
    ]


def report_lines(folder: Path) -> list[Line]:
    """Time the page and the Markdown of the same week, grown to 600 variants in each tier; processor time.

    Args:
        folder: The workspace that `review_lines` left.
    """
    place = Workspace(folder)
    proposal = read_proposal(place.reviews / "2026-W33").proposal
    grown = _grown(proposal)
    record = review_record(RecordFiles(place), proposal)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        pages = render_page(grown, record)
        times.append((time.process_time() - start) * 1000)
    size = f"{len(pages.html.encode()) / 1000:.0f} KB"
    what = f"report of {VARIANTS} variants x {len(grown.tiers)} tiers ({size})"
    peer = processor("-c", PEER)
    return [Line(what, statistics.median(times), PEER, peer, "<= 2000 ms")]


def _grown(proposal: Proposal) -> Proposal:
    tiers = {name: _grown_tier(report) for name, report in proposal.tiers.items()}
    return proposal.model_copy(update={"tiers": tiers})


def _grown_tier(report: TierReport) -> TierReport:
    """Repeat who is in no pool under other names until there are 600."""
    others = [one for one in report.standings if one.verdict != "member"]
    missing = VARIANTS - len(report.standings)
    like = (others[number % len(others)] for number in range(missing))
    more = [one.model_copy(update={"variant": f"{number}-{one.variant}"}) for number, one in enumerate(like)]
    return report.model_copy(update={"standings": (*report.standings, *more)})


def _first_line(*arguments: str) -> float:
    """Return the median wall time until a process prints its first line, in milliseconds."""
    times = []
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, env=environment
        ) as child:
            assert child.stdout is not None
            while not child.stdout.readline().strip():
                if child.poll() is not None:
                    raise SystemExit("review printed nothing")
            times.append((time.perf_counter() - start) * 1000)
            child.stdout.read()
    return statistics.median(times)


def main() -> None:
    """Print both figures; a calm machine is part of the measurement."""
    with tempfile.TemporaryDirectory(prefix="modelpool-review-") as folder:
        for line in (*review_lines(Path(folder)), *report_lines(Path(folder))):
            row = f"{line.what:<52} {line.milliseconds:>9.1f} ms  {line.ratio:>6.2f} x {line.peer}"
            sys.stdout.write(f"{row} ({line.peer_milliseconds:.1f} ms); target {line.target}\n")
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
