"""Keeps what was captured and says whether a reading may be used.

In: captures; a reading, the last good reading of its source, what people expect of it.
Out: stored bytes with a sidecar each; findings, of which one of severity `hold` stops the source.
Touches: writes `data/raw`; reads `data/policy/expectations.toml` and files that a sidecar names.
Never: changes a value; drops a row quietly; understands a source's format.
Why: whatever went into a proposal can be read again, byte by byte, years later.
"""
