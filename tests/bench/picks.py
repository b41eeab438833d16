"""Measure `pick()` of the router's side, its time and what a million see: `python -m tests.bench.picks`.

Other threads pick while one publishes and refreshes; a pick is torn when its members are not all of the
version that it names, and backward when that version is below one that the same thread has seen.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from pipeline.router import PoolLoader
from tests.router.conftest import Shelf

_READERS = 4
_PICKS = 1_000_000
_REFRESHES = 1_000
_TIMED = 50_000


class Reader(threading.Thread):
    """Picks its share around every refresh and counts what it must not see."""

    def __init__(self, loader: PoolLoader) -> None:
        """Remember the loader; nothing is picked before the first refresh is near."""
        super().__init__()
        self._loader = loader
        self.near = threading.Semaphore(0)
        self.torn = self.backward = self.versions = 0

    def run(self) -> None:
        """Pick until the count is reached."""
        last = 0
        for number in range(_PICKS // _READERS):
            if number % (_PICKS // _READERS // _REFRESHES) == 0:
                self.near.acquire()
            found = self._loader.pick("frugal")
            stamps = {member.price.input_microusd_per_mtok for member in found.members}
            self.torn += stamps != {found.version}
            self.backward += found.version < last
            self.versions += found.version != last
            last = found.version


def _publish(shelf: Shelf, folder: Path, version: int) -> None:
    signed = shelf.signed_2(version)
    for index in range(2):
        price = ("tiers", "frugal", "members", index, "price", "input_microusd_per_mtok")
        shelf.put(signed, price, version)
    shelf.publish(folder, shelf.body(signed), version=version)


def _timed(loader: PoolLoader) -> list[float]:
    times = []
    for _ in range(_TIMED):
        start = time.perf_counter()
        loader.pick("frugal")
        times.append((time.perf_counter() - start) * 1e6)
    return times


def main() -> None:
    """Measure and print."""
    shelf = Shelf()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pools"
        _publish(shelf, folder, 2)
        loader = PoolLoader(folder)
        loader.refresh()
        times = statistics.quantiles(_timed(loader), n=100)
        print(f"pick(): p50 {times[49]:.2f} us, p99 {times[98]:.2f} us; target p50 <= 20 us")  # noqa: T201 - a table
        sys.setswitchinterval(1e-5)
        readers = [Reader(loader) for _ in range(_READERS)]
        for reader in readers:
            reader.start()
        for version in range(3, 3 + _REFRESHES):
            for reader in readers:
                reader.near.release()
            _publish(shelf, folder, version)
            loader.refresh()
        for reader in readers:
            reader.join()
    torn, backward = (sum(getattr(reader, name) for reader in readers) for name in ("torn", "backward"))
    seen = max(reader.versions for reader in readers)
    print(  # noqa: T201 - the same
        f"{_PICKS} picks, {loader.version - 2} refreshes ({seen} versions seen by one thread): "
        f"torn {torn}, backward {backward}; target 0 and 0"
    )


if __name__ == "__main__":
    main()
