"""Computes quality from the boards: one anchored logit scale, then a probability."""
