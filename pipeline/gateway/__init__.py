"""Drives a LiteLLM proxy with the published pool.

In: a folder of published pools, the environment's provider keys, the requests of a LiteLLM proxy.
Out: the proxy's registry, the band and the members that may answer, `brainModel` and its headers.
Touches: the proxy's process; its state folder, which keeps the last good pool.
Never: decides what a pool holds; changes a client's parameters; serves a pool that was not verified.
Why: LiteLLM brings keys, budgets, retries, logs and providers; what it lacks is a pool that people approved.
"""
