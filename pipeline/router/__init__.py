"""Loads a published pool into a router: reads it, verifies it, keeps the last good one.

In: the folder `data/pools`, a minimum version, today's date.
Out: `VerifiedPool`, `PoolLoader`, the LiteLLM fragment; `RefusedError` for everything else.
Touches: nothing; it only reads the folder it is given.
Never: a library beyond Python's own; a pool it has not verified; an older pool than the last one.
Why: this room is copied into routers, so it must be small, and it treats our own files as hostile.
"""
