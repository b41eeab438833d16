"""Stores captured bytes by digest: `raw/<source>/<week>/<sha256>.gz` beside `<sha256>.meta.json`.

The sidecar is in git, the bytes are not. Bytes that came from a file of the workspace may be read from there.
Which answers a run has stored, until it has filed something, stands in `raw/unfinished.json`; which bytes
were removed as of no more use, and when, in `raw/pruned.json`.
"""

from __future__ import annotations

import gzip
import shlex
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, ValidationError

from pipeline import atomic_files
from pipeline.domain.calendar import Week, read_week
from pipeline.domain.document import DigestText, Document, MomentText, canonical_json, sha256_hex
from pipeline.domain.ids import Sha256, SourceName
from pipeline.domain.observation import Capture
from pipeline.errors import RefusedError, UsageError
from pipeline.regular_file import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_META = ".meta.json"
_FILE = "file:"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_LARGEST_BODY_BYTES = 64 * 2**20
_LEVEL = 6
"""Of gzip: a fifth of the time of 9, for a twentieth more bytes on the captures of all sources."""
_GZIP = 16 + zlib.MAX_WBITS


class _Line(Document):
    """The sidecar as it is written."""

    source: str
    url: str
    fetched_at: MomentText
    sha256: DigestText
    byte_count: Annotated[int, Field(ge=0)]
    status: int
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What is known about a capture without its bytes."""

    source: SourceName
    week: Week
    url: str
    fetched_at: datetime
    sha256: Sha256
    byte_count: int
    status: int
    etag: str | None = None
    last_modified: str | None = None


def store_captures(captures: Sequence[Capture], *, week: Week, raw: Path, base: Path) -> None:
    """Store captures of a week; what is there already stays as it is.

    Args:
        captures: Their bytes are stored as they are.
        week: The week they are used for.
        raw: The folder `data/raw`.
        base: The workspace; a file below it is remembered relative to it.

    Raises:
        RefusedError: A sidecar of that digest exists and does not describe these bytes.
        OSError: The disk refused; nothing is half written.
    """
    for capture in captures:
        digest = capture.sha256
        folder = raw / capture.source / week
        stored = folder / f"{digest}.gz"
        if _digest_of(stored) != digest:
            atomic_files.replace_file(stored, gzip.compress(capture.body, _LEVEL, mtime=0))
        sidecar = folder / f"{digest}{_META}"
        if sidecar.exists():
            _check_same(_read_sidecar(sidecar), capture)
        else:
            atomic_files.create_file(sidecar, _line(capture, digest, base))


def sidecars(raw: Path) -> tuple[Sidecar, ...]:
    """Read all sidecars, by week, source and digest.

    Raises:
        RefusedError: A sidecar is damaged.
    """
    found = [_read_sidecar(path) for path in raw.glob(f"*/*/*{_META}")]
    return tuple(sorted(found, key=lambda sidecar: (sidecar.week, sidecar.source, sidecar.sha256)))


def stored_file(sidecar: Sidecar, *, raw: Path) -> Path:
    """Return where the bytes of a capture are stored, if they are."""
    return raw / sidecar.source / sidecar.week / f"{sidecar.sha256}.gz"


def is_here(sidecar: Sidecar, *, raw: Path, base: Path) -> bool:
    """Return whether `load` would find bytes, in `raw` or in the workspace file they came from."""
    return _place_of(sidecar, raw, base).is_file()


def load_capture(sidecar: Sidecar, *, raw: Path, base: Path) -> Capture:
    """Read a capture back, from `raw` or from the workspace file it came from; its digest is checked.

    Raises:
        RefusedError: The bytes are gone, or are not the ones that were captured.
    """
    path = _place_of(sidecar, raw, base)
    body = _read_unpacked(path)
    if body is None:
        pruned = pruned_at(raw, sidecar)
        what = "are gone" if pruned is None else f"were removed by `modelpool prune` at {pruned}"
        raise RefusedError(
            f"the bytes {sidecar.sha256[:12]} of {sidecar.source} in {sidecar.week} {what}: {sidecar.url}",
            hint=f"Put {path} back from a backup; without it that week cannot be replayed.",
        )
    if sha256_hex(body) != sidecar.sha256:
        raise RefusedError(
            f"{path} does not hold what {sidecar.source} said in {sidecar.week}: its digest is not "
            f"{sidecar.sha256[:12]}",
            hint=f"Put it back from a backup, or drop it: `rm {shlex.quote(str(path))}`; the same bytes "
            "captured again are stored again.",
        )
    return Capture(
        source=sidecar.source,
        url=sidecar.url,
        fetched_at=sidecar.fetched_at,
        status=sidecar.status,
        body=body,
        etag=sidecar.etag,
        last_modified=sidecar.last_modified,
    )


def _place_of(sidecar: Sidecar, raw: Path, base: Path) -> Path:
    stored = stored_file(sidecar, raw=raw)
    origin = base / sidecar.url.removeprefix(_FILE) if sidecar.url.startswith(_FILE) else None
    return stored if stored.exists() or origin is None or not origin.is_file() else origin


def _line(capture: Capture, digest: Sha256, base: Path) -> bytes:
    url = capture.url
    root = f"{_FILE}{base.resolve().as_posix()}/"
    line = _Line(
        source=capture.source,
        url=_FILE + url.removeprefix(root) if url.startswith(root) else url,
        fetched_at=capture.fetched_at.astimezone(UTC).strftime(_MOMENT),
        sha256=digest,
        byte_count=len(capture.body),
        status=capture.status,
        etag=capture.etag,
        last_modified=capture.last_modified,
    )
    return canonical_json(line.model_dump(mode="json", exclude_none=True)) + b"\n"


def _read_sidecar(path: Path) -> Sidecar:
    try:
        line = _Line.model_validate_json(read_file(path))
        week = read_week(path.parent.name)
    except OSError as error:
        raise _damage_error(path, f"it cannot be read ({error.strerror})") from None
    except (ValidationError, UsageError) as error:
        raise _damage_error(path, str(error).splitlines()[0]) from None
    if path.name != f"{line.sha256}{_META}" or path.parent.parent.name != line.source:
        raise _damage_error(path, "it describes another capture than its name says")
    return Sidecar(
        source=SourceName(line.source),
        week=week,
        url=line.url,
        fetched_at=datetime.strptime(line.fetched_at, _MOMENT).replace(tzinfo=UTC),
        sha256=Sha256(line.sha256),
        byte_count=line.byte_count,
        status=line.status,
        etag=line.etag,
        last_modified=line.last_modified,
    )


def _check_same(sidecar: Sidecar, capture: Capture) -> None:
    if (sidecar.byte_count, sidecar.status) != (len(capture.body), capture.status):
        raise RefusedError(
            f"the sidecar {sidecar.sha256[:12]} of {sidecar.source} states another size or status",
            hint=f"Restore {sidecar.sha256}{_META} from git: `git checkout -- data/raw`.",
        )


def _damage_error(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"{path} is damaged: {why}", hint=f"Restore it from git: `git checkout -- {shlex.quote(str(path))}`."
    )


def _digest_of(path: Path) -> Sha256 | None:
    body = _read_unpacked(path)
    return None if body is None else sha256_hex(body)


def _read_unpacked(path: Path) -> bytes | None:
    """Read a file, unpacked when it is a gzip file; None when it is not there. Damage shows in the digest."""
    if not path.is_file():
        return None
    body = read_file(path)
    if path.suffix != ".gz":
        return body
    inflate = zlib.decompressobj(_GZIP)
    try:
        text = inflate.decompress(body, _LARGEST_BODY_BYTES + 1)
    except zlib.error:
        return body
    return text if inflate.eof else body


UNFINISHED: Final = "unfinished.json"


class StoredAnswer(Document):
    """One capture of an answer, as the run recorded it."""

    sha256: DigestText
    url: str
    fetched_at: MomentText


class UnfinishedRun(Document):
    """A run that asks the sources, or was killed before it filed anything."""

    format: Literal[1]
    week: str
    began: MomentText
    answers: dict[str, Annotated[tuple[StoredAnswer, ...], Field(min_length=1)]]
    """By source, the captures of its whole answer in reading order."""


def load_unfinished(raw: Path) -> UnfinishedRun | None:
    """Read it; None where there is none, or it cannot be read: then the sources are asked again."""
    try:
        return UnfinishedRun.model_validate_json(read_file(raw / UNFINISHED))
    except (OSError, ValidationError):
        return None


def store_unfinished(raw: Path, run: UnfinishedRun) -> None:
    """Replace it.

    Raises:
        OSError: The disk refused; it is as it was.
    """
    atomic_files.replace_file(raw / UNFINISHED, canonical_json(run.model_dump(mode="json")) + b"\n")


def drop_unfinished(raw: Path) -> None:
    """Forget it: the run has filed what it came to."""
    (raw / UNFINISHED).unlink(missing_ok=True)


PRUNED: Final = "pruned.json"


class PrunedCaptures(Document):
    """What was removed, and when."""

    format: Literal[1] = 1
    removed: dict[str, MomentText] = Field(default_factory=dict)
    """By `source/week/sha256`."""


def pruned_at(raw: Path, sidecar: Sidecar) -> str | None:
    """Return the moment at which the bytes of a capture were removed; None where they were not."""
    return _load_pruned(raw).removed.get(_pruned_name(sidecar))


def remove_captures(cars: Sequence[Sidecar], *, raw: Path, at: str) -> int:
    """Remove the stored bytes of captures and return how many bytes that freed.

    What is removed is written down first: a command that is cut off has removed less than it says, and
    repeated it removes the rest.

    Args:
        cars: Which.
        raw: The folder `data/raw`.
        at: The moment, as it is written.

    Raises:
        OSError: The disk refused; some may be left.
    """
    found = [(sidecar, file) for sidecar in cars if (file := stored_file(sidecar, raw=raw)).exists()]
    if not found:
        return 0
    removed = {**_load_pruned(raw).removed, **{_pruned_name(sidecar): at for sidecar, _ in found}}
    said = PrunedCaptures(removed=dict(sorted(removed.items())))
    atomic_files.replace_file(raw / PRUNED, canonical_json(said.model_dump(mode="json")) + b"\n")
    freed = 0
    for _, file in found:
        freed += file.stat().st_size
        file.unlink()
    return freed


def _pruned_name(sidecar: Sidecar) -> str:
    return f"{sidecar.source}/{sidecar.week}/{sidecar.sha256}"


def _load_pruned(raw: Path) -> PrunedCaptures:
    """Read it; one that cannot be read counts as empty, since no capture depends on it."""
    try:
        return PrunedCaptures.model_validate_json(read_file(raw / PRUNED))
    except (OSError, ValidationError):
        return PrunedCaptures()
