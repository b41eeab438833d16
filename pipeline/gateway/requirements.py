"""Reads what a request demands of a model: room, tools, images, structured output.

The prompt is counted in characters, never kept and never judged: no text classifier tried beat
counting, and counting says nothing about difficulty.
"""

from __future__ import annotations

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
    """Estimated prompt plus the most that may be answered."""
    tools: bool
    vision: bool
    structured_output: bool


@dataclass(slots=True)
class _Count:
    characters: int = 0
    images: int = 0

    def add(self, value: object) -> None:
        """Count the text of a value and of all it holds; an image's data is not text."""
        if isinstance(value, str):
            self.characters += len(value)
        elif isinstance(value, Mapping):
            if value.get("type") in _IMAGE_TYPES:
                self.images += 1
                return
            for item in value.values():
                self.add(item)
        elif isinstance(value, list | tuple):
            for item in value:
                self.add(item)


def read_requirements(body: Mapping[str, object]) -> Requirements:
    """Read the body of a chat completion, a message or a response request."""
    count = _Count()
    for field in _PROMPT_FIELDS:
        count.add(body.get(field))
    return Requirements(
        context_tokens=count.characters // _CHARACTERS_PER_TOKEN + _most_answered(body),
        tools=bool(body.get("tools") or body.get("functions")),
        vision=count.images > 0,
        structured_output=_is_structured(body),
    )


def _most_answered(body: Mapping[str, object]) -> int:
    limits = [body.get(field) for field in _LIMIT_FIELDS]
    return next((limit for limit in limits if isinstance(limit, int) and limit > 0), 0)


def _is_structured(body: Mapping[str, object]) -> bool:
    text = body.get("text")
    shapes = [body.get("response_format"), text.get("format") if isinstance(text, Mapping) else None]
    return any(isinstance(shape, Mapping) and shape.get("type") in _STRUCTURED_TYPES for shape in shapes)
