"""Renders proposals and backtests for people: Markdown, HTML and charts."""
