"""How good a policy would have been: the product's own scoring and pools, walked over past weeks.

In: a weekly table of past boards and prices (`reader.read_history`) or the operator's own weeks, Policy.
Out: which models each tier held in each week and why, a Scorecard per policy, the worth of a refresh by age.
Touches: reads the history file.
Never: holds a copy of a rule of scoring or pools; lets a week see a later row or price.
Why: nobody can say how good a curated pool is unless the rules that made it are judged on later weeks.
"""
