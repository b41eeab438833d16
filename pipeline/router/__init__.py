"""Loads a published pool into a router: reads it, verifies it, keeps the last good one.

In: the folders `data/pools` and `data/workloads`, a minimum version, today's date.
Out: `PoolLoader`, `VerifiedPool`, `Pick`, `Workloads`; `RefusedError` for everything else.
Touches: nothing; it only reads the folder it is given.
Never: a library beyond Python's own; a pool it has not verified; an older pool than the last one.
Why: this room is copied into routers, so it must be small, and it treats our own files as hostile.
"""

from pipeline.errors import RefusedError
from pipeline.router.loader import PoolLoader
from pipeline.router.pick import Pick, pick
from pipeline.router.verify import VerifiedPool, verify
from pipeline.router.workloads import Workloads, read_workloads

__all__ = [
    "Pick",
    "PoolLoader",
    "RefusedError",
    "VerifiedPool",
    "Workloads",
    "pick",
    "read_workloads",
    "verify",
]
