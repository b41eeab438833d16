"""A hostile or broken body holds its own source within seconds, and nothing else."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import LMARENA_TEXT, OPENROUTER, SourceName
from pipeline.domain.observation import Capture, Reading
from pipeline.errors import SourceHeldError
from pipeline.sources import spec
from pipeline.sources.parsing.nextjs_flight import Flight, FlightError
from pipeline.sources.registry import SOURCES
from pipeline.sources.spec import fetch_bounded, parse_bounded
from tests.replica.sessions import NOW, open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.sources.http.session import SourceSession


def capture(source: SourceName, body: bytes) -> Capture:
    return Capture(source=source, url="file:x", fetched_at=NOW, status=200, body=body)


def board(rows: list[dict[str, object]]) -> bytes:
    return json.dumps(rows).encode()


def row(name: str, category: str, rating: float = 1200.0) -> dict[str, object]:
    return {
        "model_name": name,
        "category": category,
        "organization": "x",
        "license": "y",
        "vote_count": 900,
        "rating": rating,
        "rating_lower": rating - 5,
        "rating_upper": rating + 5,
        "rank": 1,
    }


def one_key_repeated() -> tuple[SourceName, bytes]:
    return OPENROUTER, b'{"data":[{' + b",".join([b'"k":1'] * 60_000) + b"}]}"


def many_categories() -> tuple[SourceName, bytes]:
    """In each of 16,000 categories one name stands twice."""
    rows = [row("a", f"c{at}", 1200.0 + side) for at in range(16_000) for side in (0, 1)]
    return LMARENA_TEXT, board([row("a", "overall"), row("b", "overall"), *rows])


def many_names_twice() -> tuple[SourceName, bytes]:
    names = [f"m{at}" for at in range(12_000)]
    doubled = [row(name, "overall", 1201.0) for name in names[:240]]
    return LMARENA_TEXT, board([row(name, "overall") for name in names] + doubled)


def many_fields() -> tuple[SourceName, bytes]:
    fields = dict.fromkeys((f"f{at}" for at in range(100_000)), 1)
    return LMARENA_TEXT, board([{**row("a", "overall"), **fields}, row("b", "overall")])


def many_digits() -> tuple[SourceName, bytes]:
    return OPENROUTER, b'{"data":[' + b"9" * 5_000 + b"]}"


@pytest.mark.parametrize(
    "body", [one_key_repeated, many_categories, many_names_twice, many_fields, many_digits]
)
def test_a_hostile_body_costs_seconds(body: Callable[[], tuple[SourceName, bytes]]) -> None:
    source, sent = body()
    begun = time.process_time()
    try:
        told = " ".join(
            finding.message for finding in SOURCES[source].parse([capture(source, sent)]).findings
        )
    except SourceHeldError as held:
        told = held.found
    assert time.process_time() - begun < 5
    assert 0 < len(told) < 100_000


def test_unknown_fields_are_folded_and_counted() -> None:
    source, sent = many_fields()
    (drift,) = [one for one in SOURCES[source].parse([capture(source, sent)]).findings if one.kind == "drift"]
    assert "has 100000 fields nobody reads yet: 'f0', " in drift.message
    assert drift.message.endswith(" and 99988 more")


@pytest.mark.parametrize("reference", ["$" + "9" * 5_000, "$1:" + "9" * 5_000, "$1:" + "\u0663" * 3])
def test_a_reference_of_any_length_leads_nowhere(reference: str) -> None:
    flight = Flight({"1": ["x"]})
    if ":" not in reference:
        assert flight.resolve(reference) == reference
        return
    with pytest.raises(FlightError, match="leads nowhere"):
        flight.resolve(reference)


@dataclass
class Broken:
    """A source whose code fails."""

    error: Exception
    fired: int = 0
    patterns: tuple[str, ...] = field(default=())
    name: SourceName = OPENROUTER

    def fetch(self, _session: SourceSession) -> tuple[Capture, ...]:
        self.fired += 1
        raise self.error

    def parse(self, _captures: Sequence[Capture]) -> Reading:
        self.fired += 1
        raise self.error


ERRORS = [
    ValueError("canary"),
    KeyError("canary"),
    RecursionError(),
    MemoryError(),
    OverflowError(),
    TypeError(),
]


@pytest.mark.parametrize("error", [*ERRORS, UnicodeError(), OSError(), ZeroDivisionError(), AssertionError()])
def test_whatever_a_parser_raises_holds_its_source(error: Exception) -> None:
    broken = Broken(error)
    with pytest.raises(SourceHeldError) as parsed:
        parse_bounded(broken, [])
    with pytest.raises(SourceHeldError) as fetched, open_session(OPENROUTER) as session:
        fetch_bounded(broken, session)
    assert broken.fired == 2
    assert parsed.value.found == f"an answer that cannot be read ({type(error).__name__} in parse)"
    assert (parsed.value.source, fetched.value.source) == (OPENROUTER, OPENROUTER)


class Endless(Broken):
    """A source whose parser never ends, and swallows every exception on its way."""

    def parse(self, _captures: Sequence[Capture]) -> Reading:
        while True:
            try:
                self.fired += 1
            except Exception:  # noqa: BLE001, S112 - what a careless parser does
                continue


def test_a_parser_without_an_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spec, "PARSE_SECONDS", 0.05)
    endless = Endless(ValueError())
    with pytest.raises(SourceHeldError, match=r"takes more than 0\.05 seconds to read"):
        parse_bounded(endless, [])
    assert endless.fired


@pytest.mark.parametrize("name", list(SOURCES))
def test_every_source_is_bounded(monkeypatch: pytest.MonkeyPatch, name: SourceName) -> None:
    monkeypatch.setattr(spec, "PARSE_SECONDS", 0.05)
    endless = Endless(ValueError())
    with pytest.raises(SourceHeldError, match=r"takes more than 0\.05 seconds to read"):
        replace(SOURCES[name], source=endless).parse([])
    assert endless.fired
