"""Holds the manual: pages that people write, and pages made from the code, by topic."""
