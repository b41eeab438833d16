"""Repeats a past run byte for byte, or names the first input that differs."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import Week, read_moment, read_week
from pipeline.domain.document import sha256_hex
from pipeline.domain.proposal import Heartbeat, Proposal
from pipeline.domain.run_inputs import InputKind, find_input
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.replay.recorded_inputs import (
    DiffersError,
    check_recorded_inputs,
    first_difference,
    noticed_while_asking,
    recorded_captures,
)
from pipeline.flow.replay.rerun import RerunRequest, RerunResult, rerun
from pipeline.publish.versions import versions
from pipeline.review.proposals import documents
from pipeline.review.proposals.proposal_store import Reviews

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.settings import Settings
    from pipeline.workspace import Workspace

_VERSION: Final = re.compile(r"v0*([1-9]\d{0,8})")
_RUN: Final = re.compile(r"(\d{4}-W\d{2})(?:\.([1-9]\d*))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """A run on record."""

    run: Proposal | Heartbeat
    file: Path
    version: int | None
    """The version by which it was named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """The result of a replay."""

    recorded: RecordedRun
    sha256: str
    """Digest of the bytes on record."""
    rebuilt: Proposal | Heartbeat | None
    """None where it could not be rebuilt."""
    differs: DiffersError | None
    """None: the same bytes."""


def is_recorded(workspace: Workspace, week: Week) -> bool:
    """Return whether a run of a week is on record."""
    return any(documents.place_of(folder)[0] == week for folder in documents.attempts(workspace.reviews))


def digest_of(document: Proposal | Heartbeat | None) -> str | None:
    """Return the digest of the bytes a document is filed as."""
    return None if document is None else sha256_hex(documents.document_bytes(document))


def find_run(workspace: Workspace, name: str) -> RecordedRun:
    """Find the run behind `v0007`, the latest attempt of `2026-W33`, or the attempt `2026-W33.2`.

    Raises:
        UsageError: The name is none of these.
        RefusedError: There is no such run, or its file was edited.
    """
    match = _VERSION.fullmatch(name)
    folder = _attempt(workspace, name) if match is None else _proposal_of_version(workspace, int(match[1]))
    run, _ = Reviews(folder.parent).run_in(folder)
    file = folder / (documents.PROPOSAL if isinstance(run, Proposal) else documents.HEARTBEAT)
    return RecordedRun(run=run, file=file, version=int(match[1]) if match else None)


def replay(
    recorded: RecordedRun, workspace: Workspace, settings: Settings, step: Callable[[str], None]
) -> ReplayResult:
    """Rebuild a run from what it found, and compare; nothing is written.

    Raises:
        RefusedError: The record is damaged in a way that no input names.
    """
    run = recorded.run
    body = documents.filed_bytes(recorded.file)
    capture_index = CaptureIndex(workspace, Week(run.week))
    rebuilt: Proposal | Heartbeat | None = None
    differs: DiffersError | None = None
    try:
        past = check_recorded_inputs(run, workspace, capture_index)
        question = RerunRequest(
            workspace=workspace,
            settings=settings,
            week=Week(run.week),
            attempt=run.attempt,
            now=read_moment(run.as_of),
            answers=recorded_captures(run, capture_index),
            findings=noticed_while_asking(run),
            progress=step,
        )
        done = rerun(question, past)
        rebuilt = done.document
        if documents.document_bytes(rebuilt) != body:
            differs = _differing_program(recorded, done)
    except DiffersError as error:
        differs = error
    return ReplayResult(recorded=recorded, sha256=sha256_hex(body), rebuilt=rebuilt, differs=differs)


def _attempt(workspace: Workspace, name: str) -> Path:
    """Return the folder of an attempt, of a week's last one where none is named."""
    match = _RUN.fullmatch(name)
    if match is None:
        raise UsageError(
            f"{name!r} names no version and no run",
            hint="Write a version (v0007), a week (2026-W33) or an attempt (2026-W33.2).",
        )
    wanted = (read_week(match[1]), int(match[2] or 0))
    for folder in reversed(documents.attempts(workspace.reviews)):
        week, attempt = documents.place_of(folder)
        if (week, attempt if wanted[1] else 0) == wanted:
            return folder
    raise RefusedError(
        f"no run of {name} is on record", hint=f"`modelpool replay --as-of {match[1]}` shows what stood then."
    )


def _proposal_of_version(workspace: Workspace, version: int) -> Path:
    """Return the folder of the approved proposal that became a version."""
    digest = next((one.sha256 for one in versions(workspace.pools) if one.version == version), None)
    if digest is None:
        raise RefusedError(
            f"v{version:04} is not published here", hint="`modelpool history` lists the versions."
        )
    for proposal in Reviews(workspace.reviews).proposals:
        if proposal.is_approved and proposal.proposal.pool_sha256 == digest:
            return proposal.folder
    raise RefusedError(
        f"the proposal behind v{version:04} is not on record",
        hint="Restore it: `git checkout -- reviews`; `modelpool verify` checks every approval.",
    )


def _differing_program(recorded: RecordedRun, done: RerunResult) -> DiffersError:
    """Name what other bytes come from, where every input that can be compared is the same."""
    run, rebuilt = recorded.run, done.document
    code, code_now = find_input(run.inputs, InputKind.CODE), find_input(rebuilt.inputs, InputKind.CODE)
    where = first_difference(run.model_dump(mode="json"), rebuilt.model_dump(mode="json"))
    as_then = rebuilt.model_copy(
        update={
            "inputs": tuple(code if one.name == InputKind.CODE and code else one for one in rebuilt.inputs)
        }
    )
    only_code = documents.document_bytes(as_then) == documents.document_bytes(run)
    if done.without_bytes and not only_code:
        return DiffersError(
            "memory",
            f"captures of the earlier run {done.without_bytes[0]} are not on this machine, so nothing is "
            f"remembered of it; the first place that differs is {where}",
            hint=f"`modelpool replay {done.without_bytes[0]}` names the file to put back.",
        )
    if code and code_now and code != code_now:
        rest = "nothing else differs" if only_code else f"the first place that differs is {where}"
        return DiffersError(
            InputKind.CODE,
            f"the run was made by {code.detail}, this is {code_now.detail}; {rest}",
            hint=f"Replay it with {code.detail} to get its bytes.",
        )
    return DiffersError(
        InputKind.CODE,
        f"every input is as recorded, and yet {where}: the code changed, or the file was edited",
        hint=f"Compare `git log -p -- {shlex.quote(str(recorded.file))}` with `git log -- pipeline`.",
    )
