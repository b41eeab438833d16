"""Fetches and parses price lists of third parties: LiteLLM, models.dev, genai-prices."""
