"""Simulates a policy week by week with the product's own scoring and selection."""
