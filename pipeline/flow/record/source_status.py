"""Reports what is known of each source, checks it, and records a person's word for a held one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.ids import Sha256, SourceName
from pipeline.domain.observation import ASKED_PRICE, HELD, HELD_NEWER, HELD_ROW, NOT_ASKED, SILENT, Reading
from pipeline.domain.run_inputs import InputKind, inputs_by_source
from pipeline.errors import PipelineError, RefusedError, SourceHeldError, UsageError
from pipeline.flow.approval.stale_proposal import answered_since, waits_to_be_published
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.run.clock_checks import contradictions
from pipeline.flow.run.fetch import http_config, source_access
from pipeline.review.decisions.acceptances import AcceptanceInput, AcceptanceTarget, file_acceptance
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.sources.http.request import RateLimit
from pipeline.sources.http.session import SourceSession
from pipeline.sources.registry import SOURCES, open_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from pipeline.domain.proposal import FindingLine, Heartbeat, Proposal
    from pipeline.review.decisions.acceptances import Acceptance
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

__all__ = [
    "ABOUT_HOLDING",
    "ASKED",
    "AcceptanceInput",
    "SourceCheck",
    "SourceState",
    "accept_source",
    "check_sources",
    "computed_before",
    "source_states",
]

ASKED = len(SOURCES)
"""How many sources a check asks."""
ABOUT_HOLDING = frozenset({HELD, HELD_NEWER, SILENT})
"""Findings that say that a source is held; the others say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source as the record knows it."""

    source: SourceName
    fetched_at: datetime | None
    """When its last good data was fetched; None without any."""
    names: int
    """Names with a number in it."""
    held: bool
    acceptable: bool
    """Whether a person could accept what is held; there is nothing to accept where it gave no data."""
    findings: tuple[FindingLine, ...]
    """Of the last run that asked it."""
    quota: str
    """What is left of today's requests, by our own count; empty where the source counts none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """How one source answered."""

    source: SourceName
    works: bool
    words: str
    hint: str = ""


def source_states(workspace: Workspace, settings: Settings, *, now: datetime) -> tuple[SourceState, ...]:
    """Tell the state of every source, in the catalogue's order.

    Raises:
        UsageError: Policy or crosswalk are not of the expected form.
        RefusedError: A file of record is damaged.
    """
    capture_index = CaptureIndex(workspace)
    history = RunHistory(RecordFiles(workspace), capture_index)
    found = []
    for source in SOURCES:
        uses = history.uses(source, limit=1)
        last = _last_asked(source, history.runs)
        findings = tuple(line for line in last.findings if _is_about(line, source)) if last else ()
        found.append(
            SourceState(
                source=source,
                fetched_at=capture_index.fetched_at(source, uses[0].captures) if uses else None,
                names=uses[0].summary.names if uses else 0,
                held=any(line.kind in ABOUT_HOLDING for line in findings),
                acceptable=last is not None and _can_be_accepted(source, last),
                findings=findings,
                quota=_quota(source, settings, capture_index.asked_on(source, now.date())),
            )
        )
    return tuple(found)


def check_sources(
    workspace: Workspace, settings: Settings, *, now: datetime, progress: Callable[[str], None]
) -> tuple[SourceCheck, ...]:
    """Ask every source with the operator's keys and read what it answers; nothing is written."""
    sources = open_sources(source_access(settings))
    http, capture_index = http_config(settings), CaptureIndex(workspace)
    found = []
    for name, source in sources.items():
        progress(f"asking {name}")
        asked = capture_index.asked_on(name, now.date())
        with closing(SourceSession(name, http, now=now, asked_today=asked)) as session:
            try:
                reading = source.parse(source.fetch(session))
            except PipelineError as error:
                words = error.found if isinstance(error, SourceHeldError) else str(error)
                found.append(SourceCheck(source=name, works=False, words=words, hint=error.hint))
            else:
                summary = "; ".join((_words(reading), *contradictions(session.clock_errors)))
                found.append(SourceCheck(source=name, works=True, words=summary))
    return tuple(found)


def accept_source(workspace: Workspace, name: str, typed: AcceptanceInput) -> tuple[Acceptance, Path]:
    """File a named reviewer's word for what the last run held of a source.

    Raises:
        UsageError: An unknown source or row, or a name or reason that cannot be kept.
        RefusedError: Nothing of it is held, it was accepted before, or it cannot be parsed.
    """
    if name not in SOURCES:
        raise UsageError(f"{name!r} is not a source", hint=f"Sources are: {', '.join(SOURCES)}.")
    source = SourceName(name)
    run = _last_asked(source, Reviews(workspace.reviews).runs)
    if run is None:
        raise RefusedError(f"no run asked {source} yet", hint="Run `modelpool run` first.")
    wanted = _acceptance_target(source, run, typed)
    captures = CaptureIndex(workspace).captures(source, wanted.captures)
    if not captures:
        raise RefusedError(
            f"the bytes of {source} in {run.week} are not on this machine",
            hint="Accept it where the run was made, or run the week again.",
        )
    try:
        SOURCES[source].parse(captures)
    except SourceHeldError as error:
        raise RefusedError(
            f"what cannot be read cannot be accepted: {error}",
            hint="Its last good data is used until it answers properly again.",
        ) from None
    return file_acceptance(wanted, typed, workspace.reviews)


def computed_before(workspace: Workspace) -> tuple[str, ...]:
    """Say which proposals do not know of the acceptances on record: the pending one, and one to publish.

    Raises:
        RefusedError: A file of record is damaged.
    """
    notes = []
    record = RecordFiles(workspace)
    found = record.reviews.pending
    if found is not None and answered_since(record, found):
        notes.append(
            f"The pending proposal {found.folder.name} was computed before this answer and can no longer be "
            "approved: run again."
        )
    approved = waits_to_be_published(record)
    if approved is not None and answered_since(record, approved):
        notes.append(
            f"{approved.folder.name} is approved, not published, and was computed before this answer: "
            f"`{workspace.command('publish')}` would put it in force without the answer."
        )
    return tuple(notes)


def _acceptance_target(
    source: SourceName, run: Proposal | Heartbeat, typed: AcceptanceInput
) -> AcceptanceTarget:
    """Find what is to be accepted: the held captures and why they were held, or rows of the used ones."""
    about = [line for line in run.findings if _is_about(line, source)]
    held = _digests(run, source, InputKind.HELD)
    rows = sorted(line.subject for line in about if line.kind in {HELD_ROW, ASKED_PRICE})
    if unknown := sorted(set(typed.rows) - set(rows)):
        raise UsageError(
            f"{unknown[0]!r} is no held row and no asked price of {source} in {run.week}",
            hint=f"Those are: {', '.join(rows) or 'none'}.",
        )
    if not typed.rows and not held:
        gave_nothing = any(line.kind in ABOUT_HOLDING for line in about)
        raise RefusedError(
            f"{source} {'gave no data' if gave_nothing else 'is not held'} in {run.week}",
            hint="`modelpool sources check --live` shows what works; then `modelpool run`."
            if gave_nothing
            else "`modelpool sources` shows what is held, and why.",
        )
    why = {line.kind for line in about if line.severity == "hold"} - ABOUT_HOLDING
    return AcceptanceTarget(
        source=source,
        week=run.week,
        attempt=run.attempt,
        captures=_digests(run, source, InputKind.CAPTURE) if typed.rows else held,
        kinds=() if typed.rows else tuple(sorted(why)),
    )


def _can_be_accepted(source: SourceName, run: Proposal | Heartbeat) -> bool:
    """Return whether a run holds data of a source that can be read: not where it gave none, or no such."""
    read = any(
        line.severity == "hold" and line.kind not in ABOUT_HOLDING
        for line in run.findings
        if _is_about(line, source)
    )
    return read and bool(_digests(run, source, InputKind.HELD))


def _digests(run: Proposal | Heartbeat, source: SourceName, kind: InputKind) -> tuple[Sha256, ...]:
    lines = inputs_by_source(run.inputs, kind).get(source, ())
    return tuple(Sha256(line.sha256) for line in lines)


def _last_asked(source: SourceName, runs: Sequence[Proposal | Heartbeat]) -> Proposal | Heartbeat | None:
    for run in reversed(runs):
        asked = any(line.kind == NOT_ASKED and line.subject == source for line in run.findings)
        if not asked:
            return run
    return None


def _is_about(line: FindingLine, source: SourceName) -> bool:
    return line.subject == source or line.subject.startswith(f"{source}:")


def _quota(source: SourceName, settings: Settings, asked: int) -> str:
    limit = SOURCES[source].requests_a_day
    return RateLimit(limit=limit(source_access(settings)), used=asked).words() if limit else ""


def _words(reading: Reading) -> str:
    numbers = len(reading.observations) + len(reading.prices)
    day = f", published {reading.published_on}" if reading.published_on else ""
    scale = f", scale {reading.scale}" if reading.scale else ""
    odd = f", {len(reading.findings)} findings" if reading.findings else ""
    return f"{len(reading.entries)} names, {numbers} numbers{day}{scale}{odd}"
