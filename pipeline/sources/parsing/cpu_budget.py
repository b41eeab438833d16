"""Limits the processor time of a block of code, however it loops."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


class CpuBudgetError(BaseException):
    """The block has used up its time. No `except Exception` inside it may swallow this."""


@contextmanager
def cpu_budget(seconds: float) -> Iterator[None]:
    """Stop the block when this process has worked so many seconds on it; waiting costs nothing.

    Only the main thread can be stopped; elsewhere the block runs as it is.

    Raises:
        CpuBudgetError: The time is used up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise CpuBudgetError
