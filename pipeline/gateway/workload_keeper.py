"""Follows the approved workload table, and keeps the last good one on disk for a restart.

A gateway works without a table: every workload is `medium` then. So a table that cannot be read is an alarm,
never an outage.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NoReturn

from pipeline.atomic_files import replace_file
from pipeline.errors import RefusedError
from pipeline.router.strict_json import read_bounded
from pipeline.router.workloads import MOST_TABLE_BYTES, read_workloads

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.router.workloads import Workloads

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
        found = self._checked(read_workloads(self._source))
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

    def _checked(self, found: Workloads | None) -> Workloads | None:
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
