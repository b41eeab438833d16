"""Decides the price of each route in a week, and what a person is asked about it."""
