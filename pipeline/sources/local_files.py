"""Reads earlier answers from files in place of a request."""

from __future__ import annotations

import os.path
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.ids import SourceName
from pipeline.domain.observation import Capture
from pipeline.errors import UsageError
from pipeline.regular_file import first_bytes
from pipeline.sources.parsing.json_body import LARGEST_BODY_BYTES
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.sources.spec import Source

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})-")
_PAGE = re.compile(r"-?page\d+of\d+")
_PAIR = re.compile(r"([a-z][a-z0-9-]*)=(.+)", re.DOTALL)
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class _StoredAnswer:
    """A capture file and the day in its name."""

    path: Path
    day: date | None

    @property
    def answer(self) -> tuple[date, str, str]:
        """What the pages of one answer have in common; a later answer sorts later."""
        return (self.day or date.min, _PAGE.sub("", self.path.name), self.path.parent.as_posix())


def read_captures(
    places: Sequence[str | Path], *, now: datetime, base: Path | None = None
) -> Mapping[SourceName, tuple[Capture, ...]]:
    """Read the files that stand for this week's answers.

    Args:
        places: Each is `SOURCE=FILE`, `SOURCE=FOLDER` or a folder. A folder gives every source the newest of
            the files that are its own; a source named by a pair takes nothing from a bare folder.
        now: Files dated later in their name are not looked at.
        base: Files below it are remembered relative to it.

    Returns:
        Captures by source, in the catalogue's order; sources without a file are absent.

    Raises:
        UsageError: An unknown source, a path that does not exist, or a folder without any capture.
    """
    if not places:
        raise UsageError("no capture file or folder is given", hint=_usage_hint())
    named: dict[SourceName, list[_StoredAnswer]] = {}
    found: dict[SourceName, list[_StoredAnswer]] = {}
    for place in places:
        pair = _PAIR.fullmatch(str(place))
        if pair is None:
            found.update(
                {name: files for name, files in _from_folder(Path(place), now).items() if name not in found}
            )
        else:
            source = _source(pair[1])
            named.setdefault(source.name, []).extend(_from_pair(source, Path(pair[2]), now))
    chosen = found | named
    return {
        name: tuple(_capture(name, stored, now, base) for stored in chosen[name])
        for name in SOURCES
        if name in chosen
    }


def _source(name: str) -> Source:
    try:
        return SOURCES[SourceName(name)]
    except KeyError:
        raise UsageError(f"{name!r} is not a source", hint=f"Sources are: {', '.join(SOURCES)}.") from None


def _from_pair(source: Source, path: Path, now: datetime) -> list[_StoredAnswer]:
    if path.is_dir():
        files = _newest(source, _files(path), now)
        if not files:
            raise UsageError(
                f"{path} holds no file of {source.name} dated up to {now.date()}", hint=_usage_hint()
            )
        return files
    if not path.is_file():
        problem = "is no regular file" if os.path.lexists(path) else "does not exist"
        raise UsageError(f"{path} {problem}", hint=_usage_hint())
    return [_StoredAnswer(path=path, day=_day(path))]


def _from_folder(folder: Path, now: datetime) -> dict[SourceName, list[_StoredAnswer]]:
    if not folder.is_dir():
        problem = "is a file; say which source it is of" if folder.exists() else "does not exist"
        raise UsageError(f"{folder} {problem}", hint=_usage_hint())
    files = _files(folder)
    newest = {name: _newest(source, files, now) for name, source in SOURCES.items()}
    chosen = {name: stored for name, stored in newest.items() if stored}
    if not chosen:
        raise UsageError(f"{folder} holds no capture dated up to {now.date()}", hint=_usage_hint())
    return chosen


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _newest(source: Source, files: Sequence[Path], now: datetime) -> list[_StoredAnswer]:
    """Return the newest answer: one file, or all pages of it. An undated file counts as the oldest."""
    own = [
        _StoredAnswer(path=path, day=_day(path))
        for path in files
        if any(path.match(p) for p in source.patterns)
    ]
    past = [stored for stored in own if stored.day is None or stored.day <= now.astimezone(UTC).date()]
    if not past:
        return []
    newest = max(stored.answer for stored in past)
    return [stored for stored in past if stored.answer == newest]


def _day(path: Path) -> date | None:
    match = _DATED.match(path.name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _capture(name: SourceName, stored: _StoredAnswer, now: datetime, base: Path | None) -> Capture:
    """Keep what is there, even nothing: whether it is an answer is for `parse` to say."""
    path = stored.path
    try:
        body, status = first_bytes(path, LARGEST_BODY_BYTES + 1), 200
    except OSError:
        body, status = b"", 0
    if path.suffix == ".gz":
        body = _unpack(body)
    fetched_at = now if stored.day is None else datetime.combine(stored.day, time(), tzinfo=UTC)
    return Capture(
        source=name, url=f"file:{_address(path, base)}", fetched_at=fetched_at, status=status, body=body
    )


def _unpack(body: bytes) -> bytes:
    """Unpack a whole gzip file within bounds; a damaged one is returned as it is."""
    inflate = zlib.decompressobj(_GZIP)
    try:
        text = inflate.decompress(body, LARGEST_BODY_BYTES + 1)
    except zlib.error:
        return body
    return text if inflate.eof or len(text) > LARGEST_BODY_BYTES else body


def _address(path: Path, base: Path | None) -> str:
    if base is not None and path.resolve().is_relative_to(base.resolve()):
        return path.resolve().relative_to(base.resolve()).as_posix()
    return path.as_posix()


def _usage_hint() -> str:
    return f"Give --captures FOLDER or --captures SOURCE=FILE; sources are: {', '.join(SOURCES)}."
