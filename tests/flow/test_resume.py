"""A run that is killed anywhere comes to the same proposal when it is run again, and asks nobody twice.

`MODELPOOL_TEST_KILLS=200` kills at that many points.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.captures.store import UNFINISHED
from tests.example import Example, copy_record
from tests.replica.sites import KEY, Sites, replica
from tests.replica.stored import from_sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


KILLS: Final = int(os.environ.get("MODELPOOL_TEST_KILLS", "2"))
EVENTS: Final = frozenset({"os.rename", "os.link", "os.remove", "socket.connect"})
"""What a process does to the world; it is killed before one of them, or before it opens a file of its own."""
HOSTS: Final = {
    "lmarena-text": "/text_style_control/",
    "lmarena-webdev": "/webdev/",
    "artificial-analysis": "/api/",
    "openrouter": "/api/v1/models",
}
NEVER: Final = -1
RUN: Final = ("run", "--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sites]:
    with replica(from_sample()) as served:
        monkeypatch.setenv("MODELPOOL_MIRRORS", json.dumps(served.mirrors))
        monkeypatch.setenv("MODELPOOL_AA_KEY", KEY)
        monkeypatch.setenv("MODELPOOL_PROXY", "")
        yield served


def _run(example: Example, kill_at: int) -> tuple[int, list[int]]:
    """Run in a process that kills itself before event `kill_at`.

    Returns:
        Its end, and how many events it came to, then the first and the last one that touched what is kept of
        an unfinished run; nothing of a killed one.
    """
    made, count_file = [0, 0, 0], example.folder.parent / "events"

    def count(event: str, arguments: tuple[object, ...]) -> None:
        in_workspace = event == "open" and str(arguments[0]).startswith(str(example.folder))
        if event in EVENTS or in_workspace:
            if made[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            if event in {"os.rename", "os.remove"} and any(UNFINISHED in str(one) for one in arguments):
                made[1], made[2] = made[1] or made[0], made[0]
            made[0] += 1

    child = os.fork()  # a whole run has loaded every module
    if child == 0:
        code = 70
        try:
            sys.addaudithook(count)
            code = example(*RUN).code
            count_file.write_text(json.dumps(made))
        finally:
            os._exit(code)
    end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return end, json.loads(count_file.read_bytes()) if end >= 0 else []


def _proposal(example: Example) -> bytes:
    (folder,) = example.folder.glob("reviews/2026-W33*")
    return (folder / "proposal.json").read_bytes()


def _fresh(folder: Path) -> Example:
    copy_record(folder)
    return Example(folder)


@pytest.mark.timeout(240 + 60 * KILLS)
def test_a_run_killed_anywhere_continues_from_its_captures(tmp_path: Path, sites: Sites) -> None:
    whole = _fresh(tmp_path / "whole" / "workspace")
    assert whole(*RUN).code in {10, 20}
    code, (events, kept_from, kept_until) = _run(_fresh(tmp_path / "counted" / "workspace"), NEVER)
    assert code in {10, 20}
    assert 20 < kept_from < kept_until < events
    assert len(sites.asked) >= 5
    points = random.Random("kills")  # noqa: S311 - where to kill, not a secret
    resumed = 0
    for number in range(KILLS):
        first = events * number // KILLS
        at = points.randrange(first, max(first + 1, events * (number + 1) // KILLS))
        if number == 0:  # one at least has answers to continue from
            at = (kept_from + kept_until) // 2
        example = _fresh(tmp_path / f"{number}-{at}" / "workspace")
        assert _run(example, at)[0] == -signal.SIGKILL, f"not killed at {at} of {events}"
        journal = example.folder / "data/raw" / UNFINISHED
        kept = json.loads(journal.read_bytes())["answers"] if journal.exists() else {}
        filed = list(example.folder.glob("reviews/2026-W33*/proposal.json"))
        sites.asked.clear()
        sites.used = 0  # of the day's quota, which 200 runs would use up
        if not filed:
            assert _run(example, NEVER)[0] == code
            resumed += bool(kept)
            paths = [path for _, path, _ in sites.asked]
            again = [name for name, part in HOSTS.items() if name in kept and _asked(name, part, sites)]
            assert again == [], (at, paths)
            assert not journal.exists()
        assert _proposal(example) == _proposal(whole), at
    assert resumed > 0, "no run was killed between its first answer and its proposal"


def _asked(name: str, part: str, sites: Sites) -> bool:
    host = {"artificial-analysis": "artificialanalysis.ai", "openrouter": "openrouter.ai"}.get(name)
    return any(part in path and host in {None, at} for at, path, _ in sites.asked)


@pytest.mark.parametrize("now", ["2026-08-16T00:00:01Z", "2026-08-17T12:00:00Z"])
def test_answers_of_another_day_or_week_are_asked_for_again(tmp_path: Path, sites: Sites, now: str) -> None:
    example = _fresh(tmp_path / "workspace")
    assert example(*RUN).code in {10, 20}
    left = {
        "format": 1,
        "week": "2026-W33",
        "began": "2026-08-15T12:00:00Z",
        "answers": {
            "openrouter": [
                {
                    "sha256": path.name[:64],
                    "url": "https://openrouter.ai",
                    "fetched_at": "2026-08-15T12:00:00Z",
                }
                for path in (example.folder / "data/raw/openrouter/2026-W33").glob("*.gz")
            ]
        },
    }
    (example.folder / "data/raw" / UNFINISHED).write_text(json.dumps(left))
    sites.asked.clear()
    example("run", "--now", now)
    assert any(host == "openrouter.ai" for host, _, _ in sites.asked)
