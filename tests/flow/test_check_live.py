"""`modelpool sources check --live` over real HTTP: what works is said in words, and nothing is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.replica.sites import KEY, Reply, replica
from tests.replica.stored import from_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.example import Answer, Example
    from tests.replica.sites import Sites

CORE = {"lmarena-text", "lmarena-webdev", "artificial-analysis", "openrouter", "genai-prices"}


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    with replica(from_sample()) as served:
        monkeypatch.setenv("MODELPOOL_MIRRORS", json.dumps(served.mirrors))
        monkeypatch.setenv("MODELPOOL_AA_KEY", KEY)
        monkeypatch.setenv("MODELPOOL_PROXY", "")
        monkeypatch.setenv("MODELPOOL_DEADLINE_SECONDS", "20")
        yield served


def _check(example: Example, *more: str) -> Answer:
    return example("sources", "check", "--live", "--now", "2026-08-15T12:00:00Z", *more)


def _by_source(answer: Answer) -> dict[str, dict[str, object]]:
    return {one["source"]: one for one in json.loads(answer.out)}


def test_every_source_is_asked_and_nothing_is_written(
    example: Example, sites: Sites, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    before = files_below(example.folder)
    found = _by_source(_check(example, "--json"))
    assert {name for name, one in found.items() if one["works"]} >= CORE
    assert "144 names" in str(found["lmarena-text"]["words"])
    assert "published 2026-08-12" in str(found["lmarena-text"]["words"])
    assert files_below(example.folder) == before
    assert {host for host, _, _ in sites.asked} >= {"artificialanalysis.ai", "openrouter.ai"}


def test_a_refused_key_is_said_in_words_with_the_next_step(
    example: Example, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "another-key-entirely")
    answer = _check(example)
    assert answer.code == 20
    assert "FAILS  artificial-analysis" in answer.out
    assert "MODELPOOL_AA_KEY" in answer.out
    assert "another-key-entirely" not in answer.out + answer.err
    assert "works  openrouter" in answer.out


def test_a_missing_key_is_one_failure_among_others(
    example: Example, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELPOOL_AA_KEY")
    sites.replies["openrouter.ai"] = Reply(404)
    found = _by_source(_check(example, "--json"))
    assert not found["artificial-analysis"]["works"]
    assert not found["openrouter"]["works"]
    assert found["lmarena-text"]["works"]
