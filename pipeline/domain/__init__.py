"""Defines the types that all rooms share: frozen values, and the documents that cross a boundary.

In: nothing.
Out: Capture, Observation, Price, Reading, Variant, Resolution, Score, Pool, Proposal, Decision, Policy.
Touches: nothing.
Never: I/O; a library beyond pydantic; a rule about which model is better.
Why: rooms that only share words can be rebuilt one at a time.
"""
