"""Repeats the last run in memory: the same captures, today's policy and crosswalk; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week as WeekId
from pipeline.domain.calendar import read_moment
from pipeline.domain.crosswalk import Judgement
from pipeline.domain.ids import SourceKey, SourceModelName, SourceName, VariantId
from pipeline.errors import RefusedError
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import Config, read_config
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.run.prior_state import KeptLastScores, read_prior_state
from pipeline.flow.run.run_state import RunRequest, RunState, selection_input
from pipeline.flow.run.score import ScoredWeek, score_readings, with_remembered_merges
from pipeline.flow.run.settled_prices import record_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.domain.observation import Reading
    from pipeline.domain.price import PriceRecord
    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.domain.run import PriorState
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.pools.selection_input import SelectionInput
    from pipeline.publish.versions import PublishedVersion
    from pipeline.review.proposals.proposal_store import Reviews
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """The inputs of the last run, with today's policy and crosswalk."""

    job: RunRequest
    attempt: int
    inputs: tuple[InputDigest, ...]
    """As the run recorded them."""
    rules: Config
    readings: tuple[Reading, ...]
    record: RecordFiles
    """The files of record as they stand now."""
    memory: PriorState
    prices: PriceRecord
    """What it knew of prices besides what sources stated."""

    @property
    def published(self) -> PublishedVersion | None:
        """The version in force now."""
        return self.record.in_force

    @property
    def name(self) -> str:
        """The week and attempt, as its folder is called."""
        return self.job.week if self.attempt == 1 else f"{self.job.week}.{self.attempt}"

    @property
    def changed(self) -> tuple[str, ...]:
        """What people changed since the run: its numbers may differ from those in its proposal."""
        now = {"policy": self.rules.policy_sha256, "crosswalk": self.rules.crosswalk.sha256}
        return tuple(line.name for line in self.inputs if now.get(line.name, line.sha256) != line.sha256)

    def with_judgements(self, answers: Mapping[tuple[SourceName, SourceKey], VariantId | None]) -> LastRun:
        """Return the same run as if names were judged to mean variants; None: as if they were not judged."""
        crosswalk = self.rules.crosswalk
        judgements = {place: word for place, word in crosswalk.judgements.items() if place not in answers}
        judgements |= {
            place: Judgement(
                source=place[0],
                key=place[1],
                name=self._name_at(place),
                variant=variant,
                decided_on=self.job.now.date(),
                decided_by="nobody",
                reason="supposed",
            )
            for place, variant in answers.items()
            if variant is not None
        }
        unsaid = {place for place, variant in answers.items() if variant is None}
        supposed = replace(
            crosswalk, judgements=judgements, withdrawn=crosswalk.withdrawn - answers.keys() | unsaid
        )
        return replace(self, rules=replace(self.rules, crosswalk=supposed))

    def _name_at(self, place: tuple[SourceName, SourceKey]) -> SourceModelName:
        """Return the name under a key as the run read it; a board's key is the name."""
        entries = (entry for reading in self.readings for entry in reading.entries)
        found = (entry.name for entry in entries if (entry.source, entry.key) == place)
        return min(found, default=SourceModelName(place[1]))

    def assess(
        self,
        rules: Config | None = None,
        readings: Sequence[Reading] | None = None,
        silent: Collection[str] = (),
    ) -> ScoredWeek:
        """Resolve and score as the run did, or with other rules or readings, or without some boards."""
        used = self.readings if readings is None else readings
        return score_readings(
            used, rules or self.rules, on=self.job.now.date(), silent=silent, record=self.prices
        )

    def selection_input(self, assessment: ScoredWeek, rules: Config | None = None) -> SelectionInput:
        """Ask for the pools as the run did, against the pool that is in force now."""
        week = RunState(
            job=self.job,
            rules=rules or self.rules,
            results=(),
            assessment=assessment,
            record=self.record,
        )
        return selection_input(week, self.memory)


def last_run(workspace: Workspace, settings: Settings) -> LastRun:
    """Read the inputs of the latest proposal or heartbeat.

    Raises:
        UsageError: Policy or crosswalk are not of the written form.
        RefusedError: There was no run, its captured bytes are not here, or the record is damaged.
    """
    rules = read_config(workspace)
    record = RecordFiles(workspace)
    run = _latest_run(record.reviews)
    capture_index = CaptureIndex(workspace)
    history = RunHistory(record, capture_index)
    used = history.used_by(run)
    if used is None:
        raise RefusedError(
            f"captured bytes behind the run of {run.week} are not on this machine",
            hint="Run `modelpool run` again here, or copy data/raw from where it ran.",
        )
    return LastRun(
        job=RunRequest(
            workspace=workspace,
            settings=settings,
            week=WeekId(run.week),
            now=read_moment(run.as_of),
            captures=(),
            progress=lambda _: None,
        ),
        attempt=run.attempt,
        inputs=run.inputs,
        rules=with_remembered_merges(rules, record.reviews, run.week),
        readings=used.readings,
        record=record,
        memory=read_prior_state(history, rules, KeptLastScores(None), before=WeekId(run.week)),
        prices=record_of(run, record, capture_index, rules),
    )


def _latest_run(reviews: Reviews) -> Proposal | Heartbeat:
    if not reviews.attempts:
        raise RefusedError("no run is on record", hint="Run `modelpool run` first.")
    return reviews.run_in(reviews.attempts[-1])[0]
