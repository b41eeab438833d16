"""Puts a proposal before a person, and files the person's answer.

In: the selected pool, its changes, the week's scores, findings and open names; a person's decision, or
    answers to single changes.
Out: Proposal, Decision, ChangeAnswers, Heartbeat, Acceptance; the answers that count for later weeks;
    proposal.md, report.html and open-names.csv for reading;
    what people had written when a run used it, by digest (`config_snapshots`); the page of a backtest
    (`backtest_page`), which nobody approves.
Touches: `reviews/`.
Never: approves by itself; writes into a decided folder; lets a source's text become markup.
Why: what is approved is bytes with a digest, and what is read is drawn from exactly those bytes.
"""
