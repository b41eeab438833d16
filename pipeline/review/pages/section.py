"""Defines one section of a proposal's page: its data as blocks, and where it stands.

Every form is drawn from the blocks, so a section is written once for HTML, Markdown and the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pipeline.domain.blocks import Block
    from pipeline.review.pages.proposal_view import ProposalView


class Place(StrEnum):
    """Where a section stands on the page."""

    FIRST = "first"
    """The first screen, left."""
    SIDE = "side"
    """The first screen, beside it."""
    BODY = "body"
    """Below the first screen."""
    FOOT = "foot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section; a new one is one file with such a value and one line in the registry."""

    name: str
    """Its anchor on the page."""
    place: Place
    blocks: Callable[[ProposalView], Iterable[Block]]
    """Nothing where a proposal has nothing to say there."""
    brief: bool = True
    """The terminal shows it without being asked for everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSection:
    """A section of one proposal."""

    name: str
    place: Place
    blocks: tuple[Block, ...]
    brief: bool


def drawn_sections(view: ProposalView, sections: Iterable[Section]) -> tuple[DrawnSection, ...]:
    """Fill sections with one proposal; those without a block are left out."""
    drawn = (
        DrawnSection(
            name=section.name, place=section.place, blocks=tuple(section.blocks(view)), brief=section.brief
        )
        for section in sections
    )
    return tuple(one for one in drawn if one.blocks)
