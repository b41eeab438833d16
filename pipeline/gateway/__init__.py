"""Drives a LiteLLM proxy with the published pool.

In: a folder of published pools, workload tables beside it, provider keys, the requests of a LiteLLM proxy.
Out: the proxy's registry, the band and the members that may answer, `brainModel` and its headers.
Touches: the proxy's process; its state folder, which keeps the last good pool and workload table.
Never: decides what a pool holds; judges a request by its text; changes a client's parameters; serves an
unverified pool.
Why: LiteLLM brings keys, budgets, retries, logs and providers; what it lacks is a pool that people approved.

Left out: to try the simple member first, and the next one where its tool call is not valid. Tried on
LiteLLM 1.108.7 with upstreams whose calls were broken:

- As an error of the deployment, so that LiteLLM goes on by itself: an error of an ordinary plugin is
  swallowed. One of a guardrail goes on, but what was thrown away is in no spend log: a key with a budget of
  a billionth of a dollar asked five times, 30 calls were paid, none was recorded, and the key was never
  refused.
- Asked again by the plugin: on JSON chat completions both calls are recorded, if the second has a logging
  object of its own; no budget is asked before it, and `x-litellm-response-cost` tells the first alone.
- A stream has to be held until its call is complete, so the first byte comes last; its headers named the
  first member and its body the second. Aider, Codex and Continue stream every turn.
"""
