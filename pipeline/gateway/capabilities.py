"""Compares what a request demands with what members can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.gateway.requirements import Requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What one member can do; None: nobody said, so it is not held against it."""

    context_tokens: int | None
    tools: bool | None
    vision: bool | None
    structured_output: bool | None


def shortfalls(member: Capabilities, request: Requirements) -> tuple[str, ...]:
    """Name what keeps a member from answering a request at all; empty: nothing."""
    lacking = []
    if member.context_tokens is not None and request.context_tokens > member.context_tokens:
        lacking.append("context")
    if request.tools and member.tools is False:
        lacking.append("tools")
    if request.vision and member.vision is False:
        lacking.append("vision")
    if request.structured_output and member.structured_output is False:
        lacking.append("structured_output")
    return tuple(lacking)
