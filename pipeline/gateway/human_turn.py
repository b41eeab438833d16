"""Finds what a person wrote last in a request, and what the program around them wrote.

Coding tools append reminders to a person's turn and wrap context of their own in tags; neither says how long
the question is or which program asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

_MOST_BLOCKS: Final = 64
"""Tagged blocks that are taken out of one text; a text with more keeps the rest."""
_TAG: Final = re.compile(r"<([A-Za-z]+[_-][A-Za-z_-]+|context|env|attachments)(?: [^<>]{0,500})?>")
"""A tag of a program: HTML's own names have no underscore or hyphen."""
_OF_A_PERSON: Final = frozenset({"user_query", "user_message", "user_input", "user_prompt", "user-prompt"})
"""Tags around a person's own words."""
_REMINDERS: Final = ("\n# *SEARCH/REPLACE block* Rules:", "\nTo suggest changes to a file you MUST return")
"""First lines of what Aider appends to a person's turn; everything below is its reminder."""
_SYSTEM_ROLES: Final = frozenset({"system", "developer"})


def own_words(text: str) -> str:
    """Leave out what a program wrote into a person's turn.

    Time is linear in the text: each opening tag is looked up once, and at most 64 blocks are taken out.
    """
    for reminder in _REMINDERS:
        text = text.partition(reminder)[0]
    if "</" not in text:
        return text.strip()
    kept: list[str] = []
    at = 0
    for _ in range(_MOST_BLOCKS):
        found = _TAG.search(text, at)
        if found is None:
            break
        closing = f"</{found[1]}>"
        end = text.find(closing, found.end())
        kept.append(text[at : found.start()])
        if end < 0:
            at = found.end()
            continue
        if found[1] in _OF_A_PERSON:
            kept.append(text[found.end() : end])
        at = end + len(closing)
    kept.append(text[at:])
    return "".join(kept).strip()


def last_turn(body: Mapping[str, object]) -> str:
    """Return a person's last turn in the body of any of the three APIs; empty where there is none.

    The result of a tool is no turn of a person, whatever role an API gives it.
    """
    turns = body.get("messages") or body.get("input")
    if isinstance(turns, str):
        return own_words(turns)
    for turn in reversed(turns) if isinstance(turns, list) else ():
        if isinstance(turn, Mapping) and turn.get("role") == "user":
            words = own_words("\n".join(_texts(turn.get("content"))))
            if words:
                return words
    return ""


def system_texts(body: Mapping[str, object]) -> Iterator[str]:
    """Yield the texts that a program sets before a conversation, in their order."""
    for field in ("system", "instructions"):
        yield from _texts(body.get(field))
    turns = body.get("messages") or body.get("input")
    for turn in turns if isinstance(turns, list) else ():
        if not isinstance(turn, Mapping) or turn.get("role") not in _SYSTEM_ROLES:
            return
        yield from _texts(turn.get("content"))


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        text = part.get("text") if isinstance(part, Mapping) else None
        if isinstance(text, str):
            yield text
