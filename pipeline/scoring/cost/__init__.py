"""Computes what a task costs with each variant, by the best grade of evidence."""
