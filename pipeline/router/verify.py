"""Verifies what a router must check before it serves from a published pool, in this order.

Pointer (bounded, canonical, format) - file name - length - SHA-256 - canonical form - format -
version equals the pointer's and is not below the minimum - every field - expiry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pipeline.router import strict_json
from pipeline.router.pool_model import PoolView, read_pool
from pipeline.router.strict_json import parse_canonical, read_bounded, refuse

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

POINTER: Final = "latest.json"
POINTER_FORMAT: Final = 1
"""Format of `latest.json`, which has its own number."""
MOST_POINTER_BYTES: Final = 4096
MOST_POOL_BYTES: Final = 1024 * 1024
"""A pool of three tiers is about 20 KiB; a body beyond this is not read to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPool:
    """A pool that passed every check; nothing in it can be changed."""

    version: int
    file: str
    sha256: str
    """Digest of the `signed` part: what a person approved."""
    file_sha256: str
    expires_on: date
    expired: bool
    """True from `expires_on` on: raise an alarm and keep serving."""
    pool: PoolView
    signed: Mapping[str, object]
    """The `signed` part as published, with the fields this version does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """The content of `latest.json`."""

    version: int
    file: str
    sha256: str
    length: int


def verify(folder: Path, *, minimum_version: int = 0, today: date | None) -> VerifiedPool:
    """Read and verify the pool in force.

    Args:
        folder: Holds `latest.json` and the numbered files.
        minimum_version: Versions below are refused: the highest one this router has served, or
            one pinned by the operator, so that an old folder cannot be played back.
        today: The day to compare with `expires_on`, in UTC; None: `expired` stays False.

    Raises:
        RefusedError: Any check failed; the last good pool should stay in service.
    """
    pointer = _read_pointer(folder / POINTER)
    where = str(folder / pointer.file)
    body = read_bounded(folder / pointer.file, MOST_POOL_BYTES)
    if len(body) != pointer.length:
        refuse(where, f"has {len(body)} bytes; {POINTER} says {pointer.length}")
    found = hashlib.sha256(body).hexdigest()
    if found != pointer.sha256:
        refuse(where, f"has SHA-256 {found[:12]}...; {POINTER} says {pointer.sha256[:12]}...")
    pool, signed = _read_envelope(body, where)
    if pool.version != pointer.version:
        refuse(where, f"holds version {pool.version}; {POINTER} says {pointer.version}")
    if pool.version < minimum_version:
        refuse(where, f"is version {pool.version}; this router has gone on to {minimum_version}")
    return VerifiedPool(
        version=pool.version,
        file=pointer.file,
        sha256=canonical_digest(signed),
        file_sha256=found,
        expires_on=pool.expires_on,
        expired=today is not None and today >= pool.expires_on,
        pool=pool,
        signed=_frozen_object(signed),
    )


def check_bytes(body: bytes) -> None:
    """Check the bytes of a numbered pool file as a router would; for the publisher.

    Raises:
        RefusedError: A router would refuse these bytes.
    """
    if len(body) > MOST_POOL_BYTES:
        refuse("pool file", f"has {len(body)} bytes; routers read at most {MOST_POOL_BYTES}")
    _read_envelope(body, "pool file")


def _read_pointer(path: Path) -> Pointer:
    where = str(path)
    fields = parse_canonical(read_bounded(path, MOST_POINTER_BYTES), where)
    number = strict_json.take_field(fields, "format", strict_json.count, where)
    if number != POINTER_FORMAT:
        refuse(where, f"has format {number}; this router reads {POINTER_FORMAT}")
    version = strict_json.take_field(fields, "version", strict_json.count, where)
    file = strict_json.take_field(fields, "file", strict_json.name, where)
    if version < 1 or file != f"v{version:04}.json":
        refuse(where, f"names {file!r}; version {version} is in v{version:04}.json")
    return Pointer(
        version=version,
        file=file,
        sha256=strict_json.take_field(fields, "sha256", strict_json.digest, where),
        length=strict_json.take_field(fields, "length", strict_json.count, where),
    )


def _read_envelope(body: bytes, where: str) -> tuple[PoolView, Mapping[str, object]]:
    fields = parse_canonical(body, where)
    for index, signature in enumerate(
        strict_json.take_field(fields, "signatures", strict_json.sequence, where)
    ):
        strict_json.mapping(signature, f"{where}.signatures[{index}]")
    signed = strict_json.take_field(fields, "signed", strict_json.mapping, where)
    return read_pool(signed), signed


def canonical_digest(signed: Mapping[str, object]) -> str:
    """Return the digest of an object's canonical bytes: what a person approved."""
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _frozen_object(fields: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType({key: _freeze(item) for key, item in fields.items()})


def _freeze(value: object) -> object:
    if isinstance(value, Mapping):
        return _frozen_object(value)
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
