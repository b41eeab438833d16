"""Defines the blocks of which a page is made: the same data for a browser, a git host and a terminal.

A text in them is printable: hidden and lookalike characters are spelled out when a span is made. Each form
escapes only its own markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pipeline.domain.escape import escape_name, escape_text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tone(StrEnum):
    """How a span or a paragraph is set off from the text around it."""

    PLAIN = "plain"
    NAME = "name"
    """A name of a variant, a source or a file: fixed width, never broken."""
    COMMAND = "command"
    """A command or an option to type; between backticks where nothing else sets it off."""
    STRONG = "strong"
    SOFT = "soft"
    GAIN = "gain"
    LOSS = "loss"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A printable piece of text."""

    text: str
    tone: Tone = Tone.PLAIN
    anchor: str = ""
    """The section of the same page that it leads to."""
    page_only: bool = False
    """It says nothing where it cannot be followed: a terminal and a git host leave it out."""


Line = tuple[Span, ...]
Cell = tuple[Line, ...]
"""The lines of a table's cell, one below the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title; level 1 is the page's own."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph."""

    line: Line
    tone: Tone = Tone.PLAIN
    since: str = ""
    """A day to come, e.g. 2026-09-05, from which on it is true: a page shows it by its reader's clock; what
    is drawn for today leaves it out."""
    until: str = ""
    """The day from which on it is no longer true; a page hides it then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletList:
    """Lines of equal standing."""

    items: tuple[Line, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    title: str
    number: bool = False
    short: bool = False
    """Its cells are a word or two, which say nothing without the title."""
    leads: bool = False
    """Its cells name no row: where rows are written one below the other, the next cell stands beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under columns."""

    title: str
    """What it lists, for whoever hears the page."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    stacked: bool = False
    """On a phone each row becomes a card instead of a line to scroll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """A command to paste; no form breaks it."""

    text: str
    since: str = ""
    """As of a paragraph: the day to come from which on it is the command to use."""
    until: str = ""
    """As of a paragraph: the day from which on it no longer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture in several widths; only a browser shows it."""

    drawings: Mapping[str, str]
    """`<svg>` elements by width: wide, narrow."""
    keys: tuple[tuple[str, str], ...] = ()
    """Class of the style sheet and its meaning in words."""
    half: bool = False
    """It leaves room for another one beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Blocks behind a summary, until somebody unfolds them."""

    summary: Line
    blocks: tuple[Block, ...]
    binding: bool = False
    """Whoever approves answers this too: the terminal always unfolds it."""


Block = Title | Paragraph | BulletList | Table | CommandLine | Chart | Fold


def line(*parts: str | Span) -> Line:
    """Make a line of spans and words; a blank at the edge of words stays."""
    return tuple(_span(part) for part in parts if part)


def cell(*parts: str | Span) -> Cell:
    """Make a cell of one line."""
    return (line(*parts),)


def name(text: str) -> Span:
    """Make a span of a name, whoever gave it."""
    return Span(text=escape_name(text), tone=Tone.NAME)


def text_span(text: str, tone: Tone = Tone.PLAIN) -> Span:
    """Make a span of a sentence, whoever wrote it."""
    return Span(text=escape_text(text), tone=tone)


def typed_span(text: str) -> Span:
    """Make a span of what is typed."""
    return Span(text=text, tone=Tone.COMMAND)


def names(found: tuple[str, ...]) -> Line:
    """Make a line of names with commas between them."""
    parts: list[str | Span] = []
    for each in found:
        parts.extend((", ", name(each)) if parts else (name(each),))
    return line(*parts)


def _span(part: str | Span) -> Span:
    if isinstance(part, Span):
        return part
    words = part.strip(" ")
    left, right = " " * part.startswith(" "), " " * (part.endswith(" ") and bool(words))
    return Span(text=f"{left}{escape_text(words)}{right}")
