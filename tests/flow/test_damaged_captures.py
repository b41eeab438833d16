"""A stored capture in which a bit was flipped counts as missing, is named, and stops no later week."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from tests.example import Example

if TYPE_CHECKING:
    from pathlib import Path

THIRD: Final = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z", "--json")
SOURCES: Final = ("lmarena-text", "artificial-analysis", "openrouter")


@pytest.fixture
def published(_after_the_run: Path, tmp_path: Path) -> Example:
    shutil.copytree(_after_the_run, tmp_path / "workspace")
    return Example(tmp_path / "workspace")


def _flip(example: Example, source: str) -> Path:
    """Flip one bit in the middle of what a source said in the second week."""
    file = next((example.folder / "data/raw" / source / "2026-W33").glob("*.gz"))
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)
    return file


@pytest.mark.parametrize("source", SOURCES)
def test_a_flipped_bit_is_named_and_the_next_week_goes_on(published: Example, source: str) -> None:
    file = _flip(published, source)
    given = next((published.folder / "data/sample/2026-W33").glob("*lmarena-webdev.json"))
    answer = published("run", "--captures", f"lmarena-webdev={given}", *THIRD)
    assert answer.code in {0, 10, 20}, answer.out
    findings = json.loads(answer.out)["findings"]
    (named,) = (one for one in findings if one["kind"] == "damaged-capture")
    assert (named["subject"], named["severity"]) == (source, "warn")
    assert str(file) in named["message"]
    assert f"rm {file}" in named["message"]


def test_rebuild_goes_on_names_it_and_is_whole_again_after_the_same_capture(published: Example) -> None:
    file = _flip(published, "openrouter")
    rebuilt = published("rebuild", "--json")
    assert rebuilt.code == 0, rebuilt.err
    assert rebuilt.json["without_bytes"] == ["2026-W33.1"]
    damaged = rebuilt.json["damaged"]
    assert isinstance(damaged, list)
    assert [str(file) in said for said in damaged] == [True]
    replayed = published("replay", "2026-W33")
    assert (replayed.code, str(file) in replayed.out + replayed.err) == (30, True)
    file.unlink()
    dropped = published("rebuild", "--json").json
    assert (dropped["without_bytes"], dropped["damaged"]) == ([], []), "the file it came from is still there"
    assert published.run().code in {0, 10}
    assert file.exists()
