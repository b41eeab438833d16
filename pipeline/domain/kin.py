"""What a model's name alone tells of it, where nothing but a name is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kin:
    """A name's relations; None is what the name does not tell."""

    vendor: str | None = None
    family: str | None = None
    effort: str | None = None
    """The reasoning effort it states or is known for; `default`: known to be what the vendor runs unasked."""
