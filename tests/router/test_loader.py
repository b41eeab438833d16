"""The loader serves the last good pool, whatever happens to the folder."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.router.loader import PoolLoader

if TYPE_CHECKING:
    from pathlib import Path

    from tests.router.conftest import Shelf


def _publish(shelf: Shelf, folder: Path, version: int) -> None:
    shelf.publish(folder, shelf.body(shelf.signed(version)), version=version)


def test_a_new_version_is_taken_over_once(folder: Path, shelf: Shelf) -> None:
    loader = PoolLoader(folder)
    assert loader.version == 0
    assert loader.refresh()
    assert not loader.refresh()
    _publish(shelf, folder, 3)
    assert loader.current().version == 2, "nothing is taken over before a refresh"
    assert loader.refresh()
    assert (loader.version, loader.current().version, loader.rejected) == (3, 3, 0)


def test_before_the_first_good_pool_current_says_why_there_is_none(tmp_path: Path) -> None:
    loader = PoolLoader(tmp_path)
    with pytest.raises(RefusedError, match="not refreshed yet"):
        loader.current()
    assert not loader.refresh()
    with pytest.raises(RefusedError, match=r"no pool has been loaded .*cannot be read") as caught:
        loader.current()
    assert "modelpool publish" in caught.value.hint


FAULTS = {
    "pointer gone": ("latest.json", None),
    "pointer empty": ("latest.json", b""),
    "pointer is a page": ("latest.json", b"<html>"),
    "pool gone": ("v0003.json", None),
    "pool cut": ("v0003.json", b'{"signed":'),
    "pool huge": ("v0003.json", b" " * 2_000_000),
}


@pytest.mark.parametrize(("name", "body"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_keeps_the_last_good_pool_and_is_counted(
    folder: Path, shelf: Shelf, name: str, body: bytes | None
) -> None:
    loader = PoolLoader(folder)
    loader.refresh()
    _publish(shelf, folder, 3)
    if body is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(body)
    assert not loader.refresh()
    assert (loader.current().version, loader.rejected) == (2, 1)
    assert loader.last_error is not None
    assert name in loader.last_error
    _publish(shelf, folder, 3)
    assert loader.refresh()
    assert (loader.current().version, loader.rejected, str(loader.last_error)) == (3, 1, "None")


def test_an_older_version_is_never_loaded_back(folder: Path, shelf: Shelf) -> None:
    loader = PoolLoader(folder)
    loader.refresh()
    _publish(shelf, folder, 1)
    assert not loader.refresh()
    assert (loader.version, loader.rejected) == (2, 1)


def test_a_fresh_loader_with_a_minimum_refuses_an_old_folder(folder: Path) -> None:
    loader = PoolLoader(folder, minimum_version=3)
    assert not loader.refresh()
    assert loader.last_error is not None
    assert "has gone on to 3" in loader.last_error


def test_a_version_that_changed_its_bytes_is_refused(folder: Path, shelf: Shelf) -> None:
    loader = PoolLoader(folder)
    loader.refresh()
    changed = shelf.signed()
    changed["week"] = "2026-W34"
    shelf.publish(folder, shelf.body(changed))
    assert not loader.refresh()
    assert loader.current().pool.week == "2026-W33"
    assert loader.last_error is not None
    assert "a version never changes" in loader.last_error


def test_an_expired_pool_is_still_served_with_its_alarm(folder: Path) -> None:
    loader = PoolLoader(folder)
    loader.refresh(today=date(2026, 9, 1))
    assert not loader.current().expired
    assert not loader.refresh(today=date(2026, 10, 1)), "the version is the same"
    assert loader.current().expired


@settings(max_examples=60)
@given(history=st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_whatever_is_copied_into_the_folder_the_version_never_falls(
    tmp_path_factory: pytest.TempPathFactory, shelf: Shelf, history: list[int]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "histories"
    loader = PoolLoader(folder)
    highest = 0
    for version in history:
        _publish(shelf, folder, version)
        assert loader.refresh() == (version > highest)
        highest = max(highest, version)
        assert loader.version == highest


def test_readers_in_other_threads_always_see_one_whole_pool(folder: Path, shelf: Shelf) -> None:
    loader = PoolLoader(folder)
    loader.refresh()
    torn: list[int] = []
    done = threading.Event()

    def read() -> None:
        last = 0
        while not done.is_set():
            pool = loader.current()
            if pool.version != pool.pool.version or pool.version < last:
                torn.append(pool.version)
            last = pool.version
            time.sleep(0)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in range(3, 13):
        _publish(shelf, folder, version)
        loader.refresh()
    done.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert loader.version == 12
