"""Reads what is published: the version in force and the chain of those before it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.domain.document import sha256_hex
from pipeline.errors import RefusedError, line_end_note
from pipeline.publish.pool_file import HINT, POINTER, file_name, pool_digest, read_pointer, read_pool_file
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import Sha256
    from pipeline.domain.pool import Pool


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
    return _published(path, body, pointer.version)


def versions(pools: Path) -> tuple[PublishedVersion, ...]:
    """Read all versions up to the one in force, oldest first, each following the one before.

    A numbered file beyond the pointer is not published: its publication was cut off.

    Raises:
        RefusedError: A version is missing, torn, or does not name the one before as its base.
    """
    latest = version_in_force(pools)
    if latest is None:
        return ()
    chain: list[PublishedVersion] = []
    for version in range(1, latest.version):
        path = pools / file_name(version)
        chain.append(_published(path, _bytes_of(path), version))
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
        raise RefusedError(f"{after.path} follows {_said(named)}, not {_said(expected)}", hint=HINT)


def _said(base: tuple[int, str] | None) -> str:
    return f"v{base[0]:04} ({base[1][:12]}...)" if base else "nothing"


def _published(path: Path, body: bytes, version: int) -> PublishedVersion:
    pool = read_pool_file(body, str(path))
    if pool.version != version:
        raise RefusedError(f"{path} holds version {pool.version}", hint=HINT)
    return PublishedVersion(version=version, pool=pool, sha256=pool_digest(pool), path=path)


def _bytes_of(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise RefusedError(f"{path} cannot be read: {error.strerror or error}", hint=HINT) from error
