"""Sends polite, bounded HTTP requests to sources."""
