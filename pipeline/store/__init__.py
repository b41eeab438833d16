"""The desk beside the line: what the weeks so far said and decided, ready to be asked.

In: RunRecord, Crosswalk, Proposal, Decision, Pool.
Out: Memory, Use and Approved (earlier captures and approved values of a source), AuditLine.
Touches: `data/pipeline.sqlite`, or the database a URL names; its tables change by `migrations` only.
Never: holds a rule; lets a row, connection or SQLAlchemy type out; keeps what no file can give back.
Why: files are the record and are reviewed; questions across weeks are asked of a database, which
    may be thrown away and rebuilt at any time.
"""
