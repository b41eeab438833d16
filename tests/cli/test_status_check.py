"""`status` names what failed and what waits, with commands to paste; `--check` fails where one must look."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.flow.record.run_log import FailedRun, read_run_log
from tests.example import Example

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ON_TIME: Final = ("--now", "2026-08-16T12:00:00Z")


@pytest.fixture
def waiting(_after_the_run: Path, tmp_path: Path) -> Example:
    shutil.copytree(_after_the_run, tmp_path / "workspace")
    return Example(tmp_path / "workspace")


def test_what_is_pending_is_named_with_commands_that_work(waiting: Example) -> None:
    said = waiting("status", *ON_TIME).out
    review, approve = re.findall(r"`modelpool ((?:review|approve)[^`]*)`", said)
    words = shlex.split(approve.replace("NAME", "'R. Viewer'").replace('"..."', "'Read the page.'"))
    assert waiting(*shlex.split(review)[:1]).code == 0
    assert words[-2:] == ["--workspace", str(waiting.folder)]
    assert waiting(*words[:-2]).code == 0


def test_what_was_approved_and_is_stale_is_not_called_publishable(waiting: Example) -> None:
    assert waiting.approve().code == 0
    assert "Next: `modelpool publish --workspace" in waiting("status", *ON_TIME).out
    with (waiting.folder / "data/policy/tiers.toml").open("a") as policy:
        policy.write("# meanwhile\n")
    said = waiting("status", *ON_TIME).out
    assert "can no longer be published: the policy changed" in said
    assert "modelpool publish" not in said
    assert waiting("publish").code == 30


def _alarms(example: Example, now: str) -> tuple[int, str]:
    answer = example("status", "--check", "--now", now)
    return answer.code, answer.err


def test_check_is_silent_where_all_is_well(example: Example) -> None:
    assert _alarms(example, "2026-06-01T12:00:00Z") == (0, "")


@pytest.mark.parametrize("skipped", range(1, 7))
def test_a_week_without_a_run_is_an_alarm_on_the_ninth_day(waiting: Example, skipped: int) -> None:
    """However many weeks are skipped after the last run, the alarm begins on that day."""
    last = date(2026, 8, 15)
    assert "last run" not in _alarms(waiting, f"{last + timedelta(days=8)}T12:00:00Z")[1]
    for day in (last + timedelta(days=9), last + timedelta(weeks=skipped, days=6)):
        code, said = _alarms(waiting, f"{day}T12:00:00Z")
        assert (code, f"ALARM the last run is {(day - last).days} days old, of {last}" in said) == (30, True)


def test_check_fails_on_an_expired_pool_and_on_a_proposal_that_waits_too_long(waiting: Example) -> None:
    assert "expired" in _alarms(waiting, "2026-08-16T12:00:00Z")[1]
    code, said = _alarms(waiting, "2026-08-23T12:00:00Z")
    assert code == 30
    assert "ALARM 2026-W33 is pending for 8 days; the policy allows 7." in said
    assert "pending" not in _alarms(waiting, "2026-08-22T12:00:00Z")[1]


def test_a_failed_run_is_shown_until_one_ends_well(example: Example) -> None:
    answer = example("run", "--captures", str(example.folder / "nothing-here"))
    assert answer.code == 2
    for said in (example("status", "--now", "2026-06-01T12:00:00Z").out, example("history").out):
        assert "failed with exit code 2" in " ".join(said.split())
    code, said = _alarms(example, "2026-06-01T12:00:00Z")
    assert (code, "failed with exit code 2" in said) == (30, True)
    assert example.run().code == 10
    assert "failed with exit code" not in example("status").out


@pytest.mark.parametrize(
    "typed", [("--week", "2026-W99"), ("--week", "2126-W01"), ("--week", ""), ("--now", "noon")]
)
def test_a_mistyped_run_is_no_failed_run(example: Example, typed: tuple[str, str]) -> None:
    answer = example("run", "--captures", str(example.folder / "data/sample/2026-W33"), *typed)
    assert answer.code == 2, answer
    log = (example.folder / "data/log.jsonl").read_text()
    assert '"kind": "ArgumentError"' in log, "it is in the log of commands"
    assert "failed with exit code" not in example("status").out + example("history").out


def test_a_week_before_the_last_one_does_not_run(waiting: Example) -> None:
    filed = sorted((waiting.folder / "reviews").iterdir())
    captures = str(waiting.folder / "data/sample/2026-W22")
    answer = waiting("run", "--captures", captures, "--week", "2026-W22")
    assert answer.code == 2, answer
    assert "the week 2026-W22 is over: 2026-W33 has proposed a pool since" in answer.err
    assert sorted((waiting.folder / "reviews").iterdir()) == filed


def _log(tmp_path: Path, *events: Mapping[str, object]) -> Path:
    file = tmp_path / "log.jsonl"
    lines = [json.dumps({"command": "run", **one}) for one in events]
    file.write_text(
        "\n".join(["not json", *lines, json.dumps({"command": "status", "event": "failed"})]) + "\n"
    )
    return file


AT: Final = "2026-08-15T12:00:0{}Z"
STARTED: Final = {"event": "started", "at": AT.format(0)}
FAILED: Final = {"event": "failed", "at": AT.format(7), "exit": 1, "error": "no space"}
ENDED: Final = {"event": "ended", "at": AT.format(8)}


def test_a_failed_run_is_recorded_with_exit_code_and_duration(tmp_path: Path) -> None:
    found = read_run_log(_log(tmp_path, STARTED, FAILED))
    assert found.last_failed
    assert found.failed == (FailedRun(at=AT.format(7), exit_code=1, seconds=7, error="no space"),)
    assert "failed with exit code 1 after 7 s: no space" in found.failed[0].words()


def test_a_run_that_was_killed_is_a_failed_run(tmp_path: Path) -> None:
    found = read_run_log(_log(tmp_path, STARTED, {"event": "step", "at": AT.format(1)}))
    assert found.last_failed
    assert [one.exit_code for one in found.failed] == [None]
    assert "has not ended" in found.failed[0].words()
    again = read_run_log(_log(tmp_path, STARTED, {**STARTED, "at": AT.format(5)}, ENDED))
    assert (len(again.failed), again.last_failed) == (1, False)
    assert (
        again.failed[0].words()
        == f"a run started at {AT.format(0)} and had not ended when the next one began"
    )


def test_the_history_heads_what_failed_and_says_it_below_the_versions(example: Example) -> None:
    assert "Runs that failed" not in example("history").out
    for week in ("2026-W32", "2026-W33"):
        assert example("run", "--captures", str(example.folder / "nothing"), "--week", week).code == 2
    versions, heading, failed = example("history").out.partition(
        "\nRuns that failed or did not end, the newest first\n"
    )
    assert heading
    assert "v0001 2026-W22" in versions
    assert "failed" not in versions
    assert re.fullmatch(r"(- the run of \S+ failed with exit code 2 .*\.\n){2}", failed)
    assert "Filed nothing" not in failed


def test_a_run_that_ended_after_the_failed_one_answers_it(tmp_path: Path) -> None:
    found = read_run_log(_log(tmp_path, STARTED, FAILED, STARTED, ENDED))
    assert (len(found.failed), found.last_failed) == (1, False)
    assert not read_run_log(tmp_path / "none").failed
