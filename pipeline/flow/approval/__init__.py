"""Carries a decision and a publication through the rooms that check and write them."""
