"""What editors and git do to text files: a mark before the first letter is read, CRLF is named."""

from __future__ import annotations

import codecs
import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files
from pipeline.domain.ids import OPENROUTER
from pipeline.domain.observation import Capture
from pipeline.errors import RefusedError
from pipeline.sources.parsing.fields import FieldError, end_day
from pipeline.sources.parsing.json_body import read_json
from tests.example import Example
from tests.replica.sessions import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("name", ["policy/tiers.toml", "policy/expectations.toml", "crosswalk/variants.csv"])
def test_a_byte_order_mark_is_read(example: Example, name: str) -> None:
    file = example.folder / "data" / name
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    assert example.run().code == 10


def test_a_byte_order_mark_before_json_is_read() -> None:
    body = codecs.BOM_UTF8 + b'{"a": 1}'
    assert read_json(Capture(source=OPENROUTER, url="file:x", fetched_at=NOW, status=200, body=body)) == {
        "a": 1
    }


@pytest.mark.parametrize("name", ["latest.json", "v0001.json"])
def test_crlf_in_a_published_file_is_named(example: Example, name: str) -> None:
    file = example.folder / "data/pools" / name
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    said = example("status")
    assert said.code == 30
    assert "CRLF" in said.err
    assert "core.autocrlf" in said.err


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_clone_with_core_autocrlf_has_the_same_record(
    ran: Example, tmp_path: Path, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    """As on Windows; `init` writes the attributes that keep git from it."""
    assert Example(tmp_path / "new").start().code == 0
    for name in (".gitattributes", "data/.gitignore"):
        shutil.copy2(tmp_path / "new" / name, ran.folder / name)
    (ran.folder / "notes.txt").write_bytes(b"one\ntwo\n")
    assert ran.approve().code == 0
    clone = tmp_path / "clone"
    person = ("-c", "user.name=R. Viewer", "-c", "user.email=reviewer@example.test")
    for words in (
        ("init", "--quiet", str(ran.folder)),
        ("-C", str(ran.folder), "add", "--all"),
        ("-C", str(ran.folder), *person, "commit", "--quiet", "--message", "The record"),
        ("clone", "--quiet", "--config", "core.autocrlf=true", str(ran.folder), str(clone)),
    ):
        subprocess.run(["git", *words], check=True, capture_output=True)  # noqa: S607 - found above
    assert (clone / "notes.txt").read_bytes() == b"one\r\ntwo\r\n", "the fault fires"
    for part in ("data", "reviews"):
        cloned, ours = files_below(clone / part), files_below(ran.folder / part)
        cloned.pop(".gitignore", None)  # git's own: it reads either form
        assert cloned.items() <= ours.items()
        assert {name for name in ours if name.endswith((".json", ".toml", ".csv", ".md"))} <= cloned.keys()
    there = Example(clone)
    assert there("publish").code == 0
    assert there("verify", "--now", "2026-08-15T14:00:00Z").code == 0


def test_crlf_in_a_file_that_is_never_written_again_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"{}\r\n")
    with pytest.raises(RefusedError, match=r"core\.autocrlf"):
        atomic_files.create_file(tmp_path / "file", b"{}\n")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("2059-12-31", date(2059, 12, 31)),
        ("2098-12-31", None),
        ("9999-12-31", None),
        (None, None),
    ],
)
def test_a_day_that_nobody_plans_for_is_no_end(value: str | None, day: date | None) -> None:
    assert end_day({"expiration_date": value}, "expiration_date") == day
    assert end_day({}, "expiration_date") is None


def test_a_day_that_does_not_exist_is_odd() -> None:
    with pytest.raises(FieldError):
        end_day({"expiration_date": "2026-02-30"}, "expiration_date")
