"""Selects each tier's members from scores, prices and the published pool, and says why.

In: scoreboards, policy, crosswalk variants, catalogue profiles, the published pool, earlier weeks.
Out: Selection (candidate pool, changes with reasons, tier reports, findings); a tier without one vendor;
    the line of the policy that would admit a variant; an explanation of a place; diff and apply.
Touches: nothing.
Constraints: context, tools, vision, vendors, licence, region, retirement, concentration; what nobody states
    fails where a tier asks for it.
Never: a clock; a file; a tie broken by dict order; a guardrail hidden; a draw or a report that decides.
Why: when a pool may change is the product; it is one room that reads like method section 5 to 7.
"""
