"""Repeats past weeks from what was on record: replay, as-of, the last run in memory."""
