"""What a person says for the record: their own name and reason, never the words an example shows for them."""

from __future__ import annotations

from typing import Final

from pipeline.errors import UsageError

_PLACEHOLDERS: Final = frozenset({"NAME", "TEXT", "Your Name", "...", "…"})
"""What help and printed commands show where a person writes."""


def refuse_placeholder(option: str, text: str) -> None:
    """Refuse what stands in an example for a name or a reason.

    Raises:
        UsageError: The text is such a placeholder.
    """
    typed = text.strip()
    if typed in _PLACEHOLDERS:
        wanted = "your own name" if option == "--reviewer" else "a reason in a sentence"
        raise UsageError(
            f"{option} {typed!r} only stands for what you write there",
            hint=f"Give {wanted} with {option}; it is kept in the record.",
        )
