"""Fetches and parses price lists of third parties: LiteLLM, models.dev, genai-prices."""

from typing import Final

ATTRIBUTION: Final = "Price tables by genai-prices, LiteLLM and models.dev (MIT)"
"""One line for all of them."""
