"""Whom every rendering of the numbers names."""

from __future__ import annotations

from typing import Final

ATTRIBUTION: Final = (
    "Leaderboard data by LMArena (lmarena-ai/leaderboard-dataset, CC-BY-4.0)",
    "Scores and prices by Artificial Analysis (https://artificialanalysis.ai/)",
    "Catalogue prices by OpenRouter (https://openrouter.ai/)",
    "Price tables by genai-prices, LiteLLM and models.dev (MIT)",
)
"""Licences ask for the first two; the others are named so that a number can be traced."""
