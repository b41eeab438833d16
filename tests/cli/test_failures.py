"""What goes wrong is told in a line, kept where it helps, and leaves nothing half-done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.cli import log as logging
from pipeline.cli.log import CommandLog
from pipeline.flow.approval import approve, publish
from pipeline.flow.record import rebuild, status
from tests.example import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Example

SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")


def events(example: Example) -> list[dict[str, object]]:
    text = (example.folder / "data/log.jsonl").read_text("ascii")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("flag", [(), ("--json",)])
def test_a_bug_is_one_line_and_its_traceback_is_kept(
    ran: Example, monkeypatch: pytest.MonkeyPatch, flag: tuple[str, ...]
) -> None:
    def fail(*_: object, **__: object) -> None:
        local = "".join(reversed("emarf eht fo lacol a"))
        raise ZeroDivisionError("the message\nof the bug", len(local))

    monkeypatch.setattr(status, "status", fail)
    said = ran("status", *flag)
    assert said.code == 1
    shown = said.json["error"] if flag else said.err.splitlines()[0].removeprefix("error: ")
    assert shown == "unexpected: ZeroDivisionError"
    assert "Traceback" not in said.out + said.err
    assert "errors.log" in said.out + said.err
    kept = (ran.folder / "data/errors.log").read_text()
    heading, *lines = kept.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ modelpool status", heading)
    assert all(line.startswith("  ") for line in lines)
    assert "ZeroDivisionError: (" in kept
    assert "a local of the frame" not in kept
    assert events(ran)[-1]["event"] == "failed"


INTERRUPTED = {
    ("publish",): (publish, "release"),
    ("approve", "DIGEST", *SAY): (approve, "file_decision"),
    ("rebuild",): (rebuild, "record_documents"),
}
"""Commands, and where Ctrl-C meets them."""


@pytest.mark.parametrize("words", INTERRUPTED, ids=lambda words: words[0])
def test_control_c_leaves_with_130_and_the_record_as_it_was(
    ran: Example,
    monkeypatch: pytest.MonkeyPatch,
    files_below: Callable[[Path], dict[str, bytes]],
    words: tuple[str, ...],
) -> None:
    typed = tuple(ran.digest() if word == "DIGEST" else word for word in words)
    assert words != ("publish",) or ran.approve().code == 0
    fired = []

    def interrupt(*_: object, **__: object) -> None:
        fired.append(True)
        raise KeyboardInterrupt

    monkeypatch.setattr(*INTERRUPTED[words], interrupt)
    before = files_below(ran.folder / "reviews"), ran.pools()
    said = ran(*typed)
    assert fired
    assert said.code == 130
    assert said.err.splitlines()[0] == "error: interrupted"
    assert (files_below(ran.folder / "reviews"), ran.pools()) == before
    assert not (ran.folder / "data/errors.log").exists()
    monkeypatch.undo()
    assert ran(*typed).code == 0


def test_a_folder_that_cannot_be_written_is_told(ran: Example) -> None:
    """A folder stands where a file is to be written: this stops even root."""
    week = ran.folder / "reviews/2026-W33"
    (week / ".decision.json.new").mkdir()
    said = ran.approve()
    assert said.code == 1
    assert said.err.count("\n") == 2
    assert "decision.json" in said.err
    assert "Check space and permissions" in said.err
    assert "Traceback" not in said.err
    assert "IsADirectoryError" in (ran.folder / "data/errors.log").read_text()
    assert not (week / "decision.json").exists()
    (week / ".decision.json.new").rmdir()
    assert ran.approve().code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_workspace_of_somebody_else_is_told(ran: Example) -> None:
    week = ran.folder / "reviews/2026-W33"
    week.chmod(0o500)
    try:
        said = ran.approve()
    finally:
        week.chmod(0o700)
    assert said.code == 1
    assert "Permission denied" in said.err


@pytest.mark.parametrize("place", ["log.jsonl", "errors.log"])
def test_a_log_that_cannot_be_written_stops_no_command(
    ran: Example, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (ran.folder / "data" / place).unlink(missing_ok=True)
    (ran.folder / "data" / place).mkdir()
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    monkeypatch.setattr(status, "status", lambda *_, **__: 1 // 0)
    said = ran("status")
    assert said.code == 1
    assert "unexpected: ZeroDivisionError" in said.err


def test_the_log_tells_the_week_line_by_line(example: Example) -> None:
    assert example.run().code == 10
    assert example.approve("0" * 8).code == 30
    assert example.approve().code == 0
    assert example("publish").code == 0
    told = events(example)
    steps = [f"{event['command']}: {event['event']}" for event in told if event["event"] != "step"]
    assert steps == [
        "run: started",
        "run: ended",
        "approve: failed",
        "approve: decided",
        "publish: published",
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(event["at"])) for event in told)
    assert told[-1]["reviewer"] == "R. Viewer"
    assert [event["exit"] for event in told if "exit" in event] == [10, 30]


def test_commands_that_only_read_write_nothing(
    ran: Example, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    before = files_below(ran.folder)
    for words in (("status",), ("history",), ("verify",), ("review",), ("export", "litellm"), ("sources",)):
        assert ran(*words).code == 0
    assert files_below(ran.folder) == before


def test_a_secret_is_taken_out_of_every_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELPOOL_AA_KEY", "a-long-secret/with+signs")
    monkeypatch.setenv("MODELPOOL_DATABASE_URL", "postgresql://me:pa%2Fss@db/x")
    file = tmp_path / "log.jsonl"
    text = "a-long-secret/with+signs a-long-secret%2Fwith%2Bsigns ...ith+signs pa%2Fss pa/ss"
    CommandLog(file, text).tell(text, said=text, more=[text, {text: [text]}])
    kept = file.read_text()
    assert "[secret]" in kept
    assert not re.search(r"long-secret|h\+signs|pa(%2F|/)ss", kept)
    assert logging.redact("nothing secret") == "nothing secret"


def test_readme_step_by_step(example: Example) -> None:
    """The commands of README's worked example, with a digest and a name in place of what stands for them."""
    text = (ROOT / "README.md").read_text()
    section = text.split("step by step")[1].split("```")[1]
    typed = [line.partition("#")[0].split() for line in section.splitlines() if line.startswith("modelpool")]
    assert [words[1] for words in typed] == ["review", "approve", "publish", "verify", "status", "history"]
    assert example.run().code == 10
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line in (line for line in section.splitlines() if line.startswith("modelpool")):
        command = line.partition("#")[0].replace("DIGEST", example.digest()[:16] if "DIGEST" in line else "")
        command = command.replace("Your Name", "A. Person")
        program = command.replace("modelpool", f"{sys.executable} -m pipeline.cli", 1)
        done = subprocess.run(
            ["bash", "-c", program],  # noqa: S607 - the shell of the machine
            cwd=example.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout
    assert "v0002.json" in example.pools()
    assert "R. Viewer" not in done.stdout
    assert "A. Person" in done.stdout
