"""Fetches the sources, or reads the files given instead."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, SourceName
from pipeline.errors import SourceHeldError
from pipeline.flow.run.server_clocks import ServerClocks
from pipeline.settings import Settings, known_secrets
from pipeline.sources.http.request import Deadline, HttpConfig
from pipeline.sources.http.session import SourceSession
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import open_sources
from pipeline.sources.spec import SourceAccess, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from pydantic import SecretStr

    from pipeline.domain.observation import Capture, Finding
    from pipeline.flow.run.run_state import RunRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswers:
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


def fetch_captures(job: RunRequest, earlier: EarlierAnswers) -> SourceAnswers:
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
    given = _given(job)
    asked = sources.keys() if job.asks_sources else installed - given.keys()
    for name in asked:
        sources[name].require(access)  # before anybody is asked, and not after minutes
    http = HttpConfig() if asked <= installed else http_config(settings)
    answers: dict[SourceName, tuple[Capture, ...] | SourceHeldError] = {**given, **earlier.stored}
    whole, clocks = Deadline(settings.total_seconds), ServerClocks()
    for name in (name for name in sources if name in asked - answers.keys()):
        job.progress(f"asking {name}")
        left = whole.left()
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


def _given(job: RunRequest) -> Mapping[SourceName, tuple[Capture, ...]]:
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
        hint="Nothing is replaced: the last good data stays in force. See which source was slow, or give "
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
