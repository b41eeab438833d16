"""Draws charts as plain SVG."""
