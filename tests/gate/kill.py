"""Ends a command of this process at one of its file calls, as a kill would: nothing is written after it."""

from __future__ import annotations

import functools
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLS: Final = ("fsync", "link", "unlink", "replace")


class KilledError(BaseException):
    """The process is dead: nothing catches this, and no file call passes after it."""


@dataclass(slots=True)
class Kill:
    """Ends a command before one of its file calls."""

    at: int
    passed: int = 0

    @property
    def fired(self) -> bool:
        """Whether the command got so far."""
        return self.passed > self.at

    def wrap(self, call: Callable[..., None]) -> Callable[..., None]:
        """Count a call, and let none pass from the fatal one on."""

        @functools.wraps(call)
        def counted(*arguments: object, **named: object) -> None:
            self.passed += 1
            if self.fired:
                raise KilledError
            call(*arguments, **named)

        return counted


@contextmanager
def killed(kill: Kill) -> Iterator[None]:
    """End what runs inside the `with` statement before the file call that is fatal."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, kill.wrap(getattr(os, name)))
        yield
