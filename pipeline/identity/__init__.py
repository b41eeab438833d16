"""Who is meant: source names joined to variants by the judgements people wrote down.

In: readings of the sources; the folder data/crosswalk.
Out: Crosswalk (`crosswalk.load_crosswalk`), Resolution (`resolve.resolve`).
Touches: reads data/crosswalk.
Never: lets a similarity score decide; adds up two names of one variant; fills in a missing score.
Why: a score on the wrong variant is worse than no score, so an unjudged name is left out and counted.
"""
