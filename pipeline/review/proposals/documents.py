"""Locates attempts below `reviews/` and reads a document of record back.

One folder per attempt: `2026-W33` for the first, `2026-W33.2` after it. An attempt is filed when its
`proposal.json` or `heartbeat.json` is there; these are written last, so a folder without them is an
unfinished write that the next run overwrites.

An old document may lie packed (gzip) beside where it was written; its digest is that of the unpacked bytes.
"""

from __future__ import annotations

import errno
import functools
import gzip
import re
import shlex
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

from pydantic import ValidationError

from pipeline import atomic_files
from pipeline.domain.document import Document, canonical_json, sha256_hex
from pipeline.domain.escape import escape_text
from pipeline.domain.proposal import Heartbeat, Proposal
from pipeline.errors import RefusedError, line_end_note
from pipeline.regular_file import first_bytes, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import Sha256

PROPOSAL: Final = "proposal.json"
DECISION: Final = "decision.json"
WITHDRAWAL: Final = "withdrawal.json"
ANSWERS: Final = "answers.json"
RETRACTIONS: Final = "retraction-*.json"
"""One for each answer that was taken back."""
HEARTBEAT: Final = "heartbeat.json"

_NAME: Final = re.compile(r"(\d{4}-W\d{2})(?:\.([2-9]|[1-9]\d+))?")
_MADE_AT: Final = re.compile(rb'"as_of":"([^"]*)"')
"""The first of a document is its own: its keys are sorted, and what stands before holds no such text."""

_PACKED: Final = ".gz"
_GZIP: Final = 16 + zlib.MAX_WBITS
_HEAD: Final = 16 * 2**10
"""Bytes of a document before its moment, and more: the names of the anchors."""
_LARGEST: Final = 64 * 2**20
"""Bytes of one document, unpacked; more is not read."""

Kind = TypeVar("Kind", bound=Document)


@dataclass(frozen=True, slots=True, eq=False)
class _ByIdentity:
    """A document that equals only itself, so that its bytes are looked up without comparing it whole."""

    document: Document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.document is self.document

    def __hash__(self) -> int:
        return id(self.document)


def packed_path(file: Path) -> Path:
    """Return where a document lies once it is packed."""
    return file.with_name(f"{file.name}{_PACKED}")


def is_there(path: Path) -> bool:
    """Return whether something is at a place, be it a link that leads nowhere."""
    return path.exists() or path.is_symlink()


def is_filed(file: Path) -> bool:
    """Return whether a document is here, packed or as it was written; it may be unreadable."""
    return is_there(file) or is_there(packed_path(file))


def filed_bytes(file: Path) -> bytes:
    """Return the bytes a document was written as; where both forms are here, the plain one counts.

    Raises:
        OSError: Neither can be read, or what is packed is no whole gzip file.
    """
    try:
        return read_file(file)
    except FileNotFoundError:
        if not is_there(packed_path(file)):
            raise
    inflate = zlib.decompressobj(_GZIP)
    try:
        body = inflate.decompress(read_file(packed_path(file)), _LARGEST)
    except zlib.error:
        body = b""
    if not inflate.eof or inflate.unused_data:
        raise OSError(errno.EIO, "it is no whole gzip file", str(packed_path(file)))
    return body


def _filed_head(file: Path) -> bytes:
    """Return the first bytes a document was written as, without unpacking the rest.

    Raises:
        OSError: It cannot be read.
    """
    is_plain = is_there(file)
    body = first_bytes(file if is_plain else packed_path(file), _HEAD)
    if is_plain:
        return body
    try:
        return zlib.decompressobj(_GZIP).decompress(body, _HEAD)
    except zlib.error:
        return b""


def pack(file: Path) -> int:
    """Pack a document and return how many bytes that freed; 0 where it is packed already.

    Raises:
        OSError: The disk refused; the document is here, in one form or in both.
    """
    if not file.exists():
        return 0
    body = read_file(file)
    small = gzip.compress(body, mtime=0)
    atomic_files.replace_file(packed_path(file), small)
    file.unlink()
    return len(body) - len(small)


def document_bytes(document: Document) -> bytes:
    """Return the bytes a document is filed as: canonical JSON and a line end; documents never change."""
    return _bytes_of(_ByIdentity(document))


@functools.lru_cache(maxsize=4)
def _bytes_of(one: _ByIdentity) -> bytes:
    return canonical_json(one.document.model_dump(mode="json")) + b"\n"


def document_digest(document: Document) -> Sha256:
    """Return the digest of a document's canonical bytes, without the line end of its file."""
    return sha256_hex(canonical_json(document.model_dump(mode="json")))


def folder_name(week: str, attempt: int) -> str:
    """Name an attempt's folder: `2026-W33`, then `2026-W33.2`."""
    return week if attempt == 1 else f"{week}.{attempt}"


def place_of(folder: Path) -> tuple[str, int]:
    """Return the week and attempt a folder's name says; of another name ("", 0)."""
    match = _NAME.fullmatch(folder.name)
    return (match[1], int(match[2] or 1)) if match else ("", 0)


def attempts(reviews: Path) -> tuple[Path, ...]:
    """List the folders of filed attempts, oldest week and attempt first; other names are not ours."""
    if not reviews.is_dir():
        return ()
    ours = [
        each for each in reviews.iterdir() if place_of(each)[1] and (is_proposal(each) or is_heartbeat(each))
    ]
    return tuple(sorted(ours, key=place_of))


def made_at(folder: Path, body: bytes = b"") -> str:
    """Return the moment at which a filed attempt was made, without reading all of it.

    Args:
        folder: The attempt.
        body: The bytes of its document where they were read; else as few are read as say it.

    Raises:
        RefusedError: Its document cannot be read.
    """
    if is_proposal(folder):
        return _made_at(folder / PROPOSAL, Proposal, body)
    return _made_at(folder / HEARTBEAT, Heartbeat, body)


def _made_at(file: Path, kind: type[Proposal | Heartbeat], body: bytes) -> str:
    try:
        found = _MADE_AT.search(body or _filed_head(file)) or _MADE_AT.search(body or filed_bytes(file))
    except OSError as error:
        raise edited_error(file, f"it cannot be read ({error.strerror})") from None
    if found is None:  # reading all of it says what is wrong
        return load_document(file, kind)[0].as_of
    return found[1].decode(errors="replace")


def is_proposal(folder: Path) -> bool:
    """Return whether a folder holds, or once held, a proposal."""
    is_lost = folder.is_symlink() and not folder.exists()
    return is_lost or is_filed(folder / PROPOSAL) or is_there(folder / DECISION)


def is_heartbeat(folder: Path) -> bool:
    """Return whether a folder holds a heartbeat and no proposal."""
    return is_there(folder / HEARTBEAT) and not is_proposal(folder)


def load_document(file: Path, kind: type[Kind]) -> tuple[Kind, Sha256]:
    """Read one document of record and the digest of its bytes.

    Raises:
        RefusedError: The file is missing, not such a document, or not byte for byte as it was written.
    """
    return read_document(file, bytes_of(file), kind)


def read_document(file: Path, body: bytes, kind: type[Kind]) -> tuple[Kind, Sha256]:
    """Read one document of record from the bytes of its file, and their digest.

    Raises:
        RefusedError: They are no such document, or not byte for byte as it was written.
    """
    try:
        document, sha256 = _check_document(body, kind)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise edited_error(file, f"{escape_text(where)}: {escape_text(first['msg'])}") from None
    except ValueError as error:
        raise edited_error(file, escape_text(str(error))) from None
    return cast("Kind", document), sha256


@functools.lru_cache(maxsize=32)
def _check_document(body: bytes, kind: type[Document]) -> tuple[Document, Sha256]:
    """Read a document and check its form; a command that meets the same bytes again does it once.

    Raises:
        ValueError: The bytes are no such document, or not in the form it is written in.
    """
    document = kind.model_validate_json(body)
    if document_bytes(document) != body:
        raise ValueError(f"it is not in the form it was written in{line_end_note(body)}")
    return document, sha256_hex(body)


def bytes_of(file: Path) -> bytes:
    """Return the bytes a document was written as.

    Raises:
        RefusedError: They cannot be read.
    """
    try:
        return filed_bytes(file)
    except OSError as error:
        raise edited_error(file, f"it cannot be read ({error.strerror})") from None


def file_digest(file: Path) -> Sha256:
    """Return the digest of a file of record, without reading what it says.

    Raises:
        RefusedError: It cannot be read.
    """
    return sha256_hex(bytes_of(file))


def edited_error(place_: Path, found: str) -> RefusedError:
    """Say that a file of record is not what was written, and how to get that back."""
    return RefusedError(f"{place_} was changed after it was written: {found}", hint=_restore_hint(place_))


def _restore_hint(place_: Path) -> str:
    """Say how to get a file of record back; the command line turns that for a workspace without git."""
    restores = f"Restore it: `git checkout -- {shlex.quote(str(place_))}`"
    # What follows from a lost link of the chain cannot be made anew.
    is_link = any(place_.match(name) for name in (DECISION, WITHDRAWAL, ANSWERS, RETRACTIONS))
    return f"{restores}." if is_link else f"{restores}, or run the week again for a new attempt."
