"""Turns SIGINT and SIGTERM into exceptions, and remembers which came: a library may swallow the exception."""

from __future__ import annotations

import signal
from typing import Final, NoReturn

INTERRUPTED: Final = 130
TERMINATED: Final = 143
_CODES: Final = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
_RECEIVED: Final[list[int]] = []


class TerminatedError(KeyboardInterrupt):
    """The process was asked to end; what Control-C undoes is undone here too."""


def handle_signals() -> None:
    """Raise an exception for either signal from now on; one that the caller ignores stays ignored."""
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
    raise TerminatedError if number == signal.SIGTERM else KeyboardInterrupt
