"""Reads and writes the published file, `{"signed": <pool>, "signatures": []}`, and its pointer."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar, cast

from pydantic import JsonValue, TypeAdapter, ValidationError

from pipeline.domain.document import DigestText, Document, canonical_json, sha256_hex
from pipeline.domain.pool import Count, Pool
from pipeline.errors import RefusedError, line_end_note

if TYPE_CHECKING:
    from pipeline.domain.ids import Sha256

POINTER: Final = "latest.json"
HINT: Final = (
    "A published file never changes: compare with `git log -p -- data/pools`, restore it with "
    "`git checkout -- data/pools`, then run the command again."
)

D = TypeVar("D", bound=Document)

_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)

POINTER_FORMAT = 1
"""Number of the form of `latest.json`, which is not that of the pool it names."""


class PoolFile(Document):
    """A numbered pool file, `data/pools/vNNNN.json`."""

    signed: Pool
    signatures: tuple[dict[str, str], ...]
    """Over the canonical bytes of `signed`; empty until a key signs."""


class Pointer(Document):
    """The content of `latest.json`: which version is in force."""

    format: Count
    version: Count
    file: str
    sha256: DigestText
    """Digest of the bytes of `file`."""
    length: Count
    """Bytes of `file`."""


def file_name(version: int) -> str:
    """Name the file of a version, e.g. `v0002.json`."""
    return f"v{version:04}.json"


def pool_digest(pool: Pool) -> Sha256:
    """Return the digest a reviewer approves: SHA-256 of the canonical bytes of the pool."""
    return sha256_hex(canonical_json(_JSON.validate_python(pool.model_dump(mode="json"))))


def file_bytes(pool: Pool) -> bytes:
    """Write the numbered file of a pool."""
    return _line(PoolFile(signed=pool, signatures=()))


def pointer_bytes(version: int, body: bytes) -> bytes:
    """Write the pointer to a numbered file with the content `body`."""
    return _line(
        Pointer(
            format=POINTER_FORMAT,
            version=version,
            file=file_name(version),
            sha256=sha256_hex(body),
            length=len(body),
        )
    )


def read_pool_file(body: bytes, where: str) -> Pool:
    """Read a numbered file back.

    Raises:
        RefusedError: Not a pool file, or not byte for byte what this pool is written as.
    """
    found = _read(PoolFile, body, where)
    if found.signatures:
        raise RefusedError(f"{where} holds signatures, and this program writes none", hint=HINT)
    return found.signed


def read_pointer(body: bytes, where: str) -> Pointer:
    """Read the pointer.

    Raises:
        RefusedError: Not a pointer of this format.
    """
    pointer = _read(Pointer, body, where)
    if pointer.format != POINTER_FORMAT or pointer.file != file_name(pointer.version):
        raise RefusedError(
            f"{where} has format {pointer.format} and points version {pointer.version} at {pointer.file!r}",
            hint=HINT,
        )
    return pointer


def _line(document: Document) -> bytes:
    return canonical_json(_JSON.validate_python(document.model_dump(mode="json"))) + b"\n"


def _read(kind: type[D], body: bytes, where: str) -> D:
    return cast("D", _checked(kind, body, where))


@lru_cache(maxsize=64)
def _checked(kind: type[Document], body: bytes, where: str) -> Document:
    """Read a document and check its form; a command that meets the same bytes again does it once."""
    try:
        document = kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise RefusedError(f"{where} is not a {kind.__name__}: {place}: {first['msg']}", hint=HINT) from None
    try:
        canonical = _line(document) == body
    except ValueError:
        canonical = False
    if not canonical:
        raise RefusedError(f"{where} is not in canonical form{line_end_note(body)}", hint=HINT)
    return document
