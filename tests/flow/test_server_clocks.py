"""A run that the servers it asked contradict about the time dates nothing; one server alone is a finding."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.captures.store import UNFINISHED
from pipeline.domain.ids import OPENROUTER
from pipeline.flow.run.clock_checks import FARTHEST, ServerClocks, WrongClockError
from tests.replica.sites import KEY, Reply, replica
from tests.replica.stored import from_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.example import Answer, Example
    from tests.replica.sites import Sites

RUN: Final = ("run", "--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")
DOCTOR: Final = ("doctor", "--json", "--now", "2026-08-15T13:00:00Z")
HOUR: Final = 3600
BOARDS: Final = ("huggingface.co", "datasets-server.huggingface.co", "arena.ai")


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    """The boards are served by one host, all others by another."""
    with replica(from_sample()) as served:
        elsewhere = served.address.replace("127.0.0.1", "localhost")
        mirrors = {
            site: mirror.replace(served.address, elsewhere)
            if site.removeprefix("https://") in BOARDS
            else mirror
            for site, mirror in served.mirrors.items()
        }
        monkeypatch.setenv("MODELPOOL_MIRRORS", json.dumps(mirrors))
        monkeypatch.setenv("MODELPOOL_AA_KEY", KEY)
        monkeypatch.setenv("MODELPOOL_PROXY", "")
        yield served


def _clock(answer: Answer) -> tuple[bool, str]:
    (found,) = (one for one in json.loads(answer.out) if one["name"] == "clock")
    return found["passed"], f"{found['found']} - {found['next_step']}"


def _findings(example: Example) -> list[dict[str, str]]:
    return [one for one in json.loads(example("review", "--json").out)["findings"] if one["kind"] == "clock"]


def _all_ahead(sites: Sites, seconds: int) -> None:
    sites.ahead |= dict.fromkeys((site.removeprefix("https://") for site in sites.mirrors), seconds)


@pytest.mark.parametrize(("seconds", "words"), [(HOUR, "59 minutes behind"), (-3 * HOUR, "3 hours ahead of")])
def test_a_clock_that_two_servers_contradict_dates_nothing(
    example: Example, sites: Sites, seconds: int, words: str
) -> None:
    _all_ahead(sites, seconds)
    answer = example(*RUN)
    assert answer.code == 30, answer.out
    said = f"this machine's clock is {words} 127.0.0.1 and localhost; nothing is dated by it"
    assert said.replace("59", "60") in answer.err.replace("59", "60")
    assert "hint: Set the clock" in answer.err
    assert not list(example.folder.glob("reviews/2026-W33*"))
    assert not list(example.folder.glob("data/raw/*/2026-W33"))
    assert not (example.folder / "data/raw" / UNFINISHED).exists()
    passed, found = _clock(example(*DOCTOR))
    assert not passed
    assert said.replace("59", "60") in found.replace("59", "60")


def test_once_the_clock_is_set_every_source_is_asked_again(example: Example, sites: Sites) -> None:
    _all_ahead(sites, HOUR)
    assert example(*RUN).code == 30
    sites.ahead.clear()
    sites.asked.clear()
    assert example(*RUN).code in {10, 20}
    assert {"huggingface.co", "artificialanalysis.ai", "openrouter.ai"} <= {
        host for host, _, _ in sites.asked
    }
    passed, found = _clock(example(*DOCTOR))
    assert passed
    assert "127.0.0.1" not in found


def test_answers_that_refuse_or_say_nothing_new_bear_a_date_too(example: Example, sites: Sites) -> None:
    assert example(*RUN).code in {10, 20}
    _all_ahead(sites, HOUR)
    sites.replies["artificialanalysis.ai"] = Reply(403)
    answer = example("run", "--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
    assert answer.code == 30
    assert {304, 403} <= {status for _, _, status in sites.asked}


def test_one_server_alone_is_a_finding_that_is_replayed(example: Example, sites: Sites) -> None:
    sites.ahead |= dict.fromkeys(BOARDS, HOUR)
    assert example(*RUN).code in {10, 20}
    (found,) = _findings(example)
    assert (found["severity"], found["subject"]) == ("warn", "lmarena-text")
    assert "minutes behind localhost" in found["message"]
    assert found["message"] in " ".join(example("review", "--all").out.split())
    passed, said = _clock(example(*DOCTOR))
    assert passed
    assert found["message"] in said
    replayed = example("replay", "2026-W33", "--json")
    assert replayed.code == 0, replayed.out


def test_a_server_counts_once_for_how_many_sources_it_may_answer(
    example: Example, sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_MIRRORS", json.dumps(sites.mirrors))
    _all_ahead(sites, HOUR)
    assert example(*RUN).code in {10, 20}
    assert len(_findings(example)) == 1


def test_a_live_check_says_it_of_each_source(example: Example, sites: Sites) -> None:
    sites.ahead |= {"openrouter.ai": -3 * HOUR}
    answer = example("sources", "check", "--live", "--json", "--now", "2026-08-15T12:00:00Z")
    words = {one["source"]: one["words"] for one in json.loads(answer.out)}
    assert "clock is 3 hours ahead of 127.0.0.1" in words["openrouter"]
    assert "clock" not in words["lmarena-text"]


@pytest.mark.parametrize(
    ("minutes", "refused", "named"),
    [
        pytest.param((0, 1), False, 0, id="near"),
        pytest.param((5, 5), False, 0, id="at the limit"),
        pytest.param((-6, -8), True, 0, id="two agree"),
        pytest.param((-60, 60), False, 2, id="two contradict each other"),
        pytest.param((60, 61, 0, 0, 1), False, 2, id="three confirm the clock"),
        pytest.param((60, 61, 0, 0), True, 0, id="as many confirm it as contradict it"),
        pytest.param((60,), False, 1, id="one alone"),
    ],
)
def test_who_is_believed(minutes: tuple[int, ...], refused: bool, named: int) -> None:  # noqa: FBT001 - a case
    clocks = ServerClocks()
    far = [
        clocks.add(OPENROUTER, {f"host-{number}": timedelta(minutes=each)})
        for number, each in enumerate(minutes)
    ]
    assert far == [abs(each) > FARTHEST / timedelta(minutes=1) for each in minutes]
    if refused:
        with pytest.raises(WrongClockError):
            clocks.findings()
    else:
        assert len(clocks.findings()) == named
