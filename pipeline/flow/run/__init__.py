"""Runs the weekly job: fetch, ingest, score, select, and file the proposal that waits for a person."""
