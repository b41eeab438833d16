"""Defines what the rest of the program must know of a source, and runs it within bounds.

A new source is one file with an adapter and its `SourceSpec`, and one line in `registry`.
"""

from __future__ import annotations

import signal
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NoReturn, Protocol

from pipeline.errors import PipelineError, SourceHeldError
from pipeline.sources.http.request import Request
from pipeline.sources.parsing.json_body import only_capture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pydantic import JsonValue, SecretStr

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture, PriceRole, Reading
    from pipeline.sources.http.session import SourceSession


class Source(Protocol):
    """One source of scores or prices."""

    @property
    def name(self) -> SourceName:
        """The source's name in every capture, observation and price."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which capture files are its own: patterns for the file's name, or its folder's and its name."""

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        """Ask the source; the only method that touches the network.

        Raises:
            SourceHeldError: The source gave no complete answer.
        """

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read what it answered. Pure: the same bytes give the same reading.

        Raises:
            SourceHeldError: The bytes are not what this source publishes.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleRequestSource:
    """A source that answers one request without a key."""

    name: SourceName
    patterns: tuple[str, ...]
    url: str
    read: Callable[[Capture], Reading]
    """Reads its only capture."""

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        """Ask for it.

        Raises:
            SourceHeldError: No complete answer with status 200.
        """
        return (session.ask(Request(url=self.url)).capture,)

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read it.

        Raises:
            SourceHeldError: More or less than one capture, or not what this source publishes.
        """
        return self.read(only_capture(self.name, captures))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAccess:
    """What an operator set for asking sources."""

    keys: Mapping[str, SecretStr] = field(default_factory=dict)
    """By the source's name."""
    tier: str = "free"
    """Which list of Artificial Analysis to ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source, and what settings, checks, prices, pages and the command line need to know of it."""

    source: Source
    """Reads captures; asks as well, where no key is needed."""
    summary: str
    """What is read, for the table of the manual."""
    attribution: str
    """Whose figures these are, as the pages and the pool say it; sources of one line share it."""
    price_role: PriceRole
    """What its prices may do."""
    expectations: Mapping[str, JsonValue] | None = None
    """Its table for a workspace whose `expectations.toml` lacks one; None: the shipped file has it."""
    installed: bool = False
    """It comes with the program: it is read even where files are given in place of the others."""
    connect: Callable[[SourceAccess], Source] | None = None
    """Returns the source as an operator's key lets it ask; None: it needs no key."""
    check_access: Callable[[SourceAccess], object] | None = None
    """Raises `UsageError` where the source cannot be asked without a key that is missing."""
    requests_a_day: Callable[[SourceAccess], int] | None = None
    """How many it answers; None: it does not count them."""

    @property
    def name(self) -> SourceName:
        """The source's name."""
        return self.source.name

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which capture files are its own."""
        return self.source.patterns

    def with_access(self, access: SourceAccess) -> SourceSpec:
        """Return it with an operator's key."""
        return replace(self, source=self.connect(access)) if self.connect else self

    def require(self, access: SourceAccess) -> None:
        """Check that the source can be asked.

        Raises:
            UsageError: There is no key for it.
        """
        if self.check_access:
            self.check_access(access)

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        """Ask the source.

        Raises:
            SourceHeldError: It gave no complete answer, or its code failed on it.
            UsageError: There is no key for it.
        """
        return fetch_bounded(self.source, session)

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read what it answered, with what its prices may do.

        Raises:
            SourceHeldError: The bytes are not what this source publishes, take too long, or its code failed.
        """
        return replace(parse_bounded(self.source, captures), price_role=self.price_role)


class CpuBudgetError(BaseException):
    """The block has used up its time. No `except Exception` inside it may swallow this."""


@contextmanager
def cpu_budget(seconds: float) -> Iterator[None]:
    """Stop the block when this process has worked so many seconds on it; waiting costs nothing.

    Only the main thread can be stopped; elsewhere the block runs as it is.

    Raises:
        CpuBudgetError: The time is used up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise CpuBudgetError


PARSE_SECONDS: Final = 20.0
"""Processor time; the largest real answer takes a tenth of it."""
_HINT: Final = (
    "Nothing is replaced: the last good data is used. Look at what the source answers; if it is in "
    "order, report this with the capture's file below data/raw."
)


def fetch_bounded(source: Source, session: SourceSession) -> tuple[Capture, ...]:
    """Ask a source.

    Raises:
        UsageError: A setting is missing.
        SourceHeldError: It gave no complete answer, or its code failed on it.
    """
    try:
        return source.fetch(session)
    except PipelineError:
        raise
    except Exception as error:
        raise SourceHeldError(source.name, _failure(error), hint=_HINT) from error


def parse_bounded(source: Source, captures: Sequence[Capture]) -> Reading:
    """Read what a source answered, within a budget of processor time.

    Raises:
        SourceHeldError: The bytes are not what this source publishes, take too long, or its code failed.
    """
    try:
        with cpu_budget(PARSE_SECONDS):
            return source.parse(captures)
    except PipelineError:
        raise
    except CpuBudgetError:
        found = f"an answer that takes more than {PARSE_SECONDS:g} seconds to read"
        raise SourceHeldError(source.name, found, hint=_HINT) from None
    except Exception as error:
        raise SourceHeldError(source.name, _failure(error), hint=_HINT) from error


def _failure(error: Exception) -> str:
    """Name the failure and its place, but nothing that the source wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}" if frames else ""
    return f"an answer that cannot be read ({type(error).__name__}{place})"
