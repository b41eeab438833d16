"""Remembers of which files a run found that they agree; `status` compares again when one of them changed.

A file counts as unchanged while its size, inode and times of modification and change are the same, as git
decides it for a working tree. A command that writes carries this over what it wrote itself; a run compares
where that is not known, e.g. in a new clone or after an update of the code. `verify` never asks here: it
reads everything. What is kept is sealed (`captures.sealed_cache`); without it `status` compares.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.captures.sealed_cache import SealedCache
from pipeline.domain.document import sha256_hex
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.workspace import Workspace

    FileTimes = tuple[int, int, int, int]
    """Size in bytes, inode, and the times of modification and change in nanoseconds."""

_NAME: Final = "checked-state"
_CODE: Final = Path(__file__).parents[2]
_POINTER: Final = "pools/latest.json"
_SECOND: Final = 10**9
_COARSE: Final = 2 * _SECOND
"""Some file systems keep times in steps of up to two seconds."""
_TRIES: Final = 50
_PAUSE_SECONDS: Final = 0.001


class FileState:
    """Every file that a comparison reads, at one moment."""

    def __init__(self, workspace: Workspace) -> None:
        """List the files of record, the database, the code, and what people write.

        Raises:
            UsageError: The workspace that it takes its crosswalk from cannot be used.
            OSError: A folder cannot be read.
        """
        self._database = workspace.database.name
        files = {"reviews/": workspace.reviews, "pools/": workspace.pools, "raw/": workspace.raw}
        self.files: Mapping[str, FileTimes] = {
            **dict(_files_below(files)),
            **dict(_files_below({"code/": _CODE}, ending=".py")),
            **{
                file.name: _times(file.lstat())
                for file in workspace.database.parent.glob(f"{self._database}*")
            },
        }
        self.people = dict(
            _files_below({"crosswalk/": workspace.crosswalk, "policy/": workspace.policy.parent})
        )

    def digest(self) -> bytes:
        """Return the digest of all names, sizes and times, but for what people write, in ASCII."""
        return _digest(self.files)

    def people_digest(self) -> bytes:
        """Return the digest of names, sizes and times of what people write, in ASCII."""
        return _digest(self.people)

    def is_empty(self) -> bool:
        """Return whether nothing is on record yet, so that nothing can differ."""
        return all(place.startswith("code/") for place in self.files)

    def wait_until_settled(self) -> bool:
        """Wait until whatever changes next is bound to have a later time; False where it never is."""
        found = (*self.files.values(), *self.people.values())
        newest = max((changed for *_, changed in found), default=0)
        step = 0 if newest % _SECOND else _COARSE
        for _ in range(_TRIES):
            if _file_clock() > newest + step:
                return True
            time.sleep(_PAUSE_SECONDS)
        return False

    def follows(self, earlier: FileState) -> bool:
        """Return whether each file is as in an earlier state, but for the pointer and the database."""
        return all(
            self.files.get(place) == times
            for place, times in earlier.files.items()
            if place != _POINTER and not place.startswith(self._database)
        )


@dataclass(frozen=True, slots=True)
class KnownState:
    """What is known of the files in their present state."""

    agrees: bool
    """They were found to agree, and only commands of ours changed one since."""
    is_unedited: bool
    """What people write did not change since, either."""


NOTHING_KNOWN: Final = KnownState(agrees=False, is_unedited=False)


def known_state(workspace: Workspace) -> KnownState:
    """Return what is known of the files in their present state."""
    state = file_state(workspace)
    return NOTHING_KNOWN if state is None else _read_known_state(workspace, state)


@contextmanager
def carried_over(workspace: Workspace) -> Iterator[None]:
    """Carry the known state of the files over a command's own writes, if it ends well."""
    before = file_state(workspace)
    known = before is not None and (before.is_empty() or _read_known_state(workspace, before).agrees)
    yield
    after = file_state(workspace) if known else None
    if before is not None and after is not None and after.follows(before):
        keep(workspace, after)


def keep(workspace: Workspace, state: FileState) -> None:
    """Keep a state that still holds; if the disk refuses, the next comparison does the work."""
    if not workspace.readings.is_dir() or not state.wait_until_settled():
        return
    now = file_state(workspace)
    if now is None or now.files != state.files:
        return
    try:
        SealedCache(workspace.readings).keep(_NAME, state.digest() + state.people_digest())
    except OSError:
        return


def file_state(workspace: Workspace) -> FileState | None:
    """List what a comparison reads; None where a part of it cannot be listed."""
    try:
        return FileState(workspace)
    except (OSError, UsageError):
        return None


def _read_known_state(workspace: Workspace, state: FileState) -> KnownState:
    kept = SealedCache(workspace.readings).read(_NAME) or b""
    own, people = state.digest(), state.people_digest()
    agrees = kept.startswith(own)
    return KnownState(agrees=agrees, is_unedited=agrees and kept == own + people)


def _digest(files: Mapping[str, FileTimes]) -> bytes:
    return sha256_hex(json.dumps(sorted(files.items())).encode()).encode()


def _files_below(folders: Mapping[str, Path], *, ending: str = "") -> Iterator[tuple[str, FileTimes]]:
    """List the files below folders by their place; links are not followed, a missing folder is empty."""
    for prefix, folder in folders.items():
        with os.scandir(folder) if folder.is_dir() else nullcontext(()) as found:
            for one in found:
                if one.is_dir(follow_symlinks=False):
                    yield from _files_below({f"{prefix}{one.name}/": Path(one.path)}, ending=ending)
                elif one.name.endswith(ending):
                    yield f"{prefix}{one.name}", _times(one.stat(follow_symlinks=False))


def _times(found: os.stat_result) -> FileTimes:
    return found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def _file_clock() -> int:
    """Return the time that the system would write to a file that changes now, in nanoseconds."""
    return time.clock_gettime_ns(getattr(time, "CLOCK_REALTIME_COARSE", time.CLOCK_REALTIME))
