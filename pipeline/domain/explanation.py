"""Defines an explanation: lines of numbers with their source and formula, in the order of the calculation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationLine:
    """One line of an explanation."""

    what: str
    value: str
    """With its unit."""
    source: str = ""
    """Who says it, under which name; empty for what is computed."""
    capture: str = ""
    """Digest of the bytes it was read from."""
    on: str = ""
    """The day it is of."""
    formula: str = ""
    """How it is computed, with the numbers that go in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationSection:
    """One step of the calculation."""

    title: str
    lines: tuple[ExplanationLine, ...]
