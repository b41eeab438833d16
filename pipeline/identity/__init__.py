"""Joins source names to variants by the judgements people wrote down.

In: readings of the sources; the folder data/crosswalk.
Out: Crosswalk (`crosswalk.load_crosswalk`), its files as they stood on a day (`load.known_on`), names that
    spell one variant with what speaks for and against it (`provisional_matches.name_candidates`), Resolution
    (`resolve.resolve`), also without some of those names (`name_join.reroute_without`), one more line
    (`judgements.append_judgement`).
    What a name in a past table tells of vendor, family and effort (`family_inference.FamilyInference`).
    Of the judged prices of a release the day chooses: the latest line that is valid on it (`load.valid_on`).
Touches: reads data/crosswalk; adds a named person's lines to judgements.csv, and changes no other line.
Never: lets a similarity score decide; uses a name against which anything speaks; writes a line that no person
    dictated or approved; adds up two names of one variant; fills in a missing score.
Why: a score on the wrong variant is worse than no score, so an unjudged name is left out and counted.
"""
