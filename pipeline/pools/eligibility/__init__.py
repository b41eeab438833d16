"""Decides which variants may be in a tier at all, rule by rule."""
