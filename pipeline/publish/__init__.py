"""Publishes what was approved as the next version: written once, then pointed at.

In: an approved pool, the decision on it, the folder `data/pools`, a router's check.
Out: `vNNNN.json`, `latest.json`; what is in force; the JSON Schema of a pool file.
Touches: `data/pools`.
Never: rewrites a version; publishes bytes that differ from the approved ones by one bit.
Why: the file a fleet loads must be whole, and must be what a named person read.
"""
