"""Holds the history of the tables: `env.py` runs `versions/`, started by `pipeline.store.migrate`."""
