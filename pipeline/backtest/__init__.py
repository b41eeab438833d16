"""Simulates how good a policy would have been, with the product's own scoring and pools over past weeks.

In: a weekly table of past boards and prices (`history.read_history`) or the operator's own weeks; a Policy,
    or a grid of them (`grid.read_grid`).
Out: which models each tier held in each week and why, a Scorecard per policy, the worth of a refresh by age;
    an Outcome per grid.
Touches: reads the history and the grid; starts processes, or asks a Dask cluster, for a grid.
Never: holds a copy of a rule of scoring or pools; lets a week see a later row or price; writes a policy.
Why: nobody can say how good a curated pool is unless the rules that made it are judged on later weeks.
"""
