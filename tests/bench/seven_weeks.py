"""Seven consecutive real weeks, each approved and published: what an operator would have been told.

`python -m tests.bench.seven_weeks` prints per week the held rows that stand, the findings by kind, and the
prices that a person is asked about. The captures lie beside the project (`../shared/weeks`).
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.calendar import read_week
from pipeline.domain.observation import ASKED_PRICE
from pipeline.domain.proposal import Verdict
from pipeline.flow.approval.approve import DecisionInput, consent, consent_digest, decide_proposal
from pipeline.flow.approval.publish import publish
from pipeline.flow.operations.init_workspace import init_workspace
from pipeline.flow.run.run_state import RunRequest
from pipeline.flow.run.weekly import run
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.bench.measure import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.flow.run.run_state import RunResult

WEEKS = ROOT.parent / "shared" / "weeks"
HELD = "held-row"
SATURDAY = 6


@dataclass(frozen=True, slots=True)
class WeekRun:
    """One week, run, approved and published."""

    week: str
    result: RunResult

    @property
    def kinds(self) -> Counter[str]:
        """How many findings there are of each kind."""
        return Counter(one.kind for one in self.result.findings)


def seven_weeks(folder: Path, *, weeks: int | None = None) -> Iterator[WeekRun]:
    """Run the weeks one after the other in a new workspace; each proposal is approved and published."""
    workspace, settings = Workspace(folder), Settings()
    init_workspace(workspace)
    for captures in sorted(path for path in WEEKS.iterdir() if path.is_dir())[:weeks]:
        year, number = map(int, captures.name.split("-W"))
        noon = datetime.combine(date.fromisocalendar(year, number, SATURDAY), time(12), tzinfo=UTC)
        result = run(
            RunRequest(
                workspace=workspace,
                settings=settings,
                week=read_week(captures.name),
                now=noon,
                captures=(str(captures),),
                progress=lambda _: None,
            )
        )
        if result.proposal is not None:
            decision_input = DecisionInput(
                verdict=Verdict.APPROVED,
                digest_start=consent_digest(result.proposal)[: len(consent(result.proposal))],
                reviewer="operator",
                note="read",
                now=noon,
            )
            decide_proposal(workspace, settings, decision_input)
            publish(workspace, settings, now=noon)
        yield WeekRun(captures.name, result)


def lines_of(one: WeekRun, *, every_finding: bool) -> Iterator[str]:
    """Write a week for a person: what is held, found and asked."""
    kinds = one.kinds
    told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    counts = f"held rows {kinds[HELD]}, prices asked {kinds[ASKED_PRICE]}, findings {kinds.total()}"
    yield f"{one.week}  {one.result.outcome.value}  {counts}: {told}"
    if every_finding:
        for finding in one.result.findings:
            yield f"    {finding.severity.value} {finding.kind} {finding.message}"


def main() -> int:
    """Print the table; 2 where the captures are absent."""
    if not WEEKS.is_dir():
        sys.stderr.write(f"no captures at {WEEKS}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="modelpool-weeks-") as folder:
        for one in seven_weeks(Path(folder)):
            sys.stdout.writelines(f"{line}\n" for line in lines_of(one, every_finding="-v" in sys.argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
