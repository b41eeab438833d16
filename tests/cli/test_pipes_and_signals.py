"""A reader that leaves and a signal that ends the job: record, screen and exit code are in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.example import SECOND_WEEK
from tests.faults.test_secrets import ORIGINS
from tests.faults.wire import Peer, wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
