"""Joins source names to variants by the judgements people wrote down.

In: readings of the sources; the folder data/crosswalk.
Out: Crosswalk (`crosswalk.load_crosswalk`), its files as they stood on a day (`volume.known_by`), names that
    spell one variant with what speaks for and against it (`provisional.candidates`), Resolution
    (`resolve.resolve`), also without some of those names (`routing.without`), one more line (`judge.judge`).
    What a name in a past table tells of vendor, family and effort (`kinship.Kinship`).
    Of the judged prices of a release the day chooses: the latest line that is valid on it (`dated.valid_on`).
Touches: reads data/crosswalk; adds a named person's lines to judgements.csv, and changes no other line.
Never: lets a similarity score decide; uses a name against which anything speaks; writes a line that no person
    dictated or approved; adds up two names of one variant; fills in a missing score.
Why: a score on the wrong variant is worse than no score, so an unjudged name is left out and counted.
"""
