"""A notice about a run, for people who are not at the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.proxy import ProxyAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNotice:
    """What is said; plain text without anything that a source wrote."""

    subject: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Subject and lines as one text."""
        return "\n".join((self.subject, *self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkWay:
    """How the operator's network lets a message out."""

    proxy: ProxyAddress | None = None
    authorities: Path | None = None
    """PEM file of authorities that are trusted beside the usual ones."""
