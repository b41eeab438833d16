"""Defines the inputs of a run: what each is called in the run's document, and the digest of its bytes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import DigestText, Document, MomentText
from pipeline.domain.ids import SourceName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class InputKind(StrEnum):
    """What an input is: the first word of its name."""

    CAPTURE = "capture"
    """What a source answered and the run used."""
    APPROVED = "approved"
    """An earlier capture from which held rows keep their values."""
    HELD = "held"
    """What a source answered and the run did not use."""
    ACCEPTED = "accepted"
    """A person's acceptance on record."""
    USAGE = "usage"
    """Answers of the operator's own traffic."""
    POLICY = "policy"
    EXPECTATIONS = "expectations"
    CROSSWALK = "crosswalk"
    CODE = "code"
    ANSWERS = "answers"
    """The last link of the decisions' chain where somebody rejected or answered changes."""
    EARLIER = "earlier"
    """The document of the last run of an earlier week."""


CAPTURED: Final = (InputKind.CAPTURE, InputKind.APPROVED, InputKind.HELD)
"""Inputs that are captures of a source."""


def input_name(kind: InputKind, number: int, source: SourceName | None = None) -> str:
    """Name one of several inputs of a kind, counted from one, e.g. `capture:openrouter:1` or `usage:1`."""
    return f"{kind}:{number}" if source is None else f"{kind}:{source}:{number}"


class InputDigest(Document):
    """One input of a run and the digest of its bytes."""

    name: str
    """Its kind; of several, `kind:n`, and `kind:source:n` where they are of a source."""
    sha256: DigestText
    detail: str
    """Address, version or file of the input."""
    fetched_at: MomentText | None

    @property
    def kind(self) -> str:
        """An `InputKind`, or the word of another release."""
        return self.name.partition(":")[0]

    @property
    def source(self) -> SourceName:
        """The source of a capture or an acceptance; empty for other inputs."""
        return SourceName(self.name.partition(":")[2].rpartition(":")[0])

    @property
    def number(self) -> int:
        """Its place among those of its kind and source, from one; 0 where there is but one."""
        number = self.name.rpartition(":")[2]
        return int(number) if number.isdecimal() else 0


def inputs_of(inputs: Iterable[InputDigest], kind: InputKind) -> tuple[InputDigest, ...]:
    """Return the inputs of a kind, in the order of the document."""
    return tuple(line for line in inputs if line.kind == kind)


def inputs_by_source(
    inputs: Iterable[InputDigest], kind: InputKind
) -> Mapping[SourceName, tuple[InputDigest, ...]]:
    """Group the inputs of a kind by source, in the order in which they were read."""
    found: dict[SourceName, dict[int, InputDigest]] = {}
    for line in inputs_of(inputs, kind):
        found.setdefault(line.source, {})[line.number] = line
    return {source: tuple(lines[place] for place in sorted(lines)) for source, lines in found.items()}


def find_input(inputs: Iterable[InputDigest], kind: InputKind) -> InputDigest | None:
    """Return the first input of a kind; None without one."""
    return next(iter(inputs_of(inputs, kind)), None)
