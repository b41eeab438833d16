"""Stores the bytes that sources answered, by digest, each with a sidecar.

In: captures; what was worked out from them.
Out: stored bytes with a sidecar each; captures read back and checked against their digest; sealed files.
Touches: writes `data/raw` and `data/readings`; reads files that a sidecar names.
Never: understands a format; changes a byte.
Why: whatever went into a proposal can be read again, byte by byte, years later.
"""
