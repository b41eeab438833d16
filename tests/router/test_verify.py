"""A router accepts exactly what was published, and refuses everything else without a crash."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.router.verify import MOST_POOL_BYTES, check_bytes, verify

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from tests.router.conftest import Shelf

FLIPS = 2000


def test_a_good_publication_is_accepted(folder: Path, shelf: Shelf) -> None:
    pool = verify(folder, today=date(2026, 8, 20))
    assert (pool.version, pool.file, pool.expired) == (2, "v0002.json", False)
    assert pool.signed["week"] == "2026-W33"
    assert list(pool.pool.tiers) == ["balanced", "frugal", "premium"]
    check_bytes((folder / "v0002.json").read_bytes())


def test_the_digest_is_the_one_of_the_signed_part(folder: Path, shelf: Shelf) -> None:
    signed = shelf.canonical(shelf.signed()).removesuffix(b"\n")
    assert verify(folder, today=None).sha256 == hashlib.sha256(signed).hexdigest()


def test_a_verified_pool_cannot_be_changed(folder: Path) -> None:
    pool = verify(folder, today=None)
    with pytest.raises(TypeError):
        pool.signed["week"] = "2026-W34"  # type: ignore[index]  # the point of the test
    tiers = pool.signed["tiers"]
    with pytest.raises(TypeError):
        tiers["frugal"] = {}  # type: ignore[index]  # the point of the test


def test_a_pool_raises_an_alarm_from_its_last_day_on_and_stays_valid(folder: Path) -> None:
    assert not verify(folder, today=date(2026, 9, 11)).expired
    assert verify(folder, today=date(2026, 9, 12)).expired
    assert verify(folder, today=date(2031, 1, 1)).expired
    assert not verify(folder, today=None).expired


def test_a_version_below_the_minimum_is_refused(folder: Path) -> None:
    assert verify(folder, minimum_version=2, today=None).version == 2
    with pytest.raises(RefusedError, match="is version 2; this router has gone on to 3"):
        verify(folder, minimum_version=3, today=None)


BAD_POINTERS: dict[str, tuple[dict[str, JsonValue], str]] = {
    "another format": ({"format": 2}, "has format 2"),
    "another file": ({"file": "v0001.json"}, "version 2 is in v0002.json"),
    "a path": ({"file": "../v0002.json"}, "version 2 is in v0002.json"),
    "version 0": ({"version": 0, "file": "v0000.json"}, "names 'v0000.json'"),
    "another version": ({"version": 3, "file": "v0003.json"}, "cannot be read"),
    "a boolean version": ({"version": True}, "non-negative integer"),
    "another length": ({"length": 7}, "says 7"),
    "another digest": ({"sha256": "00" * 32}, "latest.json says 000000000000"),
    "a digest in capitals": ({"sha256": "AB" * 32}, "64 lower-case hex"),
    "too large": ({"note": "x" * 5000}, "larger than 4096 bytes"),
}


@pytest.mark.parametrize(("fields", "complaint"), BAD_POINTERS.values(), ids=BAD_POINTERS.keys())
def test_a_bad_pointer_is_refused(
    tmp_path: Path, shelf: Shelf, fields: dict[str, JsonValue], complaint: str
) -> None:
    shelf.publish(tmp_path, shelf.body(shelf.signed()), pointer=fields)
    with pytest.raises(RefusedError, match=complaint):
        verify(tmp_path, today=None)


def test_a_pointer_with_a_field_of_tomorrow_is_accepted(tmp_path: Path, shelf: Shelf) -> None:
    shelf.publish(tmp_path, shelf.body(shelf.signed()), pointer={"canary": "10 %"})
    assert verify(tmp_path, today=None).version == 2


def test_a_pointer_to_another_versions_bytes_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    shelf.publish(tmp_path, shelf.body(shelf.signed(version=1)), version=2)
    with pytest.raises(RefusedError, match=r"holds version 1; latest\.json says 2"):
        verify(tmp_path, today=None)


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(RefusedError, match=r"latest\.json: cannot be read"):
        verify(tmp_path, today=None)
    (folder / "v0002.json").unlink()
    with pytest.raises(RefusedError, match=r"v0002\.json: cannot be read"):
        verify(folder, today=None)


BODIES = {
    "empty": b"",
    "html": b"<html>502 Bad Gateway</html>",
    "no envelope": b"{}\n",
    "no signatures": b'{"signed":{}}\n',
    "signatures of text": b'{"signatures":["x"],"signed":{}}\n',
    "signed is a list": b'{"signatures":[],"signed":[]}\n',
    "nothing signed": b'{"signatures":[],"signed":{}}\n',
    "NaN": b'{"signatures":[],"signed":{"version":NaN}}\n',
    "a key twice": b'{"signatures":[],"signed":{"version":1,"version":2}}\n',
    "depth 100,000": b"[" * 100_000,
    "5 MB": b'{"signatures":[],"signed":"' + b"x" * 5_000_000 + b'"}\n',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_hostile_body_behind_a_pointer_that_fits_is_refused(
    tmp_path: Path, shelf: Shelf, body: bytes
) -> None:
    shelf.publish(tmp_path, body)
    with pytest.raises(RefusedError):
        verify(tmp_path, today=None)
    with pytest.raises(RefusedError):
        check_bytes(body)


def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed(tmp_path: Path, shelf: Shelf) -> None:
    signed = shelf.signed()
    signed["tomorrow"] = "x" * MOST_POOL_BYTES
    shelf.publish(tmp_path, shelf.body(signed))
    with pytest.raises(RefusedError, match=f"larger than {MOST_POOL_BYTES} bytes"):
        verify(tmp_path, today=None)
    with pytest.raises(RefusedError, match=f"at most {MOST_POOL_BYTES}"):
        check_bytes(shelf.body(signed))


def test_signatures_are_objects_this_router_does_not_look_into(tmp_path: Path, shelf: Shelf) -> None:
    signed = shelf.signed()
    shelf.publish(tmp_path, shelf.canonical({"signed": signed, "signatures": [{"sig": "ab"}]}))
    assert verify(tmp_path, today=None).version == 2
    shelf.publish(tmp_path, shelf.canonical({"signed": signed, "signatures": ["ab"]}))
    with pytest.raises(RefusedError, match=r"signatures\[0\]: should be an object"):
        verify(tmp_path, today=None)


def test_a_pretty_printed_pool_is_refused(tmp_path: Path, shelf: Shelf) -> None:
    pretty = json.dumps(json.loads(shelf.body(shelf.signed())), indent=1).encode()
    shelf.publish(tmp_path, pretty)
    with pytest.raises(RefusedError, match="not in canonical form"):
        verify(tmp_path, today=None)


def _accepted_flips(folder: Path, name: str, flips: list[tuple[int, int]]) -> list[tuple[int, int]]:
    accepted = []
    original = (folder / name).read_bytes()
    for position, bit in flips:
        flipped = bytearray(original)
        flipped[position] ^= 1 << bit
        (folder / name).write_bytes(flipped)
        try:
            verify(folder, today=None)
        except RefusedError:
            continue
        accepted.append((position, bit))
    (folder / name).write_bytes(original)
    assert verify(folder, today=None).version == 2, "the unflipped control is accepted"
    return accepted


def test_no_flipped_bit_of_a_pool_file_is_accepted(folder: Path) -> None:
    size = (folder / "v0002.json").stat().st_size
    dice = random.Random(20260815)  # noqa: S311 - reproducible positions, nothing secret
    flips = [(dice.randrange(size), dice.randrange(8)) for _ in range(FLIPS)]
    assert _accepted_flips(folder, "v0002.json", flips) == []


def test_no_flipped_bit_of_the_pointer_is_accepted(folder: Path) -> None:
    size = (folder / "latest.json").stat().st_size
    flips = [(position, bit) for position in range(size) for bit in range(8)]
    assert _accepted_flips(folder, "latest.json", flips) == []


def test_a_flipped_bit_behind_a_pointer_that_fits_never_crashes_the_router(
    tmp_path: Path, shelf: Shelf
) -> None:
    """Who can rewrite both files can change numbers: that is what signatures will be for."""
    original = shelf.body(shelf.signed())
    dice = random.Random(7)  # noqa: S311 - reproducible positions, nothing secret
    outcomes = {"accepted": 0, "refused": 0}
    for _ in range(FLIPS):
        flipped = bytearray(original)
        flipped[dice.randrange(len(original))] ^= 1 << dice.randrange(8)
        try:
            check_bytes(bytes(flipped))
        except RefusedError:
            outcomes["refused"] += 1
        else:
            outcomes["accepted"] += 1
    assert outcomes["refused"] > FLIPS / 3
    assert sum(outcomes.values()) == FLIPS


@given(body=st.binary(max_size=120))
def test_any_pointer_is_refused_or_accepted_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-pointer"
    folder.mkdir(exist_ok=True)
    (folder / "latest.json").write_bytes(body)
    with pytest.raises(RefusedError):
        verify(folder, today=None)
