"""The whole week over real HTTP: a loopback replica of each site, the command as an operator types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.replica.sites import CHALLENGE, HOSTS, KEY, Reply, replica
from tests.replica.stored import from_captures, from_sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.example import Answer, Example
    from tests.replica.sites import Sites

CORE = ("lmarena-text", "lmarena-webdev", "artificial-analysis", "openrouter")


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    with replica(from_sample()) as served:
        _point_at(served, monkeypatch)
        yield served


def _point_at(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELPOOL_MIRRORS", json.dumps(sites.mirrors))
    monkeypatch.setenv("MODELPOOL_AA_KEY", KEY)
    monkeypatch.setenv("MODELPOOL_PROXY", "")
    monkeypatch.setenv("MODELPOOL_DEADLINE_SECONDS", "20")


def _ask(example: Example, week: str = "2026-W33", now: str = "2026-08-15T12:00:00Z") -> Answer:
    return example("run", "--week", week, "--now", now)


def _held(answer: Answer) -> set[str]:
    return {name for name in CORE if f"{name} is held" in answer.out}


def test_a_week_over_http_ends_at_a_proposal(example: Example, sites: Sites) -> None:
    before = example.pools()
    answer = _ask(example)
    assert answer.code in {10, 20}, (answer.out, answer.err)
    assert _held(answer) == set()
    assert (example.folder / "reviews/2026-W33/proposal.json").exists()
    assert example.pools() == before
    statuses = {(host, status) for host, _, status in sites.asked}
    assert {("huggingface.co", 302), ("huggingface.co", 200), ("artificialanalysis.ai", 200)} <= statuses
    assert not any(host in {"arena.ai", "datasets-server.huggingface.co"} for host, _, _ in sites.asked)


def test_full_captures_over_http(
    example: Example, real_captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replica(from_captures()) as served:
        _point_at(served, monkeypatch)
        answer = _ask(example)
    assert "Traceback" not in answer.err
    assert _held(answer) - {"artificial-analysis"} == set(), answer.out
    pages = [path for host, path, status in served.asked if host == "artificialanalysis.ai" and status == 200]
    assert [path.rpartition("=")[2] for path in pages] == ["1", "2", "3"]


def test_the_next_week_asks_whether_anything_changed_and_uses_what_it_has(
    example: Example, sites: Sites
) -> None:
    _ask(example)
    sites.asked.clear()
    answer = _ask(example, "2026-W34", "2026-08-22T12:00:00Z")
    assert _held(answer) == set(), answer.out
    core = [(host, status) for host, _, status in sites.asked if host in HOSTS[:5]]
    assert core == [
        *[("huggingface.co", 302), ("huggingface.co", 304)] * 2,
        ("artificialanalysis.ai", 304),
        ("openrouter.ai", 304),
    ]
    for source in CORE:
        weeks = [example.folder / "data/raw" / source / week for week in ("2026-W33", "2026-W34")]
        first, second = ({path.name for path in week.glob("*.gz")} for week in weeks)
        assert first == second != set()


def test_a_file_that_cannot_be_had_is_read_by_its_rows(example: Example, sites: Sites) -> None:
    sites.replies["huggingface.co"] = Reply(404)
    answer = _ask(example)
    assert _held(answer) == set(), answer.out
    assert "was read by pages of rows" in json.dumps(example("review", "--json").json)
    assert not any(host == "arena.ai" for host, _, _ in sites.asked)


def test_a_dataset_that_is_gone_is_read_from_the_page(example: Example, sites: Sites) -> None:
    sites.replies |= {"huggingface.co": Reply(404), "datasets-server.huggingface.co": Reply(404)}
    answer = _ask(example)
    assert "lmarena-text is held" not in answer.out, answer.out
    assert {"/leaderboard/text", "/leaderboard/code"} <= {
        path for host, path, _ in sites.asked if host == "arena.ai"
    }
    assert "was read by the site's page" in json.dumps(example("review", "--json").json)


def test_a_challenge_everywhere_is_reported_and_not_worked_around(example: Example, sites: Sites) -> None:
    page = Reply(403, CHALLENGE, {"content-type": "text/html"})
    sites.replies |= dict.fromkeys(("huggingface.co", "datasets-server.huggingface.co", "arena.ai"), page)
    before = example.pools()
    answer = _ask(example)
    assert answer.code == 20
    assert {"lmarena-text", "lmarena-webdev"} <= _held(answer)
    assert "a challenge page that asks for a person" in answer.out
    assert example.pools() == before
    hosts = [host for host, _, _ in sites.asked if host in sites.replies]
    assert len(hosts) == 6  # each way once for each board: asking again would be knocking


def test_a_wrong_key_is_told_with_the_next_step_and_nowhere_shown(
    example: Example, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "wrong-key-canary-4711-abcdef")
    answer = _ask(example)
    assert answer.code == 20
    assert "the key is not accepted; check MODELPOOL_AA_KEY" in " ".join(answer.out.split())
    files = (path for path in example.folder.rglob("*") if path.is_file())
    assert not any(b"canary-4711" in path.read_bytes() for path in files)
    assert "canary-4711" not in answer.out + answer.err


def test_a_quota_that_is_used_up_is_a_hold_with_words_and_no_wait(example: Example, sites: Sites) -> None:
    sites.used = sites.quota
    answer = _ask(example)
    assert "0 of 100 requests of today are left" in " ".join(answer.out.split())
    assert sum(host == "artificialanalysis.ai" for host, _, _ in sites.asked) == 1
