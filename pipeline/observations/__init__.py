"""Keeps what was captured and says whether a reading may be used.

In: captures; a reading, the last good one and earlier weeks of its source, approved rows, what people expect.
Out: stored bytes with a sidecar each; findings, of which one of severity `hold` stops the source; the reading
in which scores that moved too far have their approved values; renames to ask a person about.
Touches: writes `data/raw`; reads `data/policy/expectations.toml` and files that a sidecar names.
Never: changes a value, but to an approved one with a finding; drops a row quietly; understands a format.
Why: whatever went into a proposal can be read again, byte by byte, years later.
"""
