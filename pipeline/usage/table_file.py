"""Keeps workload tables: the one that waits for a person, and those that a named person approved.

`data/workloads/pending.json` is replaced by each fit. `wNNNN.json` is written once; the highest is in force.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import ValidationError

from pipeline.atomic_files import create_file, replace_file
from pipeline.domain.document import Document, canonical_json, sha256_hex
from pipeline.domain.usage import ApprovedTable, WorkloadTable
from pipeline.errors import RefusedError
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import Sha256

PENDING: Final = "pending.json"
CONSENT: Final = 8
"""Characters of the digest that a person types at least."""
_NUMBERED: Final = re.compile(r"w(\d{4,})\.json")

Kind = TypeVar("Kind", bound=Document)


def table_digest(table: WorkloadTable) -> Sha256:
    """Return the digest of a table's canonical bytes: what a person approves."""
    return sha256_hex(canonical_json(table.model_dump(mode="json")))


def write_pending(folder: Path, table: WorkloadTable) -> Path:
    """Put a table before a person; the one that waited until now is replaced."""
    file = folder / PENDING
    replace_file(file, _bytes(table))
    return file


def read_pending(folder: Path) -> WorkloadTable | None:
    """Return the table that waits; None where none does.

    Raises:
        RefusedError: The file is not as it was written.
    """
    file = folder / PENDING
    return _read_table(file, WorkloadTable) if file.exists() else None


def approved_files(folder: Path) -> tuple[Path, ...]:
    """List the approved tables, the one in force last."""
    found = {match[1]: file for file in folder.glob("w*.json") if (match := _NUMBERED.fullmatch(file.name))}
    return tuple(found[number] for number in sorted(found, key=int))


def read_approved(folder: Path) -> ApprovedTable | None:
    """Return the table in force with its approval; None before the first.

    Raises:
        RefusedError: The file is not as it was written, or the chain of approvals is broken.
    """
    files = approved_files(folder)
    if not files:
        return None
    found = _read_table(files[-1], ApprovedTable)
    if table_digest(found.table) != found.table_sha256:
        raise _edited_error(files[-1], "its table has not the digest that was approved")
    before = sha256_hex(read_file(files[-2])) if len(files) > 1 else None
    if found.previous != before:
        raise _edited_error(files[-1], "it does not follow the file before it")
    return found


def check_consent(table: WorkloadTable, typed: str) -> None:
    """Refuse a digest that is not the table's.

    Raises:
        RefusedError: Too short, or another one.
    """
    asked = table_digest(table)
    given = typed.strip().lower()
    if len(given) < CONSENT or not asked.startswith(given):
        raise RefusedError(
            f"you typed {given[:64]!r}; the table that waits is {asked[:CONSENT]}",
            hint="Read it with `modelpool usage table`, then type the first 8 characters of its digest.",
        )


def file_approved(folder: Path, approved: ApprovedTable) -> Path:
    """Put a table in force, once, and clear the waiting one.

    Raises:
        RefusedError: Another table was approved meanwhile.
        OSError: The disk refused; the table before it stays in force.
    """
    number = len(approved_files(folder)) + 1
    file = folder / f"w{number:04}.json"
    create_file(file, _bytes(approved))
    (folder / PENDING).unlink(missing_ok=True)
    return file


def previous_digest(folder: Path) -> Sha256 | None:
    """Return the digest of the bytes of the table in force; None before the first."""
    files = approved_files(folder)
    return sha256_hex(read_file(files[-1])) if files else None


def _bytes(document: Document) -> bytes:
    return canonical_json(document.model_dump(mode="json")) + b"\n"


def _read_table(file: Path, kind: type[Kind]) -> Kind:
    try:
        body = read_file(file)
        found = kind.model_validate_json(body)
    except (OSError, ValidationError) as error:
        raise _edited_error(file, f"it cannot be read ({type(error).__name__})") from None
    if _bytes(found) != body:
        raise _edited_error(file, "it is not in the form it was written in")
    return found


def _edited_error(file: Path, found: str) -> RefusedError:
    return RefusedError(
        f"{file} was changed after it was written: {found}",
        hint=f"Restore it with `git checkout -- {shlex.quote(str(file))}`; `modelpool usage fit` writes a "
        "waiting table anew.",
    )
