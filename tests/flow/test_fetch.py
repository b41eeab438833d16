"""All sources together are asked within one time, and nobody is asked in vain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from pipeline.domain.calendar import week_of
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, GENAI_PRICES, SourceName
from pipeline.errors import SourceHeldError, UsageError
from pipeline.flow.run import fetch
from pipeline.flow.run.fetch import EarlierSourceAnswers, fetch_captures
from pipeline.flow.run.run_state import RunRequest
from pipeline.settings import Settings
from pipeline.sources.registry import SOURCES
from pipeline.workspace import Workspace
from tests.replica.sessions import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.domain.observation import Capture, Reading
    from pipeline.sources.http.session import SourceSession
    from pipeline.sources.spec import SourceSpec

NOTHING = EarlierSourceAnswers(captures=lambda _source: (), asked_on=lambda _source, _day: 0)


@dataclass
class Clock:
    """A clock that only a slow source moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Slow:
    """A source that takes all the time it is given."""

    name: SourceName
    clock: Clock
    given: list[float]
    patterns: tuple[str, ...] = ()

    def parse(self, captures: Sequence[Capture]) -> Reading:
        raise AssertionError(f"nothing was captured, yet {captures} are parsed")

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        self.given.append(session.deadline.seconds_left())
        self.clock.seconds += session.deadline.seconds_left()
        return ()


def request(folder: Path, settings: Settings) -> RunRequest:
    return RunRequest(
        workspace=Workspace(folder),
        settings=settings,
        week=week_of(NOW),
        now=NOW,
        captures=(),
        progress=lambda _said: None,
    )


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock, given = Clock(), list[float]()
    slow = MappingProxyType(
        {name: replace(spec, source=Slow(name, clock, given)) for name, spec in SOURCES.items()}
    )

    def sources(_: object) -> Mapping[SourceName, SourceSpec]:
        return slow

    monkeypatch.setattr("pipeline.sources.http.request.time.monotonic", clock)
    monkeypatch.setattr(fetch, "open_sources", sources)
    return given


def test_all_sources_together_end_in_time(tmp_path: Path, given: list[float]) -> None:
    settings = Settings(aa_key=SecretStr("k" * 20), deadline_seconds=100, total_seconds=250)
    answers = fetch_captures(request(tmp_path, settings), NOTHING).by_source
    assert given == [100, 100, 50, 0]
    late = [name for name, answer in answers.items() if isinstance(answer, SourceHeldError)]
    assert late == [name for name in list(SOURCES)[3:] if name != GENAI_PRICES]
    held = answers[late[0]]
    assert isinstance(held, SourceHeldError)
    assert "the 250 seconds for all sources were used up" in held.found
    assert "MODELPOOL_TOTAL_SECONDS" in held.hint


def test_a_missing_key_is_told_before_anybody_is_asked(tmp_path: Path, given: list[float]) -> None:
    with pytest.raises(UsageError, match="no key for Artificial Analysis"):
        fetch_captures(request(tmp_path, Settings(aa_key=None, aa_key_file=None)), NOTHING)
    assert given == []
    assert list(SOURCES).index(ARTIFICIAL_ANALYSIS) > 0


@pytest.mark.parametrize("name", ["MODELPOOL_PROXY", "MODELPOOL_CA_FILE"])
def test_a_setting_that_cannot_work_is_told_before_anybody_is_asked(
    tmp_path: Path, given: list[float], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "k" * 20)
    monkeypatch.setenv(name, "gopher://nowhere/nothing")
    with pytest.raises(UsageError, match=name):
        fetch_captures(request(tmp_path, Settings.from_environment()), NOTHING)
    assert given == []
