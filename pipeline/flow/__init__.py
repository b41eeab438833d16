"""Joins the rooms: one module per thing an operator asks for.

In: a workspace, settings, `now`.
Out: results for the command line.
Touches: through the rooms only.
Never: computes a score, a rule or a digest itself; reads the clock or the environment.
Why: rooms do not know each other, so somebody who knows nothing else must carry values between them.
"""
