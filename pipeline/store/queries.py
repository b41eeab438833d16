"""Answers other rooms' questions about earlier weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.store import capture_history, memory, reviews, runs
from pipeline.store.connection import DatabaseConnection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import Sha256, SourceName
    from pipeline.domain.observation import Observation, Price
    from pipeline.domain.run import ApprovedRow, CaptureUse, Memory

WEEKS_BACK = 8
"""Runs that count as recent."""


class Queries(DatabaseConnection):
    """The questions; none of them changes anything."""

    def memory(self, *, before: Week | None = None) -> Memory:
        """Say what earlier weeks know.

        Args:
            before: The week that is being run: its own earlier attempts do not count as earlier
                runs, so that running a week twice asks the same question twice.
        """
        with self._reading() as connection:
            return memory.read_memory(connection, before=before)

    def uses(
        self, source: SourceName, *, before: Week | None = None, limit: int = WEEKS_BACK
    ) -> tuple[CaptureUse, ...]:
        """List the weeks in which new data of a source was used and not held, the newest first.

        Args:
            source: Whose data.
            before: Only runs of earlier weeks count, so that running a week twice compares it with
                the same data twice; None: any run, for falling back.
            limit: At most so many.
        """
        with self._reading() as connection:
            return capture_history.uses(connection, source, before=before, limit=limit)

    def approved(
        self, source: SourceName, *, metrics: Sequence[str], since: datetime
    ) -> tuple[ApprovedRow, ...]:
        """Return a source's rows behind the pool in force and behind every pool made since a moment.

        A run that nobody approved is never among them. Held rows are here with the value they kept.

        Args:
            source: Whose rows.
            metrics: Which scores; prices are always there.
            since: The oldest moment of a run that counts, besides the one behind the pool in force.

        Returns:
            The newest first; empty when no pool is published or its run's rows are not on this machine.
        """
        with self._reading() as connection:
            return capture_history.approved(connection, source, metrics=metrics, since=since)

    def captured(self, source: SourceName, sha256: str) -> tuple[Observation | Price, ...]:
        """Return the rows that any run read from one capture; empty when no run did."""
        with self._reading() as connection:
            return capture_history.captures_of(connection, source, sha256)

    def proposals_of(self, week: str, attempt: int) -> frozenset[Sha256]:
        """Return the digests of every proposal.json recorded for an attempt; empty: not known here."""
        with self._reading() as connection:
            return reviews.proposals_of(connection, week, attempt)

    def attempts(self) -> frozenset[tuple[str, int]]:
        """Return the weeks and attempts of which a run is recorded."""
        with self._reading() as connection:
            return runs.attempts(connection)

    def decisions_about(self, proposal_sha256: Sha256) -> frozenset[Sha256]:
        """Return the digests of every decision.json recorded about a proposal; empty: not known here."""
        with self._reading() as connection:
            return reviews.decisions_about(connection, proposal_sha256)
