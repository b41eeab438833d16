"""Fetches the sources, or takes their answers from files, a killed run or another workspace."""

from __future__ import annotations

from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline import __version__
from pipeline.captures.store import (
    StoredAnswer,
    UnfinishedRun,
    drop_unfinished,
    load_unfinished,
    store_captures,
    store_unfinished,
)
from pipeline.domain.calendar import Week, moment_text, read_moment
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, SourceName
from pipeline.domain.run_inputs import InputDigest
from pipeline.errors import RefusedError, SourceHeldError, UsageError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.replay.recorded_inputs import DiffersError, noticed_while_asking, recorded_captures
from pipeline.flow.run.clock_checks import ServerClocks
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.settings import Settings, known_secrets
from pipeline.sources.http.request import Deadline, HttpConfig
from pipeline.sources.http.session import SourceSession
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import open_sources
from pipeline.sources.spec import SourceAccess, SourceSpec
from pipeline.workspace_lock import LockHolder, hold_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from pydantic import SecretStr

    from pipeline.domain.observation import Capture, Finding
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.flow.run.run_state import RunRequest
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSourceAnswers:
    """What the record knows of earlier answers of the sources."""

    captures: Callable[[SourceName], tuple[Capture, ...]]
    """The captures of a source's last good answer."""
    asked_on: Callable[[SourceName, date], int]
    """How many captures of a source bear a day's date."""
    stored: Mapping[SourceName, tuple[Capture, ...]] = field(default_factory=dict)
    """Whole answers that a killed run of this week has stored: nobody is asked for them again."""
    keep: Callable[[SourceName, tuple[Capture, ...]], None] = lambda _source, _captures: None
    """Stores a whole answer as soon as it is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAnswers:
    """What the sources answered."""

    by_source: Mapping[SourceName, tuple[Capture, ...] | SourceHeldError]
    """A source that could not be asked answers with the reason."""
    findings: tuple[Finding, ...]
    """What was noticed while asking, which no capture tells."""


def fetch_captures(job: RunRequest, earlier: EarlierSourceAnswers) -> SourceAnswers:
    """Ask every source.

    Where files are given instead, only what is installed is asked: it needs no network.

    Raises:
        UsageError: A capture argument names no known source or no file, or a setting is missing.
        WrongClockError: The servers that were asked contradict this machine's clock.
    """
    settings = job.settings
    access = source_access(settings)
    sources = open_sources(access)
    installed = {name for name, spec in sources.items() if spec.installed}
    given = _given_captures(job)
    asked = sources.keys() if job.asks_sources else installed - given.keys()
    _require(job, [sources[name] for name in asked], access)  # before anybody is asked, not after minutes
    http = HttpConfig() if asked <= installed else http_config(settings)
    answers: dict[SourceName, tuple[Capture, ...] | SourceHeldError] = {**given, **earlier.stored}
    whole, clocks = Deadline(settings.total_seconds), ServerClocks()
    for name in (name for name in sources if name in asked - answers.keys()):
        job.progress(f"asking {name}")
        left = whole.seconds_left()
        if not left and name not in installed:
            answers[name] = _not_reached(name, settings.total_seconds)
            continue
        session = SourceSession(
            name,
            replace(http, seconds=min(http.seconds, left)),
            now=job.now,
            known=earlier.captures(name),
            asked_today=earlier.asked_on(name, job.now.date()),
        )
        answers[name] = found = _answer(sources[name], session)
        # An answer whose moment may be wrong is asked for again by a rerun; what is installed costs nothing.
        in_doubt = clocks.add(name, session.clock_errors) or name in installed
        if not isinstance(found, SourceHeldError) and not in_doubt:
            earlier.keep(name, found)
    return SourceAnswers(by_source=answers, findings=clocks.findings())


def _require(job: RunRequest, sources: Sequence[SourceSpec], access: SourceAccess) -> None:
    """Check that sources can be asked; where the sample is here, say how to run on that instead.

    Raises:
        UsageError: A key is missing.
    """
    try:
        for source in sources:
            source.require(access)
    except UsageError as error:
        if sample := job.workspace.sample_command:
            raise UsageError(str(error), hint=f"{error.hint}. The sample needs no key: `{sample}`.") from None
        raise


def _given_captures(job: RunRequest) -> Mapping[SourceName, tuple[Capture, ...]]:
    """Return the captures that were given in place of asking."""
    if job.captures:
        return read_captures(job.captures, now=job.now, base=job.workspace.root)
    return job.answers or {}


def _answer(source: SourceSpec, session: SourceSession) -> tuple[Capture, ...] | SourceHeldError:
    with closing(session):
        try:
            return source.fetch(session)
        except SourceHeldError as error:
            return error


def source_access(settings: Settings) -> SourceAccess:
    """Return the keys this operator has for sources."""
    own: dict[str, SecretStr] = {ARTIFICIAL_ANALYSIS: settings.aa_key} if settings.aa_key else {}
    return SourceAccess(keys={**settings.source_keys, **own}, tier=settings.aa_tier)


def _not_reached(name: SourceName, seconds: float) -> SourceHeldError:
    return SourceHeldError(
        name,
        f"it was not asked: the {seconds:g} seconds for all sources were used up before",
        hint="Nothing is replaced: the last good data is used. See which source was slow, or give "
        "MODELPOOL_TOTAL_SECONDS a larger number.",
    )


def http_config(settings: Settings) -> HttpConfig:
    """Return how this operator asks.

    Raises:
        UsageError: The proxy or the file of authorities cannot be used.
    """
    contact = f" ({settings.contact})" if settings.contact else ""
    return HttpConfig(
        user_agent=f"modelpool/{__version__}{contact}",
        seconds=settings.deadline_seconds,
        proxy=settings.proxy_address(),
        authorities=settings.authorities(),
        secrets=known_secrets(),
        mirrors=settings.mirrors,
    )


_LONGEST: Final = timedelta(hours=12)
"""An older answer is asked for again: sources publish daily."""


class AnswerJournal:
    """The answers of one run, stored as they come."""

    def __init__(self, job: RunRequest, capture_index: CaptureIndex) -> None:
        """Find what a killed run of this week left; a run that reads files stores nothing here."""
        self._job, self._capture_index = job, capture_index
        left = load_unfinished(job.workspace.raw) if job.asks_sources else None
        fresh = left is not None and left.week == job.week and self._is_fresh(left)
        self._run = (
            left
            if left is not None and fresh
            else UnfinishedRun(format=1, week=job.week, began=moment_text(job.now), answers={})
        )

    def _is_fresh(self, left: UnfinishedRun) -> bool:
        return timedelta(0) <= self._job.now - read_moment(left.began) <= _LONGEST

    def answers(self) -> Mapping[SourceName, tuple[Capture, ...]]:
        """Return the whole answers that are here already; one whose bytes are damaged is asked for again."""
        found = {}
        for name, stored in self._run.answers.items():
            source = SourceName(name)
            lines = [
                InputDigest(name=name, sha256=one.sha256, detail=one.url, fetched_at=one.fetched_at)
                for one in stored
            ]
            if captures := self._capture_index.recorded_captures(source, lines):
                found[source] = captures
        return found

    def keep(self, source: SourceName, captures: tuple[Capture, ...]) -> None:
        """Store a whole answer, so that nobody has to ask for it again; of a run that reads files, nothing.

        Raises:
            RefusedError: A sidecar of that digest exists and does not describe these bytes.
            OSError: The disk refused.
        """
        if not self._job.asks_sources:
            return
        workspace = self._job.workspace
        store_captures(captures, week=self._job.week, raw=workspace.raw, base=workspace.root)
        stored = tuple(
            StoredAnswer(sha256=capture.sha256, url=capture.url, fetched_at=moment_text(capture.fetched_at))
            for capture in captures
        )
        answers = {**self._run.answers, source: stored}
        self._run = self._run.model_copy(update={"answers": answers})
        store_unfinished(workspace.raw, self._run)

    def close(self) -> None:
        """Drop the answers once the run has filed its result."""
        if self._job.asks_sources:
            drop_unfinished(self._job.workspace.raw)


def shared_answers(job: RunRequest, other: Workspace) -> SourceAnswers:
    """Return what the sources answered to the other workspace's last run of the same week.

    The bytes are kept here too, so that nothing that follows needs the other workspace.

    Raises:
        RefusedError: It has no run of that week, a capture of it is gone, or a command writes there.
    """
    with _lock_other(job, other):
        return _answers(job, other)


def shared_weeks(job: RunRequest, other: Workspace, last: str) -> dict[Week, datetime]:
    """Find the weeks between the last one and this that the other workspace ran, and when it last did.

    Those of which an answer is no longer there are left out; a damaged one is left to the run that takes it.

    Raises:
        RefusedError: A run on record there is damaged, or a command writes there.
    """
    with _lock_other(job, other):
        runs = {Week(run.week): run for run in Reviews(other.reviews).runs if last < run.week < job.week}
        return {week: read_moment(run.as_of) for week, run in runs.items() if not _is_gone(run, other)}


def _is_gone(run: Proposal | Heartbeat, other: Workspace) -> bool:
    captures = CaptureIndex(other, Week(run.week))
    try:
        recorded_captures(run, captures)
    except DiffersError:
        return not captures.damaged
    return False


def _lock_other(job: RunRequest, other: Workspace) -> AbstractContextManager[None]:
    """Lock the other workspace while it is read; a shared crosswalk is locked already."""
    held = job.workspace.shared_from("crosswalk")
    if held is not None and held.root.resolve() == other.root.resolve():
        return nullcontext()
    return hold_lock(other.root / "data", LockHolder(command="run", since=moment_text(job.now)))


def _answers(job: RunRequest, other: Workspace) -> SourceAnswers:
    until = moment_text(job.now)
    runs = [run for run in Reviews(other.reviews).runs if run.week == job.week and run.as_of <= until]
    if not runs:
        raise RefusedError(
            f"{other.root}, where the sources are asked, has no run of {job.week} up to {until}",
            hint=f"`{other.command('run')}`, then `{job.workspace.command('run')}`.",
        )
    try:
        answers = recorded_captures(runs[-1], CaptureIndex(other, job.week))
    except DiffersError as error:
        raise RefusedError(f"{other.root}: {error}", hint=error.hint) from None
    return SourceAnswers(by_source=answers, findings=noticed_while_asking(runs[-1]))
