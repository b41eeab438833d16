"""Holds the sections of a proposal's page, one file each."""
