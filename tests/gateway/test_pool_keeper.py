"""The last good pool on disk: never backwards, never without a pool once there was one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.gateway.pool_keeper import PoolKeeper
from tests.gateway.conftest import publish, sample

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 6, 1)


def at(version: int, **changes: object) -> dict[str, object]:
    return sample() | {"version": version} | changes


def test_what_is_kept_is_there_after_a_restart_without_the_published_folder(tmp_path: Path) -> None:
    publish(tmp_path / "pools", at(7))
    keeper = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    assert keeper.kept is None
    keeper.keep(keeper.look(today=TODAY))
    (tmp_path / "pools").rename(tmp_path / "gone")

    again = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    assert again.kept is not None
    assert again.kept.version == 7
    with pytest.raises(RefusedError, match="cannot be read"):
        again.look(today=TODAY)
    assert again.refused == 1


def test_an_older_version_is_refused_after_a_restart(tmp_path: Path) -> None:
    publish(tmp_path / "pools", at(7))
    keeper = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    keeper.keep(keeper.look(today=TODAY))
    publish(tmp_path / "pools", at(6))
    with pytest.raises(RefusedError, match="is version 6; this router has gone on to 7"):
        PoolKeeper(tmp_path / "pools", tmp_path / "state").look(today=TODAY)


def test_the_same_version_with_other_bytes_is_refused_after_a_restart(tmp_path: Path) -> None:
    publish(tmp_path / "pools", at(7))
    keeper = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    keeper.keep(keeper.look(today=TODAY))
    publish(tmp_path / "pools", at(7, week="2026-W23"))
    again = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    with pytest.raises(RefusedError, match="a version never changes"):
        again.look(today=TODAY)
    assert again.refused == 1


def test_only_the_newest_copy_stays(tmp_path: Path) -> None:
    keeper = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    for version in (7, 9):
        publish(tmp_path / "pools", at(version))
        keeper.keep(keeper.look(today=TODAY))
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["latest.json", "v0009.json"]


def test_a_damaged_copy_stops_the_start_instead_of_forgetting_the_version(tmp_path: Path) -> None:
    publish(tmp_path / "pools", at(7))
    keeper = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    keeper.keep(keeper.look(today=TODAY))
    (tmp_path / "state" / "v0007.json").write_bytes(b"{}")
    with pytest.raises(RefusedError) as caught:
        PoolKeeper(tmp_path / "pools", tmp_path / "state")
    assert f"rm -r {tmp_path / 'state'}" in caught.value.hint


def test_a_file_that_changes_while_it_is_copied_is_not_kept(tmp_path: Path) -> None:
    publish(tmp_path / "pools", at(7))
    keeper = PoolKeeper(tmp_path / "pools", tmp_path / "state")
    found = keeper.look(today=TODAY)
    publish(tmp_path / "pools", at(7, week="2026-W23"))
    with pytest.raises(RefusedError, match="changed while it was copied"):
        keeper.keep(found)
    assert keeper.kept is None
