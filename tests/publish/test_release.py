"""Only what was approved is published, next to what is in force, once."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.pool import Base
from pipeline.domain.proposal import Verdict
from pipeline.errors import RefusedError
from pipeline.publish.release import MOST_FILE_BYTES, release
from pipeline.publish.versions import file_bytes, pool_digest, version_in_force
from pipeline.router.verify import check_bytes, verify

if TYPE_CHECKING:
    from tests.publish.conftest import Press


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_the_first_and_the_next_version_are_published(press: Press, tmp_path: Path) -> None:
    first = press.pool()
    assert press.publish(first, tmp_path / "data" / "pools") == tmp_path / "data" / "pools" / "v0001.json"
    second = press.pool(first, week="2026-W34")
    written = press.publish(second, tmp_path / "data" / "pools")
    assert written.read_bytes() == file_bytes(second)
    assert set(_files(written.parent)) == {"v0001.json", "v0002.json", "latest.json"}
    latest = version_in_force(written.parent)
    assert latest is not None
    assert (latest.version, latest.pool, latest.sha256, latest.path) == (
        2,
        second,
        pool_digest(second),
        written,
    )
    assert verify(written.parent, today=None).sha256 == pool_digest(second)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"verdict": Verdict.REJECTED}, "decided `rejected`"),
        ({"pool_sha256": "00" * 32}, "approves 000000000000"),
        ({"week": "2026-W32"}, "of 2026-W32, but v0001 is"),
    ],
)
def test_a_decision_that_does_not_approve_these_bytes_publishes_nothing(
    press: Press, tmp_path: Path, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(RefusedError, match=complaint) as caught:
        press.publish(press.pool(), tmp_path, **changes)
    assert caught.value.exit_code == 30
    assert "`modelpool " in caught.value.hint
    assert _files(tmp_path) == {}


def test_an_approval_of_another_pool_is_not_transplanted(press: Press, tmp_path: Path) -> None:
    approved, changed = press.pool(), press.pool(price=299_999)
    with pytest.raises(RefusedError, match=pool_digest(changed)[:12]):
        release(changed, press.decision(approved), tmp_path, check=check_bytes)
    assert _files(tmp_path) == {}


def test_a_pool_on_another_base_is_refused(press: Press, tmp_path: Path) -> None:
    first = press.pool()
    press.publish(first, tmp_path)
    before = _files(tmp_path)
    second = press.pool(first)
    moved = [
        second.model_copy(update={"base": None}),
        second.model_copy(update={"base": Base(version=1, sha256="00" * 32)}),
        second.model_copy(update={"base": Base(version=2, sha256=pool_digest(first))}),
        second.model_copy(update={"version": 3}),
        second.model_copy(update={"version": 1}),
        press.pool(second),
        press.pool(price=1),
    ]
    for stale in moved:
        with pytest.raises(RefusedError, match=r"but v0001 \([0-9a-f]{12}\) is in force") as caught:
            press.publish(stale, tmp_path)
        assert "modelpool run" in caught.value.hint
    assert _files(tmp_path) == before


def test_a_first_pool_that_names_a_base_or_skips_a_number_is_refused(press: Press, tmp_path: Path) -> None:
    for stray in (press.pool(press.pool()), press.pool().model_copy(update={"version": 2})):
        with pytest.raises(RefusedError, match=r"but v0000 \(nothing\) is in force"):
            press.publish(stray, tmp_path)
    assert _files(tmp_path) == {}


def test_a_second_publication_of_the_same_pool_is_refused(press: Press, tmp_path: Path) -> None:
    press.publish(press.pool(), tmp_path)
    before = _files(tmp_path)
    with pytest.raises(RefusedError, match="v0001 is already published"):
        press.publish(press.pool(), tmp_path)
    assert _files(tmp_path) == before


def test_a_number_taken_by_a_publication_that_was_cut_off_is_not_overwritten(
    press: Press, tmp_path: Path
) -> None:
    (tmp_path / "v0001.json").write_bytes(file_bytes(press.pool(price=1)))
    before = _files(tmp_path)
    with pytest.raises(RefusedError, match=r"latest\.json never named it") as caught:
        press.publish(press.pool(), tmp_path)
    assert "v0001.json" in str(caught.value)
    assert "`modelpool verify`" in caught.value.hint
    assert _files(tmp_path) == before


def test_what_the_routers_check_refuses_is_not_published(press: Press, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def refuse(body: bytes) -> None:
        seen.append(body)
        raise RefusedError("a router refuses this", hint="`modelpool run`")

    pool = press.pool()
    with pytest.raises(RefusedError, match="a router refuses this"):
        release(pool, press.decision(pool), tmp_path, check=refuse)
    assert seen == [file_bytes(pool)]
    assert _files(tmp_path) == {}


def test_an_empty_tier_too_many_members_and_too_many_bytes_are_refused(press: Press, tmp_path: Path) -> None:
    pool = press.pool()
    note = "x" * MOST_FILE_BYTES
    limits: dict[str, dict[str, object]] = {
        "tier frugal has 0 members": {"tiers": {"frugal": press.tier(0)}},
        "tier frugal has 3 members; the policy allows 1 to 2": {"tiers": {"frugal": press.tier(3, k=2)}},
        f"more than {MOST_FILE_BYTES}": {"attribution": (note,)},
    }
    for complaint, update in limits.items():
        beyond = pool.model_copy(update=update)
        with pytest.raises(RefusedError, match=complaint) as caught:
            release(beyond, press.decision(beyond), tmp_path, check=lambda _: None)
        assert "tiers.toml" in caught.value.hint
    assert _files(tmp_path) == {}


def test_two_publishers_do_not_write_at_once(press: Press, tmp_path: Path) -> None:
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        with pytest.raises(RefusedError, match="another publication"):
            press.publish(press.pool(), tmp_path)
    finally:
        os.close(other)
    assert _files(tmp_path) == {}
    press.publish(press.pool(), tmp_path)


def test_the_lock_is_given_back_also_by_a_refusal(press: Press, tmp_path: Path) -> None:
    before = sum(1 for _ in Path("/dev/fd").iterdir())
    press.publish(press.pool(), tmp_path)
    with pytest.raises(RefusedError, match="already published"):
        press.publish(press.pool(), tmp_path)
    assert sum(1 for _ in Path("/dev/fd").iterdir()) == before


def test_a_folder_that_cannot_be_made_is_refused_in_words(press: Press, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RefusedError, match="publishing v0001 stopped") as caught:
        press.publish(press.pool(), tmp_path / "file" / "pools")
    assert "modelpool status" in caught.value.hint
