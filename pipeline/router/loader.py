"""Validates a publication, swaps it in, and keeps the last good pool: a bad one is never an outage."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from pipeline.errors import RefusedError
from pipeline.router.pick import MEDIUM, Pick, pick
from pipeline.router.verify import POINTER, VerifiedPool, verify

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


class PoolLoader:
    """Serves one verified pool from a folder; safe to share between threads.

    Nothing is written: a router that wants to survive its own restart without going backwards
    keeps `version` somewhere durable and hands it in as `minimum_version`.
    """

    def __init__(self, folder: Path, *, minimum_version: int = 0) -> None:
        """Remember the folder; nothing is read before the first `refresh`.

        Args:
            folder: Holds `latest.json` and the numbered files.
            minimum_version: Versions below are never served.
        """
        self._folder = folder
        self._minimum = minimum_version
        self._pool: VerifiedPool | None = None
        self._rejected = 0
        self._last_error: str | None = None
        self._one_at_a_time = Lock()

    def refresh(self, *, today: date | None = None) -> bool:
        """Look at the folder; take over what verifies and is not older than what is served.

        Args:
            today: The day to compare with `expires_on`, in UTC.

        Returns:
            True when another version is served from now on. False when nothing changed, and when
            the folder was refused: then `rejected` went up and `last_error` says why.
        """
        with self._one_at_a_time:
            try:
                found = self._verify_now(today)
            except RefusedError as error:
                self._rejected += 1
                self._last_error = str(error)
                return False
            risen = self._pool is None or found.version > self._pool.version
            self._pool = found
            self._last_error = None
            return risen

    def current(self) -> VerifiedPool:
        """Return the pool to serve from; one snapshot, whatever is published meanwhile.

        Raises:
            RefusedError: No pool has ever been accepted.
        """
        pool = self._pool
        if pool is None:
            raise RefusedError(
                f"no pool has been loaded from {self._folder} ({self._last_error or 'not refreshed yet'})",
                hint=f"Publish one with `modelpool publish`, or copy {POINTER} and the file it names there.",
            )
        return pool

    def pick(self, tier: str, band: str = MEDIUM) -> Pick:
        """Order a tier's members for one request, from one snapshot of the pool in force.

        Raises:
            RefusedError: No pool has ever been accepted, or it has no such tier, or there is no such band.
        """
        return pick(self.current(), tier, band)

    @property
    def version(self) -> int:
        """The version served; 0 before the first."""
        return self._pool.version if self._pool else 0

    @property
    def rejected(self) -> int:
        """How many refreshes were refused since the start; alarm when it rises."""
        return self._rejected

    @property
    def last_error(self) -> str | None:
        """Why the last refresh was refused; None after a good one."""
        return self._last_error

    def _verify_now(self, today: date | None) -> VerifiedPool:
        served = self._pool
        lowest = max(self._minimum, served.version if served else 0)
        found = verify(self._folder, minimum_version=lowest, today=today)
        if served and found.version == served.version and found.file_sha256 != served.file_sha256:
            raise RefusedError(
                f"v{found.version:04} has other bytes than when it was loaded; a version never changes",
                hint="Compare with git: `git log -p -- data/pools`; a correction is a new version.",
            )
        return found
