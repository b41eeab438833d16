"""A reader that leaves and a signal that ends the job: record, screen and exit code are in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.example import SECOND_WEEK
from tests.faults.test_secrets import ORIGINS
from tests.faults.wire import Peer, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.example import Example

COMMAND = (sys.executable, "-m", "pipeline.cli")


def closed_pipe() -> int:
    """The writing end of a pipe whose reader has left."""
    read, write = os.pipe()
    os.close(read)
    return write


ENDS = {
    ("review",): 0,
    ("history", "--json"): 0,
    ("run", "--captures", "data/sample/2026-W33", *SECOND_WEEK): 10,
    ("--help",): 0,
    ("nonsense",): 2,
}


def test_a_reader_that_leaves_changes_no_exit_code(ran: Example) -> None:
    pipe, codes = closed_pipe(), {}
    try:
        with pytest.raises(BrokenPipeError):
            os.write(pipe, b"the fault fires")
        for words in ENDS:
            done = subprocess.run(
                [*COMMAND, *words], cwd=ran.folder, stdout=pipe, stderr=subprocess.PIPE, check=False
            )
            codes[words] = done.returncode
            assert b"Broken" not in done.stderr
            assert b"Traceback" not in done.stderr
        both = subprocess.run([*COMMAND, "nonsense"], stdout=pipe, stderr=pipe, check=False)
    finally:
        os.close(pipe)
    assert codes == ENDS
    assert both.returncode == 2


@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")]
)
def test_a_signal_in_the_middle_of_a_run_is_told_and_leaves_the_record_as_it_was(
    sent: signal.Signals, code: int, word: str, ran: Example, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    asked = threading.Event()

    def silence(peer: Peer) -> None:
        asked.set()
        peer.silence()

    before = files_below(ran.folder / "reviews"), ran.pools()
    with wire(silence) as server:
        mirrors = json.dumps(dict.fromkeys(ORIGINS, f"http://127.0.0.1:{server.port}"))
        environment = {**os.environ, "MODELPOOL_MIRRORS": mirrors, "MODELPOOL_AA_KEY": "k" * 20}
        job = subprocess.Popen(
            [*COMMAND, "run", *SECOND_WEEK],
            cwd=ran.folder,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert asked.wait(60), job.poll()
        job.send_signal(sent)
        _, told = job.communicate(timeout=60)
    assert job.returncode == code
    assert told.splitlines()[0] == f"error: {word}"
    assert (files_below(ran.folder / "reviews"), ran.pools()) == before
    last = json.loads((ran.folder / "data/log.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["exit"]) == ("failed", code)
    assert not (ran.folder / "data/errors.log").exists()


def _ends(words: list[str], before: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command whose process was changed first by some lines of Python."""
    code = f"import os, signal, sys\n{before}\nfrom pipeline.cli.__main__ import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=False
    )


BEFORE_THE_COMMAND = """
import types
app = types.ModuleType("pipeline.cli.app")
app.run_command = lambda: os.kill(os.getpid(), signal.{name})
sys.modules["pipeline.cli.app"] = app
"""
SWALLOWED = """
from pipeline.review.proposals import documents
def swallow(body, kind):
    try:
        os.kill(os.getpid(), signal.{name})
        signal.sigwaitinfo({{signal.SIGUSR1}})
    except KeyboardInterrupt:
        raise ValueError("a library made another exception of it") from None
documents._check_document = swallow
"""


@pytest.mark.parametrize("before", [BEFORE_THE_COMMAND, SWALLOWED], ids=["at the start", "swallowed"])
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_is_told_whenever_it_comes(name: str, code: int, before: str, ran: Example) -> None:
    done = _ends(["review"], before.format(name=name), ran.folder)
    word = "terminated" if code == 143 else "interrupted"
    assert (done.returncode, f"error: {word}" in done.stderr, "Traceback" in done.stderr) == (
        code,
        True,
        False,
    )
    assert "was changed" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("--help",), ("review",)])
def test_an_output_that_cannot_be_written_is_told(words: tuple[str, ...], ran: Example) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *words], cwd=ran.folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 30, done.stderr
    assert done.stderr.startswith("error: the output could not be written: No space left on device")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_changes_nothing(closed: str, ran: Example) -> None:
    before = subprocess.run([*COMMAND, "history"], cwd=ran.folder, capture_output=True, check=True).stdout
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND]
    done = subprocess.run([*shell, "history"], cwd=ran.folder, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert done.stdout == (before if closed == "2>&-" else b"")
    wrong = subprocess.run([*shell, "nonsense"], cwd=ran.folder, capture_output=True, check=False)
    assert wrong.returncode == 2
