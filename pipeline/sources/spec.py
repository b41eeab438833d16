"""Defines a source: a name, the files it recognises, a fetch and a parse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture, Reading
    from pipeline.sources.http.session import SourceSession


class Source(Protocol):
    """One source of scores or prices."""

    @property
    def name(self) -> SourceName:
        """The source's name in every capture, observation and price."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which capture files are its own: patterns for the file's name, or its folder's and its name."""

    def fetch(self, visit: SourceSession) -> tuple[Capture, ...]:
        """Ask the source; the only method that touches the network.

        Raises:
            SourceHeldError: The source gave no complete answer.
        """

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read what it answered. Pure: the same bytes give the same reading.

        Raises:
            SourceHeldError: The bytes are not what this source publishes.
        """
