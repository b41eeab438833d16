"""The order of system calls that survives a power cut: file to disk, name, folder to disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the disk, in order, with what was complete at that moment."""
    seen: list[str] = []
    fsync, link, replace = os.fsync, os.link, Path.replace

    def record_fsync(descriptor: int) -> None:
        state = os.fstat(descriptor)
        seen.append("fsync folder" if stat.S_ISDIR(state.st_mode) else f"fsync {state.st_size} bytes")
        fsync(descriptor)

    def record_link(source: Path, target: Path) -> None:
        seen.append(f"link {target.name}")
        link(source, target)

    def record_replace(source: Path, target: Path) -> Path:
        seen.append(f"rename {target.name}")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "link", record_link)
    monkeypatch.setattr(Path, "replace", record_replace)
    return seen


@pytest.mark.parametrize(
    ("write", "name"), [(atomic_files.replace_file, "rename"), (atomic_files.create_file, "link")]
)
def test_the_bytes_are_on_disk_before_the_name_and_the_name_before_the_answer(
    tmp_path: Path, calls: list[str], write: Callable[[Path, bytes], None], name: str
) -> None:
    write(tmp_path / "file", b"12345")
    assert calls == ["fsync 5 bytes", f"{name} file", "fsync folder"]


def test_creating_the_same_again_still_waits_for_the_folder(tmp_path: Path, calls: list[str]) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    atomic_files.create_file(tmp_path / "file", b"12345")
    assert calls[-1] == "fsync folder"


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(5):
        atomic_files.replace_file(tmp_path / "file", str(number).encode())
    assert len(list(Path("/proc/self/fd").iterdir())) == before
