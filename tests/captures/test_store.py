"""What was captured is kept once, and read back only as it was."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.captures.store import load_capture, sidecars, store_captures
from pipeline.domain.calendar import Week
from pipeline.domain.ids import LMARENA_TEXT, OPENROUTER
from pipeline.domain.observation import Capture
from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

WEEK = Week("2026-W33")
ONE = Capture(
    source=OPENROUTER,
    url="https://openrouter.ai/api/v1/models",
    fetched_at=datetime(2026, 8, 13, 3, 26, 29, tzinfo=UTC),
    status=200,
    body=b'{"data": []}',
)


def raw_of(base: Path) -> Path:
    return base / "data" / "raw"


def kept(base: Path, *captures: Capture, week: Week = WEEK) -> Path:
    store_captures(captures, week=week, raw=raw_of(base), base=base)
    return raw_of(base)


def listing(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_bytes_and_sidecar_lie_by_source_week_and_digest(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    files = listing(raw)
    stem = f"openrouter/2026-W33/{ONE.sha256}"
    assert sorted(files) == [f"{stem}.gz", f"{stem}.meta.json"]
    assert gzip.decompress(files[f"{stem}.gz"]) == ONE.body
    assert json.loads(files[f"{stem}.meta.json"]) == {
        "source": "openrouter",
        "url": ONE.url,
        "fetched_at": "2026-08-13T03:26:29Z",
        "sha256": ONE.sha256,
        "byte_count": 12,
        "status": 200,
    }


def test_a_capture_reads_back_as_it_was(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    (sidecar,) = sidecars(raw)
    assert sidecar.week == WEEK
    assert load_capture(sidecar, raw=raw, base=tmp_path) == ONE


def test_keeping_twice_changes_no_byte_even_when_fetched_again_later(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    before = listing(raw)
    later = replace(ONE, fetched_at=datetime(2026, 8, 14, tzinfo=UTC))
    kept(tmp_path, ONE, later)
    assert listing(raw) == before


def test_bytes_do_not_depend_on_when_they_are_kept(tmp_path: Path) -> None:
    first, second = kept(tmp_path / "a", ONE), kept(tmp_path / "b", ONE)
    assert listing(first) == listing(second)


def test_sidecars_are_sorted_by_week_source_and_digest(tmp_path: Path) -> None:
    arena = replace(ONE, source=LMARENA_TEXT)
    raw = kept(tmp_path, ONE, arena, replace(ONE, body=b"x"))
    kept(tmp_path, ONE, week=Week("2026-W32"))
    found = [(one.week, one.source, one.sha256) for one in sidecars(raw)]
    assert found == sorted(found)
    assert len(found) == 4
    assert sidecars(tmp_path / "nothing") == ()


@pytest.mark.parametrize("packed", [False, True])
def test_bytes_that_are_not_in_git_are_read_from_the_workspace_file(tmp_path: Path, *, packed: bool) -> None:
    name = "data/sample/2026-08-13-openrouter.json" + (".gz" if packed else "")
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(ONE.body) if packed else ONE.body)
    capture = replace(ONE, url=f"file:{name}")
    raw = kept(tmp_path, capture)
    next(raw.rglob("*.gz")).unlink()
    assert load_capture(sidecars(raw)[0], raw=raw, base=tmp_path) == capture


def test_an_absolute_path_below_the_base_is_remembered_relative_to_it(tmp_path: Path) -> None:
    raw = kept(tmp_path, replace(ONE, url=f"file:{tmp_path.resolve()}/data/x.json"))
    assert sidecars(raw)[0].url == "file:data/x.json"


def test_a_changed_byte_is_refused_and_the_file_named(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    stored = next(raw.rglob("*.gz"))
    for body in (gzip.compress(b"other"), b"not gzip", stored.read_bytes()[:-4], b""):
        stored.write_bytes(body)
        with pytest.raises(RefusedError, match="does not hold what openrouter said") as refused:
            load_capture(sidecars(raw)[0], raw=raw, base=tmp_path)
        assert str(stored) in refused.value.hint


def test_every_flipped_bit_of_stored_bytes_is_noticed(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    stored = next(raw.rglob("*.gz"))
    whole = stored.read_bytes()
    harmless = 0
    for at in range(len(whole) * 8):
        body = bytearray(whole)
        body[at // 8] ^= 1 << at % 8
        stored.write_bytes(bytes(body))
        try:
            assert load_capture(sidecars(raw)[0], raw=raw, base=tmp_path) == ONE
            harmless += 1
        except RefusedError:
            continue
    assert harmless < 8 * 10
    """A few header bits (time, system) carry no content: the capture still reads back exactly."""


def test_a_workspace_file_that_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"changed since")
    raw = kept(tmp_path, replace(ONE, url="file:x.json"))
    next(raw.rglob("*.gz")).unlink()
    with pytest.raises(RefusedError, match=r"x\.json does not hold what openrouter said"):
        load_capture(sidecars(raw)[0], raw=raw, base=tmp_path)


def test_missing_bytes_are_refused_and_the_file_named(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    stored = next(raw.rglob("*.gz"))
    stored.unlink()
    with pytest.raises(RefusedError, match="are gone") as refused:
        load_capture(sidecars(raw)[0], raw=raw, base=tmp_path)
    assert str(stored) in refused.value.hint


def test_damaged_stored_bytes_are_mended_when_the_same_capture_is_kept_again(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    next(raw.rglob("*.gz")).write_bytes(b"damaged")
    kept(tmp_path, ONE)
    assert load_capture(sidecars(raw)[0], raw=raw, base=tmp_path) == ONE


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"source": "openrouter"}', '{"source": 1, "extra": 2}', "\x00", '{"sha256": "x"}'],
)
def test_a_damaged_sidecar_is_refused_and_named(tmp_path: Path, text: str) -> None:
    raw = kept(tmp_path, ONE)
    path = next(raw.rglob("*.meta.json"))
    path.write_text(text)
    with pytest.raises(RefusedError, match="is damaged") as refused:
        sidecars(raw)
    assert path.name in refused.value.hint


def test_a_sidecar_of_another_capture_is_refused(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    path = next(raw.rglob("*.meta.json"))
    path.rename(path.with_name(f"{'0' * 64}.meta.json"))
    with pytest.raises(RefusedError, match="describes another capture"):
        sidecars(raw)


def test_a_sidecar_that_states_another_status_is_refused_and_not_written_over(tmp_path: Path) -> None:
    raw = kept(tmp_path, replace(ONE, status=203))
    before = listing(raw)
    with pytest.raises(RefusedError, match="states another size or status"):
        kept(tmp_path, ONE)
    assert listing(raw) == before


def test_a_sidecar_in_a_folder_that_is_no_week_is_refused(tmp_path: Path) -> None:
    raw = kept(tmp_path, ONE)
    (raw / "openrouter" / "2026-W33").rename(raw / "openrouter" / "2026-W99")
    with pytest.raises(RefusedError, match="is not an ISO week"):
        sidecars(raw)
