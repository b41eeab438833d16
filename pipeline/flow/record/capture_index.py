"""Finds the captures on this machine by digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.captures.store import is_here, load_capture, pruned_at, sidecars
from pipeline.domain.calendar import read_moment
from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from pipeline.captures.store import Sidecar
    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.workspace import Workspace


class CaptureIndex:
    """Captures on disk, found by digest."""

    def __init__(
        self, workspace: Workspace, week: Week | None = None, known: CaptureIndex | None = None
    ) -> None:
        """Read the sidecars.

        Args:
            workspace: Where the captures are.
            week: The week that is run: bytes that were captured several times are what the last earlier week
                says they are, so that no later capture of the same bytes changes what a week finds.
            known: The same captures as another week finds them, where they were read already.
        """
        self._workspace = workspace
        self._all = sidecars(workspace.raw) if known is None else known.sidecars()
        self._damage: dict[Sidecar, RefusedError | None] = {} if known is None else known._damage  # noqa: SLF001 - of its own kind
        self._sidecars = _by_digest(self._all, week)

    def at(self, week: Week) -> CaptureIndex:
        """Return the same captures as another week finds them."""
        return CaptureIndex(self._workspace, week, self)

    def has(self, source: SourceName, digest: str) -> bool:
        """Return whether the bytes of a capture are on this machine, and are those that were captured."""
        sidecar = self._sidecars.get((source, digest))
        if sidecar is None or not is_here(sidecar, raw=self._workspace.raw, base=self._workspace.root):
            return False
        return self.damage(source, digest) is None

    def damage(self, source: SourceName, digest: str) -> RefusedError | None:
        """Return what is wrong with the bytes that are here; None where they are whole, or not here."""
        sidecar = self._sidecars.get((source, digest))
        if sidecar is None or not is_here(sidecar, raw=self._workspace.raw, base=self._workspace.root):
            return None
        if sidecar not in self._damage:
            self._load(sidecar)
        return self._damage[sidecar]

    def pruned_at(self, source: SourceName, digest: str) -> str | None:
        """Return when `modelpool prune` removed the bytes of a capture; None where it did not."""
        sidecar = self._sidecars.get((source, digest))
        return None if sidecar is None else pruned_at(self._workspace.raw, sidecar)

    @property
    def damaged(self) -> tuple[tuple[SourceName, RefusedError], ...]:
        """The damaged captures that were asked for so far, each with its source."""
        found = ((sidecar.source, error) for sidecar, error in self._damage.items() if error is not None)
        return tuple(sorted(found, key=lambda one: (one[0], str(one[1]))))

    def captures(self, source: SourceName, digests: Sequence[str]) -> tuple[Capture, ...]:
        """Return captures whose bytes are still here and whole; empty when one is not."""
        found = []
        for digest in digests:
            sidecar = self._sidecars.get((source, digest))
            body = None if sidecar is None or self._damage.get(sidecar) is not None else self._load(sidecar)
            if body is None:
                return ()
            found.append(body)
        return tuple(found)

    def _load(self, sidecar: Sidecar) -> Capture | None:
        """Read a capture, checked; None where its bytes are not here, or damaged, which is noted."""
        if not is_here(sidecar, raw=self._workspace.raw, base=self._workspace.root):
            return None
        self._damage[sidecar] = None
        try:
            return load_capture(sidecar, raw=self._workspace.raw, base=self._workspace.root)
        except RefusedError as error:
            self._damage[sidecar] = error
        return None

    def recorded_captures(self, source: SourceName, lines: Sequence[InputDigest]) -> tuple[Capture, ...]:
        """Return captures as a run recorded them, with its address and moment; empty when one is missing."""
        found = self.captures(source, [line.sha256 for line in lines])
        return tuple(
            replace(
                one,
                url=line.detail,
                fetched_at=read_moment(line.fetched_at) if line.fetched_at else one.fetched_at,
            )
            for one, line in zip(found, lines, strict=False)
        )

    def fetched_at(self, source: SourceName, digests: Sequence[str]) -> datetime | None:
        """Return when captures were fetched; None when none of them is known here."""
        known = [self._sidecars[source, digest] for digest in digests if (source, digest) in self._sidecars]
        return max((sidecar.fetched_at for sidecar in known), default=None)

    def asked_on(self, source: SourceName, day: date) -> int:
        """Count the captures that a source sent us on a day, in UTC."""
        sent = (sidecar for sidecar in self._all if sidecar.source == source and "://" in sidecar.url)
        return len({sidecar.sha256 for sidecar in sent if sidecar.fetched_at.date() == day})

    def sidecars(self) -> tuple[Sidecar, ...]:
        """Return what is known of each capture without its bytes, by week, source and digest."""
        return self._all


def _by_digest(cars: Sequence[Sidecar], week: Week | None) -> dict[tuple[SourceName, str], Sidecar]:
    found: dict[tuple[SourceName, str], Sidecar] = {}
    for sidecar in cars:
        if (sidecar.source, sidecar.sha256) not in found or week is None or sidecar.week < week:
            found[sidecar.source, sidecar.sha256] = sidecar
    return found
