"""Keeps a workspace running unattended: what is wrong with it, what a monitor reads, copies and restores."""
