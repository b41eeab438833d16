"""Keeps imported answers as files that are never changed: `data/usage/<sha256>.jsonl`, one record a line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from pipeline import regular_file
from pipeline.atomic_files import create_file
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.usage import UsageRecord
from pipeline.errors import RefusedError
from pipeline.usage.record_lines import RejectedLine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.domain.ids import Sha256


_TIME: Final = re.compile(rb'"time":"([0-9TZ:-]+)"')
"""A quote inside a name is written with a backslash, so no name looks like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBatch:
    """Lines of one import, by what becomes of them."""

    new: tuple[UsageRecord, ...]
    known: int
    """Lines that say what is on record already."""
    rejected: tuple[RejectedLine, ...]


def read_records(folder: Path) -> tuple[UsageRecord, ...]:
    """Read every record on file, in the order of their keys.

    Raises:
        RefusedError: A file was changed after it was written.
    """
    found: dict[tuple[str, str, str], UsageRecord] = {}
    for file in _files(folder):
        for record in read_file(file):
            found.setdefault(record.key, record)
    return tuple(found[key] for key in sorted(found))


def recent_files(folder: Path, *, since: str, until: str) -> tuple[Path, ...]:
    """Return the files with an answer from one moment in UTC to another, and those that cannot be read.

    Nothing is verified.
    """
    return tuple(file for file in _files(folder) if _is_recent(file, since, until))


def _is_recent(file: Path, since: str, until: str) -> bool:
    try:
        body = regular_file.read_file(file)
    except OSError:  # reading its records says what is wrong
        return True
    return any(since <= found[1].decode() <= until for found in _TIME.finditer(body))


def read_file(file: Path) -> tuple[UsageRecord, ...]:
    """Read one file of record.

    Raises:
        RefusedError: It cannot be read, or was changed after it was written.
    """
    try:
        body = regular_file.read_file(file)
    except OSError as error:
        raise _edited(file, f"it cannot be read ({error.strerror})") from None
    if sha256_hex(body) != file.stem:
        raise _edited(file, "its content has not the digest in its name")
    try:
        return tuple(UsageRecord.model_validate_json(line) for line in body.splitlines())
    except ValidationError as error:
        raise _edited(file, str(error.errors(include_url=False)[0]["msg"])) from None


def records_digest(folder: Path) -> Sha256:
    """Return the digest of the names of all record files: which outcomes a fit has read."""
    return sha256_hex("\n".join(file.name for file in _files(folder)).encode())


def sort_lines(
    lines: Iterable[tuple[int, UsageRecord | RejectedLine]], known: Iterable[UsageRecord]
) -> ImportBatch:
    """Tell new records from known ones; a second, different statement of the same answer is rejected."""
    on_file = {record.key: record for record in known}
    new: list[UsageRecord] = []
    rejected: list[RejectedLine] = []
    again = 0
    for number, found in lines:
        if isinstance(found, RejectedLine):
            rejected.append(found)
        elif found.key not in on_file:
            on_file[found.key] = found
            new.append(found)
        elif on_file[found.key] == found:
            again += 1
        else:
            reason = f"{found.request} by {found.variant} is on record with other content"
            rejected.append(RejectedLine(line=number, reason=reason))
    return ImportBatch(new=tuple(new), known=again, rejected=tuple(rejected))


def keep_records(folder: Path, records: Iterable[UsageRecord]) -> Path | None:
    """Write new records into a file of their own; None where there are none.

    Raises:
        OSError: The disk refused; nothing was written.
    """
    ordered = sorted(records, key=lambda record: record.key)
    if not ordered:
        return None
    body = b"".join(canonical_json(record.model_dump(mode="json")) + b"\n" for record in ordered)
    file = folder / f"{sha256_hex(body)}.jsonl"
    create_file(file, body)
    return file


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl")) if folder.is_dir() else []


def _edited(file: Path, found: str) -> RefusedError:
    return RefusedError(
        f"{file} was changed after it was written: {found}",
        hint="Bring the file back from your backup, or move it away and import its source again.",
    )
