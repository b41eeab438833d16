"""Reads from the log of events which runs failed or never ended, and which decisions people made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import read_moment
from pipeline.errors import ArgumentError
from pipeline.review.proposals.documents import ANSWERS, DECISION, WITHDRAWAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """A run that failed, or of which no end is known."""

    at: str
    """When it failed; of one that did not end, when it started."""
    exit_code: int | None
    """None: it is still running, or was killed."""
    seconds: int | None
    """How long it ran; None where it is not known."""
    error: str
    kind: str = ""
    """The type of the error; empty where it is not known."""
    followed: bool = False
    """It had not ended when the next run began."""

    def words(self) -> str:
        """Say when and how it failed."""
        if self.followed:
            return f"a run started at {self.at} and had not ended when the next one began"
        if self.exit_code is None:
            return f"a run started at {self.at} and has not ended: it is still running, or was killed"
        after = "" if self.seconds is None else f" after {self.seconds} s"
        return f"the run of {self.at} failed with exit code {self.exit_code}{after}: {self.error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended, well or not."""

    at: str
    exit_code: int
    seconds: int | None
    """How long it ran; None where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """The failed runs of this machine, oldest first."""

    failed: tuple[FailedRun, ...]
    last_failed: bool
    """No run ended well since the last of them."""
    last: RunEnd | None = None
    """The last run that ended; None where none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDecision:
    """A decision, withdrawal or set of answers that a command of this machine filed."""

    file: str
    """Below `reviews/`, e.g. `2026-W33/decision.json`."""
    reviewer: str
    at: str


_DECIDING: Final = {"decided": DECISION, "withdrawn": WITHDRAWAL, "answered": ANSWERS}


def logged_decisions(file: Path) -> tuple[LoggedDecision, ...]:
    """Return what people decided here since the last `modelpool rebuild`, which accepts the files."""
    found: list[LoggedDecision] = []
    for event in _events(file):
        if event["event"] == "rebuilt":
            found.clear()
        if event["event"] in _DECIDING and event.get("folder"):
            place = f"{event['folder']}/{_DECIDING[event['event']]}"
            found.append(LoggedDecision(file=place, reviewer=event.get("reviewer", ""), at=event["at"]))
    return tuple(found)


def read_run_log(file: Path) -> RunLog:
    """Read the log; a line that is damaged, or is none of ours, is passed over."""
    failed: list[FailedRun] = []
    started, well = "", True
    last: RunEnd | None = None
    for event in _without_mistyped(tuple(_run_events(file))):
        name, at = event["event"], event["at"]
        if started and name == "started":
            failed.append(_unfinished_run(started, followed=True))
        if name == "failed":
            failed.append(_failure(event, started))
        if name in {"ended", "failed"}:
            last = _end(event, started)
        well = name == "ended" or (well and name == "step")
        started = at if name == "started" else started if name == "step" else ""
    if started:
        failed.append(_unfinished_run(started))
    return RunLog(failed=tuple(failed), last_failed=bool(failed) and not well, last=last)


def _without_mistyped(events: Sequence[Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
    """Leave out what a person mistyped: nothing began, so no run failed."""
    mistyped = {event.get("run") for event in events if event.get("kind") == ArgumentError.__name__}
    return (event for event in events if event.get("run") not in mistyped)


def _run_events(file: Path) -> Iterator[Mapping[str, str]]:
    for event in _events(file):
        if event.get("command") == "run" and event["event"] in {"started", "step", "ended", "failed"}:
            yield event


def _events(file: Path) -> Iterator[Mapping[str, str]]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    for line in lines:
        try:
            event = json.loads(line)
            read_moment(event["at"])
            if isinstance(event["event"], str):
                yield event
        except (ValueError, KeyError, TypeError):
            continue


def _unfinished_run(at: str, *, followed: bool = False) -> FailedRun:
    return FailedRun(at=at, exit_code=None, seconds=None, error="", followed=followed)


def _end(event: Mapping[str, str], started: str) -> RunEnd:
    took = read_moment(event["at"]) - read_moment(started) if started else None
    seconds = None if took is None else int(took.total_seconds())
    return RunEnd(at=event["at"], exit_code=int(event.get("exit", 1)), seconds=seconds)


def _failure(event: Mapping[str, str], started: str) -> FailedRun:
    end, error, kind = _end(event, started), str(event.get("error", "")), str(event.get("kind", ""))
    return FailedRun(at=end.at, exit_code=end.exit_code, seconds=end.seconds, error=error, kind=kind)
