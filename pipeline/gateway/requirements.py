"""Reads what a request demands of a model, and names which members cannot do it."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_CHARACTERS_PER_TOKEN: Final = 4
"""A low estimate of tokens for English prose and code. A prompt that is longer in truth is refused by the
member and goes up a tier then; a prompt that fits is never held back."""
_PROMPT_FIELDS: Final = ("messages", "input", "system", "instructions", "tools", "functions")
_LIMIT_FIELDS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_IMAGE_TYPES: Final = frozenset({"image_url", "image", "input_image"})
_STRUCTURED_TYPES: Final = frozenset({"json_schema", "json_object"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a model must be able to do to answer one request at all."""

    context_tokens: int
    """Estimated prompt plus the most that may be answered; from the bytes sent where all have room."""
    tools: bool
    vision: bool
    structured_output: bool


def read_requirements(
    body: Mapping[str, object], *, size: int | None, smallest_context: int | None
) -> Requirements:
    """Read the body of a chat completion, a message or a response request.

    Args:
        body: The request, parsed.
        size: Bytes of the body as it was sent, at least one for each character; None: nobody said.
        smallest_context: Of all members, in tokens; None: nobody said. Characters are counted only where the
            body is larger than that.
    """
    most_answered = _most_answered(body)
    prompt = [body[field] for field in _PROMPT_FIELDS if field in body]
    if size is None:
        size = _most_bytes(prompt)
    tokens = None if size is None else size // _CHARACTERS_PER_TOKEN + most_answered
    if tokens is None or (smallest_context is not None and tokens > smallest_context):
        tokens = _count(prompt) // _CHARACTERS_PER_TOKEN + most_answered
    return Requirements(
        context_tokens=tokens,
        tools=bool(body.get("tools") or body.get("functions")),
        vision=_has_image(body.get("messages") or body.get("input")),
        structured_output=_is_structured(body),
    )


def _most_bytes(prompt: list[object]) -> int | None:
    """Return the bytes of parsed JSON as the interpreter writes it, at least one for each character.

    None where it is no JSON. Where all members have room for that many, nothing needs to be counted, which
    takes four times as long.
    """
    try:
        return len(marshal.dumps(prompt))
    except ValueError:
        return None


def _count(values: list[object]) -> int:
    """Count the characters of all text in parsed JSON; an image's data is not text."""
    characters = 0
    while values:
        value = values.pop()
        if type(value) is str:
            characters += len(value)
        elif type(value) is dict:
            if value.get("type") not in _IMAGE_TYPES:
                values.extend(value.values())
        elif type(value) is list:
            values.extend(value)
    return characters


def _has_image(parts: object, levels: int = 3) -> bool:
    """Look for an image in turns, their parts, and the results of tools among these: three levels."""
    for part in parts if type(parts) is list else ():
        if type(part) is not dict:
            continue
        if part.get("type") in _IMAGE_TYPES:
            return True
        for field in ("content", "output"):
            inner = part.get(field)
            if levels > 1 and type(inner) is list and _has_image(inner, levels - 1):
                return True
    return False


def _most_answered(body: Mapping[str, object]) -> int:
    limits = [body.get(field) for field in _LIMIT_FIELDS]
    return next((limit for limit in limits if isinstance(limit, int) and limit > 0), 0)


def _is_structured(body: Mapping[str, object]) -> bool:
    text = body.get("text")
    shapes = [body.get("response_format"), text.get("format") if isinstance(text, Mapping) else None]
    return any(isinstance(shape, Mapping) and shape.get("type") in _STRUCTURED_TYPES for shape in shapes)


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
