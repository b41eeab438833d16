"""Fetches and parses the Artificial Analysis index."""
