"""Turns SIGINT and SIGTERM into KeyboardInterrupt, and remembers which came: a library may swallow it."""

from __future__ import annotations

import signal
from typing import Final, NoReturn

INTERRUPTED: Final = 130
TERMINATED: Final = 143
WORDS: Final = {INTERRUPTED: "interrupted", TERMINATED: "terminated"}
"""What a command says that a signal ended, by its exit code."""
_CODES: Final = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
_RECEIVED: Final[list[int]] = []


def handle_signals() -> None:
    """Raise KeyboardInterrupt for either signal; one that whoever started this ignores stays ignored."""
    for number in _CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def ignore_signals() -> None:
    """Let what is left of the process end: the command has, and its exit code is known."""
    for number in _CODES:
        signal.signal(number, signal.SIG_IGN)


def received_signal() -> int | None:
    """Return the exit code of the signal that came last; None where none did.

    Whatever ends a command after one was ended by it: an exception of the handler may arrive as another
    one, e.g. out of a function that pydantic calls.
    """
    return _RECEIVED[-1] if _RECEIVED else None


def forget_signals() -> None:
    """Begin a command anew, in a process that runs several."""
    _RECEIVED.clear()


def _end(number: int, _frame: object) -> NoReturn:
    _RECEIVED.append(_CODES[signal.Signals(number)])
    raise KeyboardInterrupt
