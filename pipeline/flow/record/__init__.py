"""Keeps the database and the workspace in step with the files of record, and reports their state."""
