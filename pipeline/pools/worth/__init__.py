"""Computes what variants and sets of members are worth to a tier, and in which order they serve."""
