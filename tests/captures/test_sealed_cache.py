"""What was worked out from captures is believed only where this machine wrote it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from pipeline.captures.sealed_cache import SealedCache

if TYPE_CHECKING:
    from pathlib import Path

BODY = b'{"value":1400.5}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "readings"
    SealedCache(place).keep("one", BODY)
    return place


def sealed(folder: Path, name: str = "one") -> Path:
    return folder / f"{name}.sealed"


def test_what_was_kept_is_read_again_by_the_next_command(folder: Path) -> None:
    assert SealedCache(folder).read("one") == BODY
    assert SealedCache(folder).read("another") is None
    assert SealedCache(folder / "absent").read("one") is None


@pytest.mark.parametrize("place", [0, 31, 32, -2], ids=["seal", "end of seal", "first byte", "a digit"])
def test_an_edited_file_counts_as_absent(folder: Path, place: int) -> None:
    body = bytearray(sealed(folder).read_bytes())
    body[place] ^= 1
    sealed(folder).write_bytes(bytes(body))
    assert SealedCache(folder).read("one") is None


@pytest.mark.parametrize("size", [0, 5, 32])
def test_a_file_that_was_cut_off_counts_as_absent(folder: Path, size: int) -> None:
    sealed(folder).write_bytes(sealed(folder).read_bytes()[:size])
    assert SealedCache(folder).read("one") is None


def test_a_file_under_another_name_counts_as_absent(folder: Path) -> None:
    sealed(folder, "two").write_bytes(sealed(folder).read_bytes())
    assert SealedCache(folder).read("two") is None


def test_a_file_of_another_machine_counts_as_absent(folder: Path, tmp_path: Path) -> None:
    SealedCache(tmp_path / "elsewhere").keep("one", b'{"value":1.0}')
    sealed(folder).write_bytes(sealed(tmp_path / "elsewhere").read_bytes())
    assert SealedCache(folder).read("one") is None


@pytest.mark.parametrize("mode", [0o640, 0o606, 0o400])
def test_a_key_that_others_may_read_seals_nothing(folder: Path, mode: int) -> None:
    (folder / "key").chmod(mode)
    again = SealedCache(folder)
    assert again.read("one") is None
    again.keep("one", BODY)
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    assert SealedCache(folder).read("one") == BODY


def test_a_link_in_the_place_of_the_key_seals_nothing(folder: Path) -> None:
    (folder / "key").rename(folder / "moved")
    (folder / "key").symlink_to(folder / "moved")
    assert SealedCache(folder).read("one") is None


def test_git_sees_none_of_it(folder: Path) -> None:
    assert (folder / ".gitignore").read_text().splitlines()[-1] == "*"
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600


def test_what_nobody_asked_for_is_deleted(folder: Path) -> None:
    files = SealedCache(folder)
    files.keep("old", BODY)
    later = SealedCache(folder)
    later.read("one")
    later.drop_others()
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "key", "one.sealed"]


def test_a_folder_in_the_place_of_the_key_seals_nothing(folder: Path) -> None:
    SealedCache(folder).keep("name", b"body")
    (folder / "key").unlink()
    (folder / "key").mkdir()
    assert SealedCache(folder).read("name") is None
