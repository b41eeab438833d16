"""One source, one deadline: a stop watch for everything that a visit does."""

from __future__ import annotations

import time

_SILENCE_SECONDS = 30.0
"""Nothing at all for this long is a failure of its own, even when more time is left."""


class Deadline:
    """A stop watch that runs backwards; it knows nothing of the time of day."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, zero when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def within(self, timeout: float | None, passed: type[Exception]) -> float:
        """Shorten a timeout to what is left.

        Raises:
            Exception: Of the type `passed`, when nothing is left.
        """
        left = self.left()
        if not left:
            raise passed("the deadline has passed")
        return min(left, timeout or _SILENCE_SECONDS)
