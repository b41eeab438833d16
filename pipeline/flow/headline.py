"""Opens the review room's words about a tier to the terminal."""

from __future__ import annotations

from pipeline.review.headline import headline_lines

__all__ = ["headline_lines"]
