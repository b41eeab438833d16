"""Keeps what was worked out from captures, sealed; a file that this machine did not write counts as absent.

The seal is an HMAC-SHA256 of the name and the content by a key that only the operator's account reads.
Whoever edits a file without the key breaks its seal, and its content is worked out again from the captures.
Nothing is lost with these files: they may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from pathlib import Path

_KEY: Final = "key"
_KEY_BYTES: Final = 32
_SEAL_BYTES: Final = hashlib.sha256().digest_size
_PRIVATE: Final = 0o600
_IGNORED: Final = b"# Worked out from data/raw; holds a key.\n*\n"
_SUFFIX: Final = ".sealed"


class SealedCache:
    """Sealed files in one folder, by name."""

    def __init__(self, folder: Path) -> None:
        """Read the key of the folder, if there is one that only this account reads."""
        self._folder = folder
        self._key = _read_key(folder / _KEY)
        self._asked_for: set[str] = set()

    def read(self, name: str) -> bytes | None:
        """Return what was kept under a name; None where nothing was, or its seal is broken."""
        self._asked_for.add(name)
        if self._key is None:
            return None
        try:
            sealed = read_file(self._folder / f"{name}{_SUFFIX}")
        except OSError:
            return None
        body = sealed[_SEAL_BYTES:]
        return body if hmac.compare_digest(sealed[:_SEAL_BYTES], _seal(self._key, name, body)) else None

    def keep(self, name: str, body: bytes) -> None:
        """Keep something under a name.

        Raises:
            OSError: The disk refused; what was kept before is as it was.
        """
        self._asked_for.add(name)
        if self._key is None:
            self._key = self._new_key()
        sealed = _seal(self._key, name, body) + body
        atomic_files.replace_file(self._folder / f"{name}{_SUFFIX}", sealed, mode=_PRIVATE)

    def drop_others(self) -> None:
        """Delete what was neither read nor kept since the folder was opened.

        Raises:
            OSError: The disk refused; some may be left.
        """
        for file in self._folder.glob(f"*{_SUFFIX}"):
            if file.name.removesuffix(_SUFFIX) not in self._asked_for:
                file.unlink(missing_ok=True)

    def _new_key(self) -> bytes:
        key = secrets.token_bytes(_KEY_BYTES)
        atomic_files.replace_file(self._folder / ".gitignore", _IGNORED)
        atomic_files.replace_file(self._folder / _KEY, key, mode=_PRIVATE)
        return key


def _read_key(file: Path) -> bytes | None:
    """Return the key; None where there is none, or another account may have read or written it."""
    try:
        opened = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    facts = os.fstat(opened)
    if not stat.S_ISREG(facts.st_mode):
        os.close(opened)
        return None
    with os.fdopen(opened, "rb") as key_file:
        key = key_file.read(_KEY_BYTES + 1)
    private = stat.S_IMODE(facts.st_mode) == _PRIVATE and facts.st_uid == os.geteuid()
    return key if private and len(key) == _KEY_BYTES else None


def _seal(key: bytes, name: str, body: bytes) -> bytes:
    return hmac.digest(key, name.encode() + b"\0" + body, "sha256")
