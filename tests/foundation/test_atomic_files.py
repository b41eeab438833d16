"""A file of record appears whole or not at all, and is on the disk before anyone is told."""

from __future__ import annotations

import errno
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import atomic_files
from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    Writer = Callable[[Path, bytes], None]

WRITERS = pytest.mark.parametrize("write", [atomic_files.replace_file, atomic_files.create_file])


class Fault:
    """Stands in for a system call: passes some calls on, then fails; counts the failures."""

    def __init__(self, call: Callable[..., object], *, passes: int, code: int) -> None:
        self._call = call
        self._passes = passes
        self._code = code
        self.fired = 0

    def __call__(self, *arguments: object, **named: object) -> object:
        if self._passes:
            self._passes -= 1
            return self._call(*arguments, **named)
        self.fired += 1
        raise OSError(self._code, os.strerror(self._code))


@WRITERS
@given(body=st.binary(max_size=300))
def test_the_content_is_whole_and_nothing_else_is_left(
    write: Writer, body: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("whole")
    write(folder / "new" / "deep" / "file", body)
    assert [path.name for path in (folder / "new" / "deep").iterdir()] == ["file"]
    assert (folder / "new" / "deep" / "file").read_bytes() == body


def test_replace_puts_the_new_content_over_the_old(tmp_path: Path) -> None:
    atomic_files.replace_file(tmp_path / "file", b"old, and longer")
    atomic_files.replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_create_takes_the_same_bytes_again(tmp_path: Path) -> None:
    atomic_files.create_file(tmp_path / "file", b"same")
    atomic_files.create_file(tmp_path / "file", b"same")
    assert (tmp_path / "file").read_bytes() == b"same"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize("other", [b"", b"sam", b"same!", b"Same"])
def test_create_refuses_other_bytes_and_keeps_the_old(tmp_path: Path, other: bytes) -> None:
    atomic_files.create_file(tmp_path / "file", b"same")
    with pytest.raises(RefusedError, match="exists with other content") as caught:
        atomic_files.create_file(tmp_path / "file", other)
    assert caught.value.exit_code == 30
    assert "file" in caught.value.hint
    assert (tmp_path / "file").read_bytes() == b"same"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@WRITERS
def test_a_stray_file_of_a_crash_is_overwritten(tmp_path: Path, write: Writer) -> None:
    (tmp_path / ".file.new").write_bytes(b"half of something much longer")
    write(tmp_path / "file", b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize("before", [b"old", None])
@WRITERS
def test_a_failing_fsync_of_the_file_leaves_the_target_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer, before: bytes | None, code: int
) -> None:
    target = tmp_path / "file"
    if before is not None:
        target.write_bytes(before)
    fault = Fault(os.fsync, passes=0, code=code)
    monkeypatch.setattr(os, "fsync", fault)
    with pytest.raises(OSError, match=os.strerror(code)):
        write(target, b"new")
    assert fault.fired == 1
    assert (target.read_bytes() if target.exists() else None) == before


@pytest.mark.parametrize(
    ("write", "owner", "call"),
    [(atomic_files.create_file, os, "link"), (atomic_files.replace_file, Path, "replace")],
    ids=["create", "replace"],
)
def test_a_failing_rename_leaves_the_target_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer, owner: object, call: str
) -> None:
    target = tmp_path / "file"
    fault = Fault(getattr(owner, call), passes=0, code=errno.EIO)
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, fault)
        with pytest.raises(OSError, match="Input/output error"):
            write(target, b"new")
    assert fault.fired == 1
    assert not target.exists()
    write(target, b"new")
    assert list(tmp_path.iterdir()) == [target]


@WRITERS
def test_a_failing_fsync_of_the_folder_is_told_and_the_next_run_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer
) -> None:
    fault = Fault(os.fsync, passes=1, code=errno.EIO)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fault)
        with pytest.raises(OSError, match="Input/output error"):
            write(tmp_path / "file", b"new")
    assert fault.fired == 1
    write(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_new_folder_is_on_the_disk_before_something_is_put_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(atomic_files, "_sync_folder", synced.append)
    atomic_files.replace_file(tmp_path / "a" / "b" / "file", b"x")
    assert synced == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


@WRITERS
def test_a_link_in_the_place_of_a_temporary_file_is_not_followed(
    tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"theirs")
    monkeypatch.setattr(secrets, "token_hex", lambda _: "0f")
    monkeypatch.setattr(atomic_files, "_remove_leftovers", lambda _: None)
    (tmp_path / f".file.{os.getpid()}-0f.new").symlink_to(theirs)
    with pytest.raises(FileExistsError):
        write(tmp_path / "file", b"ours")
    assert theirs.read_bytes() == b"theirs"
    assert not (tmp_path / "file").exists()


@WRITERS
def test_what_an_ended_process_left_is_removed_and_what_a_living_one_writes_is_not(
    tmp_path: Path, write: Writer
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    assert ended.wait(30) == 0
    left, used = tmp_path / f".file.{ended.pid}-0f.new", tmp_path / f".file.{os.getppid()}-0f.new"
    for path in (left, used):
        path.write_bytes(b"half")
    write(tmp_path / "file", b"whole")
    assert not left.exists()
    assert used.read_bytes() == b"half"
