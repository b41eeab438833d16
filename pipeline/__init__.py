"""modelpool: keeps an LLM router's model pools current, reviewed before deployment.

The rooms, in the order in which data flows: `sources`, `captures`, `checks`, `identity`, `scoring`, `pools`,
`review`, `publish`, `router`. `policy` reads what people decided beforehand, `store` is the database beside
the line, `backtest` simulates past weeks, `flow` joins the rooms, `cli` is the command line. `domain` holds
the types they share; all stand on `errors`, `settings`, `workspace` and `atomic_files`.
"""

__version__ = "0.1.0"
