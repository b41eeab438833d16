"""Reads and checks what people decided beforehand: tiers and constants.

In: data/policy/tiers.toml, lateness.toml.
Out: Policy and the digest of the file's bytes (`load.load_policy`); Lateness (`load.load_lateness`).
Touches: reads data/policy.
Never: fills in a constant that the file does not state; judges whether a constant is wise.
Why: a number that decides over models stands in a reviewed file beside its reason, not in code.
"""
