"""Runs backtests and tuning on past weeks and arranges their results."""
