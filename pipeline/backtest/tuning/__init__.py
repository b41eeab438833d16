"""Tries many policies on earlier weeks and reports the chosen one on later weeks."""
