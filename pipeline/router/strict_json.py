"""Parses bytes from a disk or a network as JSON: bounded, canonical, without surprises.

Python's `json` accepts NaN, duplicate keys and any depth. Here one value has one byte string
(RFC 8785 restricted to strings, integers within 2**53, booleans, null, arrays and objects), so
that bytes which parse to the same pool are the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import stat
from reprlib import repr as shortened
from typing import TYPE_CHECKING, NoReturn

from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

HINT = (
    "Keep serving the last good pool. Run `modelpool verify` where the pool is published; if it "
    "passes there, copy data/pools again, else restore the file with `git checkout -- data/pools`."
)

_LARGEST_EXACT_INTEGER = 2**53
_DEEPEST = 16
# Strings are matched whole, also unfinished ones, so that the scan is linear in the body.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.?[^"\\]*)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)
_LONGEST_SHOWN = 80


def refuse(where: str, found: str) -> NoReturn:
    """Raise the refusal of a place in a file.

    Raises:
        RefusedError: Always.
    """
    raise RefusedError(f"{where}: {found}", hint=HINT)


def shown(value: object) -> str:
    """Write a value of unknown size and content for a message: short, no control characters."""
    return shortened(value)[:_LONGEST_SHOWN]


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes; a link is followed, a pipe is not waited for.

    Raises:
        RefusedError: No such file, not a regular file, unreadable or larger.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            body = file.read(limit + 1) if regular else b""
    except (OSError, ValueError) as error:
        refuse(str(path), f"cannot be read ({getattr(error, 'strerror', None) or error})")
    if not regular:
        refuse(str(path), "is not a regular file")
    if len(body) > limit:
        refuse(str(path), f"is larger than {limit} bytes")
    return body


def parse_canonical(body: bytes, where: str) -> dict[str, object]:
    """Parse an object in canonical form followed by one newline.

    Raises:
        RefusedError: Not JSON, too deep, a float, NaN, an integer beyond 2**53, a repeated key,
            or bytes that differ from what the value is written as.
    """
    _bound_depth(body, where)
    try:
        value: object = json.loads(body, parse_float=_no_float, parse_constant=_no_float, parse_int=_exact)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    except ValueError as error:
        refuse(where, f"is not canonical JSON ({str(error)[:120]})")
    if again != body:
        refuse(where, "is not in canonical form: sorted keys, no spaces, no repeated key, one final newline")
    if not isinstance(value, dict):
        refuse(where, f"should be an object, is {shown(value)}")
    return value


def _bound_depth(body: bytes, where: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(body):
        first = match[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > _DEEPEST:
            refuse(where, f"is nested deeper than {_DEEPEST} levels")


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"a float or non-number: {text[:40]}")


def _exact(text: str) -> int:
    if len(text) > len(str(-_LARGEST_EXACT_INTEGER)) or abs(int(text)) > _LARGEST_EXACT_INTEGER:
        raise ValueError(f"an integer beyond 2**53: {text[:40]}")
    return int(text)
