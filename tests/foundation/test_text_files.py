"""What editors and git do to text files: a mark before the first letter is read, CRLF is named."""

from __future__ import annotations

import codecs
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files
from pipeline.domain.ids import OPENROUTER
from pipeline.domain.observation import Capture
from pipeline.errors import RefusedError
from pipeline.sources.parsing.fields import FieldError, end_day
from pipeline.sources.parsing.json_body import read_json
from tests.replica.sessions import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example


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
