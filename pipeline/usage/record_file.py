"""Reads answers from the documented JSONL or from LiteLLM's spend logs, and keeps them as files.

A bad line is rejected by number. Files are never changed: `data/usage/<sha256>.jsonl`, one record a line.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass
from decimal import Decimal
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

from pydantic import ValidationError

from pipeline import regular_file
from pipeline.atomic_files import create_file
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.usage import UsageRecord
from pipeline.errors import RefusedError, UsageError
from pipeline.usage.fields import decimal_of, moment_of
from pipeline.usage.spend_log import fields_of_spend_log, is_spend_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pipeline.domain.ids import Sha256


_LONGEST_LINE: Final = 32 * 2**20
"""Characters; a spend log with its prompts stays far below."""
_LARGEST_ARRAY: Final = 256 * 2**20
"""Characters of a JSON array, which is read as a whole."""
_LARGEST_FILE: Final = 4 * 2**30
"""Characters of a file of lines, unpacked."""
_OPTIONAL: Final = (
    "session",
    "tokens_in",
    "tokens_out",
    "usd",
    "outcome",
    "grader",
    "pair",
    "tools",
    "chars",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A line that was not taken, and why."""

    line: int
    reason: str


def read_lines(
    lines: Iterable[str], variants: Mapping[str, str]
) -> Iterator[tuple[int, UsageRecord | RejectedLine]]:
    """Read one answer a line; blank lines are passed over.

    Args:
        lines: JSON objects, one a line.
        variants: Our variant by the deployment id of a spend log, for ids that do not name it themselves.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, _record(line, variants)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "the line"
            silent = first["type"] in {"missing", "extra_forbidden"}  # what is no field may be a prompt
            given = "" if silent else f" (it is {str(first['input'])[:60]!r})"
            yield number, RejectedLine(line=number, reason=f"`{where}`: {first['msg']}{given}")
        except (ValueError, ArithmeticError, RecursionError) as error:
            yield number, RejectedLine(line=number, reason=str(error)[:200] or type(error).__name__)


def lines_of(file: Path) -> Iterator[str]:
    """Read the lines of a file, plain or gzipped; the objects of a JSON array count as lines.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        with (
            regular_file.open_regular(file) as body,
            gzip.open(body, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else TextIOWrapper(body, encoding="utf-8") as text,
        ):
            first = text.readline(_LONGEST_LINE + 1)
            if not first.lstrip().startswith("["):
                yield from _bounded_lines(first, text)
                return
            array = _read_array(first, text)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise UsageError(
            f"{file} cannot be read ({getattr(error, 'strerror', None) or error})",
            hint="Give a file of JSON lines (of 4 GiB at most) or a JSON array (256 MiB), plain or as .gz.",
        ) from None
    yield from map(json.dumps, array if isinstance(array, list) else [])


def _read_array(first: str, text: TextIO) -> object:
    """Read a text that begins as a JSON array, whole.

    Raises:
        ValueError: It is no JSON, or too long.
    """
    whole = first + text.read(_LARGEST_ARRAY)
    if len(whole) > _LARGEST_ARRAY:
        raise ValueError(f"a JSON array of more than {_LARGEST_ARRAY:,} characters")
    found: object = json.loads(whole, parse_constant=_no_number)
    return found


def _bounded_lines(line: str, text: TextIO) -> Iterator[str]:
    """Yield the lines of a text from one that is read already; a line that is too long is cut, and refused.

    Raises:
        ValueError: The text is too long.
    """
    left = _LARGEST_FILE
    while line:
        yield line
        while line and not line.endswith("\n"):  # the rest of one that is too long
            left -= len(line)
            line = text.readline(_LONGEST_LINE + 1) if left > 0 else ""
        left -= len(line)
        if left <= 0:
            raise ValueError(f"more than {_LARGEST_FILE:,} characters")
        line = text.readline(_LONGEST_LINE + 1)


def _record(line: str, variants: Mapping[str, str]) -> UsageRecord:
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"the line has more than {_LONGEST_LINE:,} characters")
    try:
        value: object = json.loads(line, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg}, column {error.colno})") from None
    if not isinstance(value, dict):
        raise ValueError("the line is no JSON object")  # noqa: TRY004 - one error type for a bad line
    fields = fields_of_spend_log(value, variants) if is_spend_log(value) else _convert_fields(value)
    return UsageRecord.model_validate(dict.fromkeys(_OPTIONAL) | fields)


def _convert_fields(value: dict[str, object]) -> dict[str, object]:
    fields = dict(value)
    fields["time"] = moment_of(value.get("time"), naive_is_utc=False)
    if value.get("usd") is not None:
        fields["usd"] = decimal_of(value["usd"])
    if isinstance(value.get("outcome"), bool):
        fields["outcome"] = int(bool(value["outcome"]))
    return fields


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


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
        raise _edited_error(file, f"it cannot be read ({error.strerror})") from None
    if sha256_hex(body) != file.stem:
        raise _edited_error(file, "its content has not the digest in its name")
    try:
        return tuple(UsageRecord.model_validate_json(line) for line in body.splitlines())
    except ValidationError as error:
        raise _edited_error(file, str(error.errors(include_url=False)[0]["msg"])) from None


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


def _edited_error(file: Path, found: str) -> RefusedError:
    return RefusedError(
        f"{file} was changed after it was written: {found}",
        hint="Bring the file back from your backup, or move it away and import its source again.",
    )
