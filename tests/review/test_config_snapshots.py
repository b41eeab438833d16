"""What people had written is kept once, by its digest, and read back checked."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.document import sha256_hex
from pipeline.errors import RefusedError
from pipeline.review.proposals import config_snapshots

if TYPE_CHECKING:
    from pathlib import Path

BODY = b"[tiers.frugal]\n"


def test_a_content_is_kept_once_and_recalled(tmp_path: Path) -> None:
    config_snapshots.keep_snapshot(tmp_path, "policy", BODY)
    (file,) = (tmp_path / "used").iterdir()
    before = file.stat()
    config_snapshots.keep_snapshot(tmp_path, "policy", BODY)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert file == config_snapshots.place_of(tmp_path, "policy", sha256_hex(BODY))
    assert config_snapshots.read_snapshot(tmp_path, "policy", sha256_hex(BODY)) == BODY


def test_what_was_never_kept_is_none(tmp_path: Path) -> None:
    assert config_snapshots.read_snapshot(tmp_path, "policy", sha256_hex(BODY)) is None


@pytest.mark.parametrize(
    "packed",
    [b"", b"not gzip", gzip.compress(b"other", mtime=0), gzip.compress(BODY, mtime=0)[:-4]],
    ids=["empty", "no gzip", "other", "cut"],
)
def test_a_damaged_file_is_refused_and_kept_anew_by_the_next_run(tmp_path: Path, packed: bytes) -> None:
    config_snapshots.keep_snapshot(tmp_path, "policy", BODY)
    file = config_snapshots.place_of(tmp_path, "policy", sha256_hex(BODY))
    file.write_bytes(packed)
    with pytest.raises(RefusedError, match="does not hold the policy its name says") as refused:
        config_snapshots.read_snapshot(tmp_path, "policy", sha256_hex(BODY))
    assert "git checkout" in refused.value.hint
    config_snapshots.keep_snapshot(tmp_path, "policy", BODY)
    assert config_snapshots.read_snapshot(tmp_path, "policy", sha256_hex(BODY)) == BODY
