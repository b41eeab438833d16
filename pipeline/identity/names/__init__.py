"""Parses sources' model names and ranks the variants that an open one may mean."""
