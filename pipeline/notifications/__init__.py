"""Tells people elsewhere that a run ended: a webhook, an e-mail, the body of a pull request.

In: a notice in words, where to send it, the operator's proxy and authorities.
Out: nothing; what cannot be sent is an error for whoever asked.
Touches: the network, and the one file that the operator names.
Never: reads or decides anything; sends a key, or a password without encryption; follows a redirection.
Why: a proposal that nobody hears of is late, and a channel that is down must not stop a run.
"""
