"""Follows the published pool and the approved workload table, and keeps the last good ones on disk."""

from __future__ import annotations

import hashlib
import json
import logging
import shlex
from typing import TYPE_CHECKING, Final, NoReturn

from pipeline.atomic_files import replace_file
from pipeline.errors import RefusedError
from pipeline.router.loader import PoolLoader
from pipeline.router.strict_json import read_bounded
from pipeline.router.verify import MOST_POOL_BYTES, POINTER, POINTER_FORMAT, verify
from pipeline.router.workloads import MOST_TABLE_BYTES, read_workloads

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from pipeline.router.verify import VerifiedPool
    from pipeline.router.workloads import Workloads


class PoolKeeper:
    """Reads one published folder and keeps a copy of what was served."""

    def __init__(self, source: Path, state: Path) -> None:
        """Read the kept copy; the published folder is not read yet.

        Args:
            source: Holds `latest.json` and the numbered files.
            state: Where the copy is kept; made when something is kept.
        """
        self._source = source
        self._state = state
        self._kept = self._read_kept()
        self._loader = PoolLoader(source, minimum_version=self._kept.version if self._kept else 0)
        self._replaced = 0

    @property
    def kept(self) -> VerifiedPool | None:
        """The copy of the pool that was served last."""
        return self._kept

    @property
    def refused(self) -> int:
        """How many looks at the published folder were refused since the start."""
        return self._loader.rejected + self._replaced

    def look(self, *, today: date) -> VerifiedPool:
        """Read the published folder.

        Args:
            today: The day to compare with `expires_on`, in UTC.

        Returns:
            The pool in force there; the same version as before where nothing changed.

        Raises:
            RefusedError: The folder holds nothing that may be served; keep what is served.
        """
        self._loader.refresh(today=today)
        if error := self._loader.last_error:
            raise RefusedError(error, hint="Run `modelpool verify` where the pool is published.")
        found = self._loader.current()
        kept = self._kept
        if kept and found.version == kept.version and found.file_sha256 != kept.file_sha256:
            self._replaced += 1
            raise RefusedError(
                f"v{found.version:04} has other bytes than when it was served; a version never changes",
                hint="Compare with git: `git log -p -- data/pools`; a correction is a new version.",
            )
        return found

    def keep(self, pool: VerifiedPool) -> None:
        """Copy a pool that is served now to the state folder.

        Raises:
            RefusedError: The published file was changed meanwhile.
            OSError: The disk refused; the earlier copy is as it was.
        """
        body = read_bounded(self._source / pool.file, MOST_POOL_BYTES)
        if hashlib.sha256(body).hexdigest() != pool.file_sha256:
            raise RefusedError(f"{pool.file} changed while it was copied", hint="Look at the folder again.")
        self._state.mkdir(parents=True, exist_ok=True)
        replace_file(self._state / pool.file, body)
        pointer = {
            "file": pool.file,
            "format": POINTER_FORMAT,
            "length": len(body),
            "sha256": pool.file_sha256,
            "version": pool.version,
        }
        text = json.dumps(pointer, sort_keys=True, separators=(",", ":"))
        replace_file(self._state / POINTER, text.encode() + b"\n")
        earlier, self._kept = self._kept, pool
        if earlier and earlier.file != pool.file:
            (self._state / earlier.file).unlink(missing_ok=True)

    def _read_kept(self) -> VerifiedPool | None:
        if not (self._state / POINTER).exists():
            return None
        try:
            return verify(self._state, today=None)
        except RefusedError as error:
            raise RefusedError(
                f"the kept pool is damaged: {error}",
                hint=f"`rm -r {shlex.quote(str(self._state))}`; the gateway then does not know "
                "which versions it has served.",
            ) from error


_LOG: Final = logging.getLogger("modelpool.gateway")
_FOLDER: Final = "workloads"


class WorkloadKeeper:
    """Reads one folder of approved tables; what is served never goes backwards."""

    def __init__(self, source: Path, state: Path) -> None:
        """Read the kept copy; the source is not read yet.

        Args:
            source: Holds `wNNNN.json`, as `modelpool usage approve` writes them.
            state: The gateway's folder; the copy is kept below it.
        """
        self._source = source
        self._state = state / _FOLDER
        self._seen: tuple[tuple[str, int, int, int], ...] | None = None
        self.table = self._read_kept()
        """The table that is served; None: every workload is `medium`."""

    def look(self) -> bool:
        """Read the source, where a file of it changed since the last good look.

        Returns:
            Whether another table is served from now on.

        Raises:
            RefusedError: The source holds no table that may be served; what is served stays.
        """
        try:
            seen = self._listing()
        except OSError as error:
            _refuse(f"{self._source} cannot be read ({error.strerror})")
        if seen == self._seen:
            return False
        found = self._check_workloads(read_workloads(self._source))
        self._seen = seen
        if found == self.table:
            return False
        self.table = found
        return True

    def keep(self) -> None:
        """Copy the table that is served to the state folder.

        Raises:
            RefusedError: Its file cannot be read any more.
            OSError: The disk refused; the earlier copy is as it was.
        """
        if self.table is None:
            return
        name = f"w{self.table.number:04}.json"
        body = read_bounded(self._source / name, MOST_TABLE_BYTES)
        self._state.mkdir(parents=True, exist_ok=True)
        replace_file(self._state / name, body)
        for file in self._state.glob("w*.json"):
            if file.name != name:
                file.unlink(missing_ok=True)

    def _check_workloads(self, found: Workloads | None) -> Workloads | None:
        served = self.table
        if served is None:
            return found
        if found is None:
            _refuse(f"{self._source} holds no approved table any more; w{served.number:04} is served")
        if found.number < served.number:
            _refuse(f"w{found.number:04} is older than w{served.number:04}, which is served")
        if found.number == served.number and found != served:
            _refuse(f"w{found.number:04} says other than when it was loaded; a table never changes")
        return found

    def _listing(self) -> tuple[tuple[str, int, int, int], ...]:
        files = sorted(self._source.glob("w*.json"))
        stats = [(file.name, file.stat()) for file in files]
        return tuple((name, found.st_mtime_ns, found.st_size, found.st_ino) for name, found in stats)

    def _read_kept(self) -> Workloads | None:
        try:
            return read_workloads(self._state)
        except RefusedError as error:
            _LOG.warning("the kept workload table is not used: %s", error)
            return None


def _refuse(problem: str) -> NoReturn:
    raise RefusedError(
        problem, hint="Run `modelpool usage table` where tables are approved, and copy data/workloads again."
    )
