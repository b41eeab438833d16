"""The question put to a person, and the person's answer.

In: the selected pool, its changes, the week's scores, findings and open names; a ballot.
Out: Proposal, Decision, Heartbeat, Acceptance; proposal.md, report.html and open-names.csv for reading;
    what people had written when a run used it, by digest (`used`); the page of a backtest (`past_page`),
    which nobody approves.
Touches: `reviews/`.
Never: approves by itself; writes into a decided folder; lets a source's text become markup.
Why: what is approved is bytes with a digest, and what is read is drawn from exactly those bytes.
"""
