"""Stores the bytes that sources answered, by digest, each with a sidecar.

In: captures.
Out: stored bytes with a sidecar each; captures read back and checked against their digest.
Touches: writes `data/raw`; reads files that a sidecar names.
Never: understands a format; changes a byte.
Why: whatever went into a proposal can be read again, byte by byte, years later.
"""
