"""Fetches and parses OpenRouter's catalogue."""
