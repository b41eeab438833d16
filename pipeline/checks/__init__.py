"""Checks whether a reading may be used: as a whole, row by row, and beside earlier weeks.

In: a reading, the last good one and earlier weeks of its source, approved rows, what people expect.
Out: findings, of which one of severity `hold` stops the source; the reading in which scores that moved too
far have their approved values; renames to ask a person about.
Touches: reads `data/policy/expectations.toml`.
Never: changes a value, but to an approved one with a finding; drops a row quietly.
Why: one broken answer of a source must not reach a pool, and one odd row must not cost a whole source.
"""
