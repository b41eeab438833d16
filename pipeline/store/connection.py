"""One open database and its transactions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from pipeline.store.driver import READS_ONLY, translate_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection, Engine


class DatabaseConnection:
    """A context manager over one database; transactions inside one another are one."""

    def __init__(self, engine: Engine, place: str) -> None:
        """Keep the engine; the first transaction opens a connection."""
        self._engine = engine
        self._place = place
        self._current: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make everything recorded inside one transaction: all of it is kept, or none.

        Raises:
            RefusedError: Another command is writing, or the database cannot be written.
        """
        with self._writing():
            yield

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._current is not None:
            with translate_errors(self._place), self._current.begin_nested():
                yield self._current
            return
        with translate_errors(self._place), self._engine.begin() as connection:
            self._current = connection
            try:
                yield connection
            finally:
                self._current = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._current is not None:
            yield self._current
            return
        with translate_errors(self._place), self._engine.connect() as connection:
            yield connection.execution_options(**{READS_ONLY: True})
