"""Measures what a policy reached on past weeks: stability, regret, swaps, adoption."""
