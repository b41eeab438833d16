"""Decides how a published tier changes: who stays, enters, leaves, and what would decide otherwise."""
