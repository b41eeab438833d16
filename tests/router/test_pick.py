"""A request is answered from one pool version, in the order that its band publishes."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.router.loader import PoolLoader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.router.conftest import Json, Shelf

_READERS = 3
_PICKS = 20_000
_REFRESHES = 40


def _stamped(shelf: Shelf, version: int) -> Json:
    """Build a pool whose every member says in its own price which version it is of."""
    signed = shelf.signed(version)
    for tier, count in (("frugal", 2), ("balanced", 1), ("premium", 1)):
        for index in range(count):
            price = ("tiers", tier, "members", index, "price", "input_microusd_per_mtok")
            shelf.put(signed, price, version)
    return signed


@pytest.fixture
def loader(folder: Path) -> PoolLoader:
    loader = PoolLoader(folder)
    loader.refresh()
    return loader


@pytest.fixture
def _switching_often() -> Iterator[None]:
    """Let threads take turns after a microsecond, so that a torn read has many chances."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_members_come_in_the_order_of_the_band(loader: PoolLoader) -> None:
    simple, medium = loader.pick("frugal", "simple"), loader.pick("frugal")
    assert [member.variant for member in simple.members] == ["small-4@none", "gpt-x@high"]
    assert [member.variant for member in medium.members] == ["gpt-x@high", "small-4@none"]
    assert (medium.version, medium.tier, medium.band) == (2, "frugal", "medium")


def test_a_band_that_the_tier_does_not_publish_goes_by_rank(folder: Path, shelf: Shelf) -> None:
    signed = shelf.signed(3)
    shelf.put(signed, ("tiers", "frugal", "bands"), {})
    shelf.publish(folder, shelf.body(signed), version=3)
    loader = PoolLoader(folder)
    loader.refresh()
    assert [member.rank for member in loader.pick("frugal", "complex").members] == [1, 2]


@pytest.mark.parametrize(
    ("tier", "band", "complaint"),
    [
        pytest.param("cheap", "medium", "v0002 has no tier 'cheap'; it has balanced, frugal", id="tier"),
        pytest.param("frugal", "hard", "there is no band 'hard'", id="band"),
    ],
)
def test_what_the_pool_does_not_have_is_refused(
    loader: PoolLoader, tier: str, band: str, complaint: str
) -> None:
    with pytest.raises(RefusedError, match=complaint):
        loader.pick(tier, band)


def test_before_the_first_good_pool_there_is_nobody_to_pick(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no pool has been loaded"):
        PoolLoader(tmp_path).pick("frugal")


@pytest.mark.usefixtures("_switching_often")
def test_picks_during_refreshes_are_never_torn_and_never_go_back(
    loader: PoolLoader, folder: Path, shelf: Shelf
) -> None:
    shelf.publish(folder, shelf.body(_stamped(shelf, 3)), version=3)
    loader.refresh()
    torn: list[int] = []
    backward: list[int] = []
    seen: set[int] = set()
    started = threading.Barrier(_READERS + 1)

    def read() -> None:
        last = 0
        started.wait()
        for _ in range(_PICKS):
            found = loader.pick("frugal")
            if {member.price.input_microusd_per_mtok for member in found.members} != {found.version}:
                torn.append(found.version)
            if found.version < last:
                backward.append(found.version)
            last = found.version
            seen.add(last)

    readers = [threading.Thread(target=read) for _ in range(_READERS)]
    for reader in readers:
        reader.start()
    started.wait()
    for version in range(4, 4 + _REFRESHES):
        shelf.publish(folder, shelf.body(_stamped(shelf, version)), version=version)
        assert loader.refresh()
    for reader in readers:
        reader.join()
    assert (torn, backward) == ([], [])
    assert len(seen) > 1, "no refresh fell between two picks"
