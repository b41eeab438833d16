"""`review` and the manual go through a pager on a terminal, and nowhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.example import Example

MARK = "sed s/^/:/"
"""A pager that marks each line it was given."""


def on_a_terminal(example: Example, *arguments: str, lines: int) -> list[str]:
    """Run a command on a terminal of some lines, and return what it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, 100, 0, 0))
    environment = {**os.environ, "PAGER": MARK, "TERM": "xterm", "COLUMNS": "100", "LINES": str(lines)}
    where = () if arguments[0] == "help" else ("--workspace", str(example.folder))
    command = [sys.executable, "-m", "pipeline.cli", *arguments, *where]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    return shown.decode().splitlines()


def test_a_long_review_is_paged_on_a_terminal_and_loses_its_colours_there(ran: Example) -> None:
    shown = on_a_terminal(ran, "review", "--now", "2026-08-15T12:00:00Z", lines=40)
    assert len(shown) > 40
    assert all(line.startswith(":") for line in shown)
    assert not any("\x1b" in line for line in shown)
    assert any("Check before approving" in line for line in shown)


def test_a_long_page_of_the_manual_is_paged_on_a_terminal(ran: Example) -> None:
    shown = on_a_terminal(ran, "help", "review", lines=40)
    assert len(shown) > 40
    assert all(line.startswith(":") for line in shown)
    assert any("What no digest shows" in line for line in shown)


def test_no_pager_is_asked_for_or_where_the_text_fits(ran: Example) -> None:
    plain = on_a_terminal(ran, "review", "--now", "2026-08-15T12:00:00Z", "--no-pager", lines=40)
    assert len(plain) > 40
    assert not any(line.startswith(":") for line in plain)
    short = on_a_terminal(ran, "review", "--now", "2026-08-15T12:00:00Z", lines=1000)
    assert not any(line.startswith(":") for line in short)
    assert not any(line.startswith(":") for line in ran("review").out.splitlines())
