"""Drives a LiteLLM proxy with the published pool.

In: a folder of published pools, workload tables beside it, provider keys, the requests of a LiteLLM proxy.
Out: the proxy's registry, the band and the members that may answer, `brainModel` and its headers.
Touches: the proxy's process; its state folder, which keeps the last good pool and workload table.
Never: decides what a pool holds; judges a request by its text; changes a client's parameters; serves an
unverified pool.
Why: LiteLLM brings keys, budgets, retries, logs and providers; what it lacks is a pool that people approved.
"""
