"""A table in service never goes backwards, and what is no table changes nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.gateway.pool_keeper import WorkloadKeeper
from tests.gateway.conftest import approve_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which a second table was approved."""
    approve_table(tmp_path / "workloads", 1, titles="simple")
    approve_table(tmp_path / "workloads", 2, titles="complex")
    return tmp_path / "workloads"


def number(keeper: WorkloadKeeper) -> int:
    return keeper.table.number if keeper.table else 0


def test_the_newest_is_served_once_and_a_newer_one_takes_its_place(folder: Path) -> None:
    keeper = WorkloadKeeper(folder, folder.parent / "state")
    assert (keeper.look(), number(keeper)) == (True, 2)
    assert keeper.look() is False
    approve_table(folder, 3, titles="simple")
    assert (keeper.look(), number(keeper)) == (True, 3)


def test_where_nobody_approved_one_there_is_none(tmp_path: Path) -> None:
    keeper = WorkloadKeeper(tmp_path / "nowhere", tmp_path / "state")
    assert keeper.look() is False
    keeper.keep()
    assert keeper.table is None
    assert not (tmp_path / "state").exists()


def damage(folder: Path, kind: str) -> None:
    newest = folder / "w0002.json"
    match kind:
        case "garbage":
            (folder / "w0003.json").write_text("garbage")
        case "tampered":
            newest.write_bytes(newest.read_bytes().replace(b"complex", b"simple"))
        case "another under its number":
            approve_table(folder, 2, titles="medium")
        case "older":
            newest.unlink()
        case "gone":
            shutil.rmtree(folder)
        case "no file":
            (folder / "w0003.json").symlink_to("nowhere.json")
        case _:
            raise AssertionError(kind)


COMPLAINTS = {
    "garbage": "w0003.json",
    "tampered": "was approved",
    "another under its number": "a table never changes",
    "older": "older than w0002",
    "gone": "no approved table any more",
    "no file": "cannot be read",
}


@pytest.mark.parametrize("kind", sorted(COMPLAINTS))
def test_what_may_not_be_served_changes_nothing_each_time_and_after_a_restart(
    folder: Path, kind: str
) -> None:
    state = folder.parent / "state"
    keeper = WorkloadKeeper(folder, state)
    keeper.look()
    keeper.keep()
    served = keeper.table
    aside = folder.with_name("aside")
    shutil.copytree(folder, aside)
    damage(folder, kind)
    for again in (keeper, keeper, WorkloadKeeper(folder, state)):
        with pytest.raises(RefusedError, match=COMPLAINTS[kind]):
            again.look()
        assert again.table == served
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
    assert keeper.look() is False
    assert keeper.table == served


def test_a_damaged_copy_is_not_used_and_the_source_is(folder: Path) -> None:
    state = folder.parent / "state"
    keeper = WorkloadKeeper(folder, state)
    keeper.look()
    keeper.keep()
    (state / "workloads" / "w0002.json").write_text("garbage")
    again = WorkloadKeeper(folder, state)
    assert again.table is None
    assert (again.look(), number(again)) == (True, 2)


def test_one_copy_is_kept(folder: Path) -> None:
    keeper = WorkloadKeeper(folder, folder.parent / "state")
    keeper.look()
    keeper.keep()
    approve_table(folder, 3, titles="simple")
    keeper.look()
    keeper.keep()
    assert [file.name for file in (folder.parent / "state" / "workloads").iterdir()] == ["w0003.json"]
