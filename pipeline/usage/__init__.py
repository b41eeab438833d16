"""Reads what an operator's own traffic says of the variants, and fits which band a workload needs.

In: lines of spend logs or of the documented JSONL; records; the bands of the pool in force; a margin.
Out: UsageRecord and rejected lines; WorkloadTable, which waits for a person; requests worth grading twice.
Touches: `data/usage` and `data/workloads`.
Never: keeps a word of a request or of an answer; puts a table in force that nobody approved; reads a clock.
Why: no classifier of text beats counting characters, so a workload's band is learnt from graded answers.
"""
