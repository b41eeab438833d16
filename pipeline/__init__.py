"""modelpool: keeps an LLM router's model pools current, reviewed before deployment.

The rooms, in the order in which data flows: `sources`, `observations`, `identity`, `scoring`,
`pools`, `review`, `publish`, `router`. `policy` reads what people decided beforehand, `store` is
the database beside the line, `backtest` walks past weeks, `flow` opens the doors, `cli` speaks with
the operator. `domain` holds the words they share; `errors`, `settings`, `workspace` and `durable`
are the ground below.
"""

__version__ = "0.1.0"
