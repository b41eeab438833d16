"""What is in force is what was published, or the shelf says what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.publish.versions import file_bytes, pointer_bytes, version_in_force, versions

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.pool import Pool
    from tests.publish.conftest import Press


@pytest.fixture
def three(press: Press, tmp_path: Path) -> list[Pool]:
    """Three published versions in `tmp_path`."""
    chain: list[Pool] = []
    for week in ("2026-W33", "2026-W34", "2026-W35"):
        chain.append(press.pool(chain[-1] if chain else None, week=week))
        press.publish(chain[-1], tmp_path)
    return chain


def test_nothing_is_in_force_before_the_first_publication(tmp_path: Path) -> None:
    assert version_in_force(tmp_path) is None
    assert version_in_force(tmp_path / "missing") is None
    assert versions(tmp_path) == ()


def test_all_versions_are_listed_oldest_first(three: list[Pool], tmp_path: Path) -> None:
    assert [published.pool for published in versions(tmp_path)] == three
    latest = version_in_force(tmp_path)
    assert latest == versions(tmp_path)[-1]


def test_a_file_beyond_the_pointer_is_not_published(press: Press, three: list[Pool], tmp_path: Path) -> None:
    (tmp_path / "v0004.json").write_bytes(file_bytes(press.pool(three[-1])))
    assert len(versions(tmp_path)) == 3


@pytest.mark.parametrize("name", ["latest.json", "v0003.json"])
@pytest.mark.parametrize("body", [b"", b"{}\n", b"<html>", b"\xff\xfe"])
def test_a_broken_file_is_refused_with_its_path_and_a_way_out(
    three: list[Pool], tmp_path: Path, name: str, body: bytes
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(RefusedError, match=name) as caught:
        version_in_force(tmp_path)
    assert "git checkout -- data/pools" in caught.value.hint


def test_a_missing_file_is_refused(three: list[Pool], tmp_path: Path) -> None:
    (tmp_path / "v0003.json").unlink()
    with pytest.raises(RefusedError, match=r"v0003\.json cannot be read: No such file"):
        version_in_force(tmp_path)


def test_a_pointer_that_is_gone_while_versions_exist_is_refused(three: list[Pool], tmp_path: Path) -> None:
    (tmp_path / "latest.json").unlink()
    with pytest.raises(RefusedError, match=r"latest\.json is missing, but v0002\.json exists"):
        version_in_force(tmp_path)


def test_a_changed_digit_is_refused(three: list[Pool], tmp_path: Path) -> None:
    changed = (tmp_path / "v0003.json").read_bytes().replace(b"300000", b"300001")
    (tmp_path / "v0003.json").write_bytes(changed)
    with pytest.raises(RefusedError, match=r"latest\.json says"):
        version_in_force(tmp_path)


def test_a_pointer_with_another_length_is_refused(three: list[Pool], tmp_path: Path) -> None:
    pointer = (tmp_path / "latest.json").read_bytes()
    longer = re.sub(rb'"length":\d+', b'"length":99999', pointer)
    (tmp_path / "latest.json").write_bytes(longer)
    with pytest.raises(RefusedError, match="says 99999 bytes"):
        version_in_force(tmp_path)


def test_a_pointer_to_another_versions_content_is_refused(three: list[Pool], tmp_path: Path) -> None:
    body = file_bytes(three[0])
    (tmp_path / "v0003.json").write_bytes(body)
    (tmp_path / "latest.json").write_bytes(pointer_bytes(3, body))
    with pytest.raises(RefusedError, match=r"v0003\.json holds version 1"):
        version_in_force(tmp_path)


def test_a_rewritten_or_missing_older_version_breaks_the_chain(
    press: Press, three: list[Pool], tmp_path: Path
) -> None:
    (tmp_path / "v0001.json").write_bytes(file_bytes(press.pool(price=1)))
    with pytest.raises(RefusedError, match=r"v0002\.json follows v0001 \("):
        versions(tmp_path)
    (tmp_path / "v0001.json").unlink()
    with pytest.raises(RefusedError, match=r"v0001\.json cannot be read"):
        versions(tmp_path)


def test_a_first_version_that_names_a_base_breaks_the_chain(press: Press, tmp_path: Path) -> None:
    stray = press.pool(press.pool()).model_copy(update={"version": 1})
    body = file_bytes(stray)
    (tmp_path / "v0001.json").write_bytes(body)
    (tmp_path / "latest.json").write_bytes(pointer_bytes(1, body))
    with pytest.raises(RefusedError, match="not nothing"):
        versions(tmp_path)
