"""Speaks with the sources and reads their answers; the only room that knows their formats.

In: a session (HTTP requests to one source, at `now`); or files that hold an earlier answer.
Out: Capture (bytes) and, from captures, a Reading of observations, prices, entries and findings.
Touches: the network, in `fetch` only; reads capture files in `files`.
Never: guesses a missing field; decides what a name means; writes a file.
Why: a source may change its format any day, and then only its one file here changes.
"""
