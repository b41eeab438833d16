"""Parses values that several sources share: JSON bodies, fields, prices, row issues."""
