"""Scores variants: quality on one anchored logit scale, cost per task in dollars.

In: Resolution (measures and offers whose variant is known), Crosswalk, Policy.
Out: one decision per route about its price, with the statements it was made from; a Scoreboard per evidence;
    per variant a Score, or Unscored with a reason. A Cost has a grade and an 80 % interval; it is of the
    evidence's own task mix where the policy names one (coding), else of `task_mix`. Findings about prices;
    what a run published of each variant, for later weeks; an explanation of a score, number by number.
Touches: nothing.
Never: reads a clock, a file or a global; lets a DataFrame out; fills a hole with a guess of quality.
Why: the arithmetic can be checked by hand, line by line, against its own worked examples.
"""
