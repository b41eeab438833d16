"""Fetches and parses the LMArena boards."""
