"""Answers an operator's questions without writing anything: why, why not, what if, who is meant."""
