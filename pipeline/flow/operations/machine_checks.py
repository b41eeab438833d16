"""Checks what a run needs of its machine: variables, keys, clock, disk, rights, and no other writer."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import moment_text, read_moment
from pipeline.domain.observation import CLOCK
from pipeline.errors import RefusedError, UsageError
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_log import read_run_log
from pipeline.flow.run.clock_checks import WrongClockError, refuse_clock_behind
from pipeline.flow.run.fetch import http_config, source_access
from pipeline.settings import unknown_variables
from pipeline.sources.registry import open_sources
from pipeline.workspace_lock import LOCK, current_holder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.flow.operations.health_check import Examination

FEWEST_FREE_BYTES: Final = 300 * 2**20
"""A year of weekly runs writes less than that."""
_LONGEST_COMMAND: Final = timedelta(hours=1)
"""Sources are asked for ten minutes at most, and the rest of a run takes seconds."""


def check_variables(place: Examination) -> str:
    """Check that every variable sets something, and that proxy and certificates can be used."""
    if unknown := unknown_variables():
        raise UsageError(
            f"no setting of modelpool: {', '.join(unknown)}",
            hint="Correct its spelling, or unset it; `modelpool help settings` lists the variables.",
        )
    http_config(place.settings)
    return "every MODELPOOL_ variable is a setting"


def check_keys(place: Examination) -> str:
    """Check that every source that wants a key has one, and that no other user may read a file of keys."""
    for file in _files_of_keys(place):
        _refuse_if_readable(file)
    if other := place.workspace.shared_from("captures"):
        return f"the sources are asked in {other.root}"
    access = source_access(place.settings)
    try:
        for source in open_sources(access).values():
            source.require(access)
    except UsageError as error:
        own = _variables_file(place)
        where = f"The weekly job reads {own}; this shell has not: `set -a; . {own}; set +a`. "
        raise UsageError(str(error), hint=f"{where if own.is_file() else ''}{error.hint}") from None
    return "every source that wants a key has one"


def _variables_file(place: Examination) -> Path:
    return place.workspace.root / "data" / "modelpool.env"


def _files_of_keys(place: Examination) -> Iterator[Path]:
    for file in (place.settings.aa_key_file, _variables_file(place)):
        if file is not None and file.is_file():
            yield file


def _refuse_if_readable(file: Path) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RefusedError(
            f"{file} holds a key and has the mode {mode:04o}", hint=f"`chmod 600 {shlex.quote(str(file))}`"
        )


def check_clock(place: Examination) -> str:
    """Check that the clock is not behind what is on record, and that the last run's servers confirm it."""
    record = RecordFiles(place.workspace)
    refuse_clock_behind(record, place.now)
    log = read_run_log(place.workspace.log)
    if log.last_failed and log.failed[-1].kind == WrongClockError.__name__:
        raise RefusedError(
            f"at {log.failed[-1].at}, {log.failed[-1].error}",
            hint=f"Set the clock (`timedatectl` shows it), then `{place.workspace.command('run')}`.",
        )
    last = record.reviews.runs[-1:]
    contradicted = [
        f"; {finding.message}" for run in last for finding in run.findings if finding.kind == CLOCK
    ]
    return f"{moment_text(place.now)}, after the last run and the pool in force{''.join(contradicted)}"


def check_disk(place: Examination) -> str:
    """Check that there is room for a year of runs."""
    free = shutil.disk_usage(place.workspace.root).free
    if free < FEWEST_FREE_BYTES:
        raise RefusedError(
            f"{free // 2**20} MB are free where {place.workspace.root} lies; a year of runs takes up to "
            f"{FEWEST_FREE_BYTES // 2**20} MB",
            hint=f"`df -h {shlex.quote(str(place.workspace.root))}` shows the disk, `du -sh` what fills it.",
        )
    return f"{free // 2**20} MB are free"


def check_rights(place: Examination) -> str:
    """Check that whoever runs this may write where a run writes."""
    workspace = place.workspace
    data = workspace.root / "data"
    for folder in (data, workspace.raw, workspace.pools, workspace.reviews):
        if folder.exists() and not folder.is_dir():
            raise RefusedError(f"{folder} is no folder", hint=f"`ls -ld {shlex.quote(str(folder))}`")
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            raise RefusedError(
                f"this user may not write into {folder}",
                hint=f"`ls -ld {shlex.quote(str(folder))}` shows whose it is; run the job as that user.",
            )
    return "this user may write into data and reviews"


def check_lock(place: Examination) -> str:
    """Check that no command has been writing for longer than any should."""
    data = place.workspace.root / "data"
    holder = current_holder(data)
    if holder is None:
        return "nobody is writing"
    if holder.since and place.now - read_moment(holder.since) > _LONGEST_COMMAND:
        raise RefusedError(
            f"`modelpool {holder.command}` (process {holder.process}) has been writing since {holder.since}",
            hint=f"`ps -p {holder.process}` shows it; where it hangs, end it: `kill {holder.process}`. "
            "Nothing half-written is left.",
        )
    who = f"`modelpool {holder.command}` is" if holder.command else f"somebody who holds {data / LOCK} is"
    return f"{who} writing now"
