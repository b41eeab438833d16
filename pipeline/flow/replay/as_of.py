"""Computes what would have been proposed in a past week without a run, from what was on record by its end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, moment_text, monday
from pipeline.domain.proposal import ChainLink, Decision, Heartbeat, Proposal, Verdict
from pipeline.domain.run_inputs import InputKind, inputs_by_source
from pipeline.errors import UsageError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.config_snapshots import CROSSWALK, WRITTEN, bytes_now, bytes_then, digests_of
from pipeline.flow.replay.past_workspace import PastRecord
from pipeline.flow.replay.rerun import RerunRequest, RerunResult, rerun
from pipeline.identity.crosswalk.load import known_on
from pipeline.publish.versions import versions
from pipeline.review.decisions.acceptances import acceptances
from pipeline.review.decisions.chain import DecisionChain
from pipeline.review.proposals import documents
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


def end_of(week: Week, now: datetime) -> datetime:
    """Return the last second of a week; of the running week, now.

    Raises:
        UsageError: The week has not begun.
    """
    start = datetime.combine(monday(week), time(), tzinfo=UTC)
    if start > now:
        raise UsageError(f"{week} has not begun", hint="Name a past week, e.g. --as-of 2026-W33.")
    return min(now, start + timedelta(weeks=1, seconds=-1))


def as_of(
    workspace: Workspace, settings: Settings, week: Week, ends: datetime, step: Callable[[str], None]
) -> RerunResult:
    """Make the proposal of a week without a run; nothing is written.

    Runs of earlier weeks, decisions, acceptances and captures count up to the end of the week. Policy and
    expectations are those of the last run by then; the crosswalk is, too, with the lines dated since.

    Raises:
        UsageError: Policy or crosswalk are not of the written form.
        RefusedError: The record is damaged.
    """
    read_config(workspace)
    capture_index = CaptureIndex(workspace, week)
    past = _past_record(workspace, week, ends)
    used = {line.sha256 for folder in past.runs for line in Reviews(folder.parent).run_in(folder)[0].inputs}
    question = RerunRequest(
        workspace=workspace,
        settings=settings,
        week=week,
        attempt=1,
        now=ends,
        answers=_answers(workspace, capture_index, ends, used),
        findings=(),
        progress=step,
    )
    return rerun(question, past)


def _past_record(workspace: Workspace, week: Week, ends: datetime) -> PastRecord:
    by = moment_text(ends)
    runs = {
        folder: run
        for folder in documents.attempts(workspace.reviews)
        for run in (Reviews(folder.parent).run_in(folder)[0],)
        if run.week < week and run.as_of <= by
    }
    decided: dict[Path, dict[str, ChainLink]] = {}
    for file, one, _ in DecisionChain.below(workspace.reviews).links:
        if one.decided_at <= by:
            decided.setdefault(file.parent, {})[file.name] = one
    approved = {
        link.pool_sha256
        for links in decided.values()
        for link in links.values()
        if isinstance(link, Decision)
        and link.verdict is Verdict.APPROVED
        and documents.WITHDRAWAL not in links
    }
    chain = versions(workspace.pools)
    first_later = next((place for place, one in enumerate(chain) if one.sha256 not in approved), len(chain))
    latest = max(runs.values(), key=lambda run: (run.as_of, run.week, run.attempt), default=None)
    return PastRecord(
        written={name: _config_then(name, latest, workspace, ends) for name in WRITTEN},
        runs={folder: tuple(decided.get(folder, ())) for folder in runs},
        acceptances=tuple(
            acceptance for acceptance in acceptances(workspace.reviews) if acceptance.accepted_at <= by
        ),
        published=chain[:first_later],
    )


def _config_then(
    name: str, latest: Proposal | Heartbeat | None, workspace: Workspace, ends: datetime
) -> bytes:
    """Return what people had written by then, as far as it is known."""
    digest = digests_of(latest.inputs).get(name) if latest else None
    then = bytes_then(workspace, name, digest) if digest else None
    if name == CROSSWALK:
        return known_on(ends.date(), then=then, now=bytes_now(workspace, name))
    return bytes_now(workspace, name) if then is None else then


def _answers(
    workspace: Workspace, capture_index: CaptureIndex, ends: datetime, used: Collection[str]
) -> dict[SourceName, tuple[Capture, ...]]:
    """Return each source's newest stored answer by then, unless an earlier run has used it already."""
    together = _captures_by_answer(workspace)
    answers: dict[SourceName, tuple[Capture, ...]] = {}
    for source in SOURCES:
        cars = [
            sidecar
            for sidecar in capture_index.sidecars()
            if sidecar.source == source and sidecar.fetched_at <= ends
        ]
        known = [sidecar for sidecar in cars if capture_index.has(source, sidecar.sha256)]
        if not known:
            continue
        newest = max(known, key=lambda sidecar: (sidecar.fetched_at, sidecar.week, sidecar.sha256))
        same = [
            sidecar
            for sidecar in known
            if (sidecar.week, sidecar.fetched_at) == (newest.week, newest.fetched_at)
        ]
        pages = sorted(same, key=lambda sidecar: (sidecar.url, sidecar.sha256))
        digests = together.get(newest.sha256) or tuple(sidecar.sha256 for sidecar in pages)
        if not set(digests) <= set(used) and (found := capture_index.captures(source, digests)):
            answers[source] = found
    return answers


def _captures_by_answer(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """Say for each capture that a run was given which captures made that answer, in reading order."""
    found: dict[str, tuple[str, ...]] = {}
    folders: list[Path] = list(documents.attempts(workspace.reviews))
    for folder in folders:
        inputs = Reviews(folder.parent).run_in(folder)[0].inputs
        used, held = (inputs_by_source(inputs, kind) for kind in (InputKind.CAPTURE, InputKind.HELD))
        for lines in (*used.values(), *held.values()):
            digests = tuple(line.sha256 for line in lines)
            for digest in digests:
                found.setdefault(digest, digests)
    return found
