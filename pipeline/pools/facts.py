"""What a variant's route can do, from whoever says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from pipeline.domain.crosswalk import Profile
from pipeline.domain.names import VariantId

if TYPE_CHECKING:
    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.pool import Member

T = TypeVar("T")

_SILENT = Profile(variant=VariantId(""))
"""Where no catalogue says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Capabilities and the announced end; None where nobody says."""

    context_tokens: int | None = None
    tools: bool | None = None
    vision: bool | None = None
    retires_on: date | None = None


def facts_of(variant: Variant, profile: Profile | None, line: Member | None) -> Facts:
    """Join catalogue, people's word and the published line, in this order.

    The published line answers only what nobody says this week: a catalogue that was not read must
    not make a member look unable. The earlier of two announced ends counts.
    """
    said = profile or _SILENT
    ends = [day for day in (variant.retires_on, said.retires_on) if day]
    if line is None:
        return Facts(
            context_tokens=_first(said.context_tokens, variant.context_tokens),
            tools=said.tools,
            vision=said.vision,
            retires_on=min(ends, default=None),
        )
    published_end = date.fromisoformat(line.retires_on) if line.retires_on else None
    return Facts(
        context_tokens=_first(said.context_tokens, variant.context_tokens, line.context_tokens),
        tools=_first(said.tools, line.tools),
        vision=_first(said.vision, line.vision),
        retires_on=min(ends, default=published_end),
    )


def _first(*answers: T | None) -> T | None:
    return next((answer for answer in answers if answer is not None), None)
