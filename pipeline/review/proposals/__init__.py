"""Composes proposals and files them below `reviews/`."""
