"""Takes the operator's arguments and answers with text or JSON and an exit code.

In: arguments, the clock, the environment.
Out: text for people, `--json` for programs, an exit code.
Touches: the terminal; `data/workspace.lock`, `data/log.jsonl`; `data/errors.log` for an unexpected failure.
Never: an `if` about the domain; a traceback for bad input.
Why: what is decided must be decided where a test reaches it without a terminal.
"""
