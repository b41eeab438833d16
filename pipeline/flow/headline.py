"""Opens the review room's words about a proposal and its tiers to the terminal."""

from __future__ import annotations

from pipeline.review.fact_lines import fact_lines, kind_line, removed_lines
from pipeline.review.headline import headline_lines

__all__ = ["fact_lines", "headline_lines", "kind_line", "removed_lines"]
