"""A router of another user reads what a job with a strict umask wrote."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.example import Example

    Writer = Callable[[Path, bytes], None]


@pytest.fixture(params=[0o077, 0o022, 0o027, 0o000], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    assert os.umask(before) == request.param


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("write", [atomic_files.replace_file, atomic_files.create_file])
def test_a_new_file_and_its_folders_are_readable_whatever_the_umask(
    write: Writer, tmp_path: Path, umask: int
) -> None:
    write(tmp_path / "a" / "b" / "file", b"x")
    assert mode(tmp_path / "a" / "b" / "file") == 0o644
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o755, 0o755]


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664, 0o444])
def test_a_replaced_file_keeps_its_mode(kept: int, tmp_path: Path, umask: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    file.chmod(kept)
    atomic_files.replace_file(file, b"new")
    assert (file.read_bytes(), mode(file)) == (b"new", kept)


def test_a_link_that_is_replaced_lends_its_mode_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "private").write_bytes(b"old")
    (tmp_path / "private").chmod(0o600)
    (tmp_path / "file").symlink_to(tmp_path / "private")
    atomic_files.replace_file(tmp_path / "file", b"new")
    assert (mode(tmp_path / "file"), (tmp_path / "private").read_bytes()) == (0o644, b"old")


def test_a_stray_file_of_a_crash_lends_its_mode_to_nobody(tmp_path: Path) -> None:
    (tmp_path / ".file.new").write_bytes(b"half")
    (tmp_path / ".file.new").chmod(0o600)
    atomic_files.replace_file(tmp_path / "file", b"new")
    assert mode(tmp_path / "file") == 0o644


def test_what_a_strict_umask_publishes_is_readable(example: Example) -> None:
    before = os.umask(0o077)
    try:
        assert example.run().code == 10
        assert example.approve().code == 0
        assert example("publish", "--now", "2026-08-15T13:00:00Z").code == 0
    finally:
        fired = os.umask(before) == 0o077
    pools = example.folder / "data" / "pools"
    assert fired
    assert {path.name: oct(mode(path)) for path in pools.glob("*.json")} == dict.fromkeys(
        ("latest.json", "v0001.json", "v0002.json"), "0o644"
    )
