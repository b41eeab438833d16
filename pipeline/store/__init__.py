"""Stores what the weeks so far said and decided in a database, for questions in SQL.

In: RunRecord, Crosswalk, Proposal, Decision, Pool.
Out: the rows that are not what files and captures say.
Touches: `data/pipeline.sqlite`, or the database a URL names; its tables change by `migrations` only.
Never: holds a rule; lets a row, connection or SQLAlchemy type out; keeps what no file can give back.
Why: files are the record and are reviewed; people ask a database across weeks, which may be thrown
    away and rebuilt at any time. No run, approval or replay reads a value from it.
"""
