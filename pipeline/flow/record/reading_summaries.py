"""Reads what later weeks ask of past answers: kept from an earlier run, or worked out from the captures.

A summary is kept under a digest of everything it follows from: the captures as a run recorded them, the
metrics that are compared, and the code that parses. It is sealed (`captures.sealed_cache`), so an edited one
is worked out anew.
"""

from __future__ import annotations

import functools
import json
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING

from pipeline.checks.reading_stats import summarize
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.ids import MetricName, Sha256, SourceKey, SourceModelName
from pipeline.domain.observation import Observation
from pipeline.domain.run import ReadingSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.resources.abc import Traversable

    from pydantic import JsonValue

    from pipeline.captures.sealed_cache import SealedCache
    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Reading
    from pipeline.domain.run_inputs import InputDigest

_CODE: tuple[str, ...] = ("sources", "checks", "domain", "flow/record")
"""Folders of the code that a summary follows from."""


class ReadingSummaries:
    """Summaries of past answers, each worked out once."""

    def __init__(self, files: SealedCache | None) -> None:
        """Keep them in files; None: for this process alone."""
        self._files = files
        self._known: dict[str, ReadingSummary] = {}

    def of(
        self,
        source: SourceName,
        lines: Sequence[InputDigest],
        metrics: Sequence[str],
        parse: Callable[[], Reading],
    ) -> ReadingSummary:
        """Return the summary of one answer.

        Args:
            source: Whose answer.
            lines: Its captures as a run recorded them; their bytes are here and whole.
            metrics: Which observations are wanted.
            parse: Reads the captures, where no summary is kept.
        """
        name = _name(source, lines, metrics)
        if name not in self._known:
            self._known[name] = self._read_kept(name, source) or self._summarise(name, parse(), metrics)
        return self._known[name]

    def drop_others(self) -> None:
        """Delete the kept summaries that this run did not ask for; a disk that refuses changes nothing."""
        if self._files is not None:
            try:
                self._files.drop_others()
            except OSError:
                return

    def _read_kept(self, name: str, source: SourceName) -> ReadingSummary | None:
        body = self._files.read(name) if self._files else None
        return None if body is None else _unpack(body, source)

    def _summarise(self, name: str, reading: Reading, metrics: Sequence[str]) -> ReadingSummary:
        summary = summarize(reading, metrics)
        if self._files is not None:
            try:
                self._files.keep(name, _pack(summary))
            except OSError:  # the next run works it out again
                return summary
        return summary


def _name(source: SourceName, lines: Sequence[InputDigest], metrics: Sequence[str]) -> str:
    captures: list[JsonValue] = [[line.sha256, line.detail, line.fetched_at] for line in lines]
    return sha256_hex(canonical_json([source, captures, list(metrics), code_digest(*_CODE)]))


@functools.cache
def code_digest(*folders: str) -> Sha256:
    """Return the digest of the code in some folders of the package; "" is all of it."""
    package = resources.files("pipeline")
    files = [file for folder in folders for file in _modules(package.joinpath(folder))]
    return sha256_hex(b"".join(file.read_bytes() for file in sorted(files, key=str)))


def _modules(folder: Traversable) -> Iterator[Traversable]:
    for path in folder.iterdir():
        if path.is_dir():
            yield from _modules(path)
        elif path.name.endswith(".py"):
            yield path


def _pack(summary: ReadingSummary) -> bytes:
    rows = [
        [
            *(
                observation.key,
                observation.name,
                observation.metric,
                observation.scale,
                observation.value,
                observation.low,
                observation.high,
            ),
            *(
                observation.votes,
                observation.estimated,
                observation.observed_on.isoformat(),
                observation.capture,
            ),
        ]
        for observation in summary.observations
    ]
    return json.dumps([summary.names, summary.numbers, dict(summary.asked), rows]).encode()


def _unpack(body: bytes, source: SourceName) -> ReadingSummary:
    """Read a summary whose seal is whole, so it is as `_pack` wrote it."""
    names, numbers, asked, rows = json.loads(body)
    return ReadingSummary(
        names=names,
        numbers=Sha256(numbers),
        observations=tuple(
            Observation(
                source=source,
                key=SourceKey(key),
                name=SourceModelName(name),
                metric=MetricName(metric),
                scale=scale,
                value=value,
                low=low,
                high=high,
                votes=votes,
                estimated=estimated,
                observed_on=date.fromisoformat(day),
                capture=Sha256(capture),
            )
            for key, name, metric, scale, value, low, high, votes, estimated, day, capture in rows
        ),
        asked=asked,
    )
