"""Reads what is published: the numbered files in canonical form, their pointer, and the chain of versions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar, cast

from pydantic import JsonValue, TypeAdapter, ValidationError

from pipeline.domain.document import DigestText, Document, canonical_json, sha256_hex
from pipeline.domain.pool import Count, Pool
from pipeline.errors import RefusedError, line_end_note
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from pathlib import Path

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
    found = _read_document(PoolFile, body, where)
    if found.signatures:
        raise RefusedError(f"{where} holds signatures, and this program writes none", hint=HINT)
    return found.signed


def read_pointer(body: bytes, where: str) -> Pointer:
    """Read the pointer.

    Raises:
        RefusedError: Not a pointer of this format.
    """
    pointer = _read_document(Pointer, body, where)
    if pointer.format != POINTER_FORMAT or pointer.file != file_name(pointer.version):
        raise RefusedError(
            f"{where} has format {pointer.format} and points version {pointer.version} at {pointer.file!r}",
            hint=HINT,
        )
    return pointer


def _line(document: Document) -> bytes:
    return canonical_json(_JSON.validate_python(document.model_dump(mode="json"))) + b"\n"


def _read_document(kind: type[D], body: bytes, where: str) -> D:
    return cast("D", _check_document(kind, body, where))


@lru_cache(maxsize=64)
def _check_document(kind: type[Document], body: bytes, where: str) -> Document:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """One published version."""

    version: int
    pool: Pool
    sha256: Sha256
    """Digest of the `signed` part: what was approved, and what the next version names as its base."""
    path: Path


def version_in_force(pools: Path) -> PublishedVersion | None:
    """Read the version `latest.json` names; None before the first publication.

    Raises:
        RefusedError: The pointer or the file it names is missing, torn, or not what was published.
    """
    latest = pools / POINTER
    if not os.path.lexists(latest):
        _require_nothing_beyond_the_first(pools)
        return None
    pointer = read_pointer(_bytes_of(latest), str(latest))
    path = pools / pointer.file
    body = _bytes_of(path)
    if len(body) != pointer.length or sha256_hex(body) != pointer.sha256:
        raise RefusedError(
            f"{path} has {len(body)} bytes and SHA-256 {sha256_hex(body)[:12]}...; "
            f"{POINTER} says {pointer.length} bytes and {pointer.sha256[:12]}...{line_end_note(body)}",
            hint=HINT,
        )
    return _published_version(path, body, pointer.version)


def versions(pools: Path) -> tuple[PublishedVersion, ...]:
    """Read all versions up to the one in force, oldest first, each following the one before.

    A numbered file beyond the pointer is not published: its publication was cut off.

    Raises:
        RefusedError: A version is missing, torn, or does not name the one before as its base.
    """
    return earlier_versions(version_in_force(pools), pools)


def earlier_versions(latest: PublishedVersion | None, pools: Path) -> tuple[PublishedVersion, ...]:
    """Read the versions before the one in force, and return them with it as `versions` does.

    Raises:
        RefusedError: A version is missing, torn, or does not name the one before as its base.
    """
    if latest is None:
        return ()
    chain: list[PublishedVersion] = []
    for version in range(1, latest.version):
        path = pools / file_name(version)
        chain.append(_published_version(path, _bytes_of(path), version))
    chain.append(latest)
    _require_link(None, chain[0])
    for before, after in pairwise(chain):
        _require_link(before, after)
    return tuple(chain)


def later_files(pools: Path, version: int) -> tuple[str, ...]:
    """Name the files of versions after one, in order."""
    found: list[str] = []
    while os.path.lexists(pools / file_name(version + len(found) + 1)):
        found.append(file_name(version + len(found) + 1))
    return tuple(found)


def _require_nothing_beyond_the_first(pools: Path) -> None:
    """Without a pointer, v0001 may be a publication that was cut off; a later version cannot."""
    if os.path.lexists(pools / file_name(2)):
        raise RefusedError(f"{pools / POINTER} is missing, but {file_name(2)} exists", hint=HINT)


def _require_link(before: PublishedVersion | None, after: PublishedVersion) -> None:
    base = after.pool.base
    named = (base.version, base.sha256) if base else None
    expected = (before.version, before.sha256) if before else None
    if named != expected:
        raise RefusedError(
            f"{after.path} follows {_base_words(named)}, not {_base_words(expected)}", hint=HINT
        )


def _base_words(base: tuple[int, str] | None) -> str:
    return f"v{base[0]:04} ({base[1][:12]}...)" if base else "nothing"


def _published_version(path: Path, body: bytes, version: int) -> PublishedVersion:
    pool = read_pool_file(body, str(path))
    if pool.version != version:
        raise RefusedError(f"{path} holds version {pool.version}", hint=HINT)
    return PublishedVersion(version=version, pool=pool, sha256=pool_digest(pool), path=path)


def _bytes_of(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}", hint=HINT) from error
