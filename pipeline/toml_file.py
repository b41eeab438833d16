"""Reads the TOML files that people write, and finds the line of a key for messages."""

from __future__ import annotations

import math
import re
import shlex
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


KeyPath = tuple[str | int, ...]

_MOST_BYTES: Final = 1_000_000
"""No file that people write is larger."""
_SHIPPED: Final = frozenset(
    {f"data/policy/{name}.toml" for name in ("tiers", "expectations", "lateness", "grid")}
    | {f"data/crosswalk/{name}.csv" for name in ("variants", "judgements", "prices")}
)
"""Files of a workspace that people write and that a new one holds."""
_LARGEST: Final = 10**15
"""No number that people write is larger; sums and products of such stay finite."""
_SYNTAX_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")


def read_toml(path: Path) -> tuple[bytes, str, dict[str, object]]:
    """Read a TOML file that people write: its bytes, its text and its keys.

    Raises:
        UsageError: The file is missing, is not UTF-8 or is not TOML.
    """
    body = _read_bytes(path)
    text = _decode(path, body)
    return body, text, parse_toml(path, text)


def _read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise UsageError(f"{path} is no regular file", hint=f"Name a TOML file in place of {path}.")
        with path.open("rb") as file:
            body = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist", hint=missing_file_hint(path)) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint=f"Make {path} a readable file."
        ) from None
    if len(body) > _MOST_BYTES:
        raise UsageError(
            f"{path} is larger than {_MOST_BYTES:,} bytes", hint="Name a TOML file that people write."
        )
    return body


def missing_file_hint(path: Path) -> str:
    """Say how a file that people write comes back: from git or a backup, else as a new workspace has it."""
    relative = path.parts[-3:]
    if "/".join(relative) not in _SHIPPED:
        return "Name a file that exists; `modelpool init NEW` makes a workspace with one of each kind."
    kept, shipped = (shlex.quote(str(place)) for place in (path, Path("NEW", *relative)))
    return (
        f"Restore it: `git checkout -- {kept}`. To begin again with the shipped one: `modelpool init NEW`, "
        f"then `cp {shipped} {kept}`."
    )


def _decode(path: Path, body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise broken_at(path, line, f"byte 0x{body[error.start]:02x} is not UTF-8", "a UTF-8 text") from None


def parse_toml(path: Path, text: str) -> dict[str, object]:
    """Read the keys of a text; the path stands in the message.

    Raises:
        UsageError: It is not TOML, or a number in it is beyond reason.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _SYNTAX_PLACE.search(str(error))
        line = text.count("\n") + 1 if place is None else int(place[1])
        message = _SYNTAX_PLACE.sub(r" (column \2)", str(error))
        raise broken_at(path, line, message, "TOML, see https://toml.io") from None
    except (ValueError, RecursionError) as error:
        raise broken_at(path, None, f"{error}", "TOML with numbers and nesting of a usual size") from None
    for key, number in _numbers(found):
        if _LARGEST < abs(number) != math.inf:
            size = f"{dotted_key(key)} is {str(number)[:30]}"
            raise broken_at(path, line_of(text, key), size, f"no number beyond {_LARGEST:.0e}")
    return found


def _numbers(found: object) -> Iterator[tuple[KeyPath, int | float]]:
    """Find every number below a value, at any depth."""
    left: list[tuple[KeyPath, object]] = [((), found)]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            left.extend(((*path, key), one) for key, one in value.items())
        elif isinstance(value, list):
            left.extend(((*path, at), one) for at, one in enumerate(value))
        elif isinstance(value, int | float):
            yield path, value


def broken_at(path: Path, line: int | None, found: str, expected: str) -> UsageError:
    """Say where a file that people write is not of the form, and what was expected there."""
    place = f"{path}" if line is None else f"{path}:{line}"
    return UsageError(
        f"{place}: {found}; expected {expected}",
        hint=f"Correct {place}, then run the command again.",
    )


def line_of(text: str, path: KeyPath) -> int | None:
    """Return the line of a key, else of the first key below it, else of the nearest table above it.

    Counted from 1; None when not even the first part of the path is found.
    """
    best: tuple[int, int] | None = None
    for line, found in _keys(text):
        common = _common_length(found, path)
        whole = common in {len(found), len(path)}
        if whole and common > (0 if best is None else best[0]):
            best = (common, line)
    return None if best is None else best[1]


def own_line(text: str, path: KeyPath) -> int | None:
    """Return the line of exactly this key or table header, counted from 1; None where there is none."""
    return next((line for line, found in _keys(text) if found == path), None)


def dotted_key(path: KeyPath) -> str:
    """Write a path as people do: `task_mix[1].share`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _keys(text: str) -> Iterator[tuple[int, KeyPath]]:
    table: KeyPath = ()
    seen: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if key is not None:
            yield number, (*table, *_parts(key[1]))
        elif header is not None:
            table = _parts(header[2])
            if header[1] == "[[":
                table = (*table, seen[header[2]])
                seen[header[2]] += 1
            yield number, table


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(name))


def _common_length(found: KeyPath, path: KeyPath) -> int:
    count = 0
    for left, right in zip(found, path, strict=False):
        if left != right:
            break
        count += 1
    return count
