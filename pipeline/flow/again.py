"""The last run once more, in memory: the same captures, today's policy and crosswalk, nothing written."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Judgement
from pipeline.domain.names import SourceModelName
from pipeline.domain.week import Week as WeekId
from pipeline.errors import RefusedError
from pipeline.flow.archive import Archive
from pipeline.flow.assess import assess
from pipeline.flow.brief import brief_of
from pipeline.flow.desk import desk_copy
from pipeline.flow.job import Job
from pipeline.flow.merged import remembering
from pipeline.flow.outcome import Week
from pipeline.flow.rebuild import catch_up, used_by
from pipeline.flow.rules import read_rules
from pipeline.flow.settled_prices import record_of
from pipeline.publish.shelf import in_force
from pipeline.review import folder as filing
from pipeline.review.moments import read_moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pipeline.domain.memory import Memory
    from pipeline.domain.names import SourceKey, SourceName, VariantId
    from pipeline.domain.observation import Reading
    from pipeline.domain.price import PriceRecord
    from pipeline.domain.proposal import Heartbeat, InputDigest, Proposal
    from pipeline.flow.assess import Assessment
    from pipeline.flow.rules import Rules
    from pipeline.pools.brief import Brief
    from pipeline.publish.shelf import Published
    from pipeline.settings import Settings
    from pipeline.store.desk import Desk
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """What the last run had before it, with what people say today."""

    job: Job
    attempt: int
    inputs: tuple[InputDigest, ...]
    """As the run recorded them."""
    rules: Rules
    readings: tuple[Reading, ...]
    published: Published | None
    memory: Memory
    record: PriceRecord
    """What it knew of prices besides what sources stated."""

    @property
    def name(self) -> str:
        """The week and attempt, as its folder is called."""
        return self.job.week if self.attempt == 1 else f"{self.job.week}.{self.attempt}"

    @property
    def changed(self) -> tuple[str, ...]:
        """What people changed since the run: its numbers may differ from those in its proposal."""
        now = {"policy": self.rules.policy_sha256, "crosswalk": self.rules.crosswalk.sha256}
        return tuple(line.name for line in self.inputs if now.get(line.name, line.sha256) != line.sha256)

    def judging(self, answers: Mapping[tuple[SourceName, SourceKey], VariantId | None]) -> LastRun:
        """Return the same run as if names were judged to be variants; None: as if nobody had judged them."""
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
        rules: Rules | None = None,
        readings: Sequence[Reading] | None = None,
        silent: Collection[str] = (),
    ) -> Assessment:
        """Resolve and score as the run did, or with other rules or readings, or without some boards."""
        heard = self.readings if readings is None else readings
        return assess(heard, rules or self.rules, on=self.job.now.date(), silent=silent, record=self.record)

    def brief(self, assessment: Assessment, rules: Rules | None = None) -> Brief:
        """Ask for the pools as the run did, against the pool that is in force now."""
        week = Week(
            job=self.job,
            rules=rules or self.rules,
            heard=(),
            assessment=assessment,
            published=self.published,
        )
        return brief_of(week, self.memory)


def last_run(workspace: Workspace, settings: Settings) -> LastRun:
    """Read the inputs of the latest proposal or heartbeat.

    Raises:
        UsageError: Policy or crosswalk are not of the written form.
        RefusedError: There was no run, its captured bytes are not here, or the record is damaged.
    """
    rules = read_rules(workspace)
    run = _latest(workspace)
    with copied_desk(workspace, settings, rules) as desk:
        used = used_by(run, desk, Archive(workspace))
        memory = desk.memory(before=WeekId(run.week))
    if used is None:
        raise RefusedError(
            f"captured bytes behind the run of {run.week} are not on this machine",
            hint="Run `modelpool run` again here, or copy data/raw from where it ran.",
        )
    return LastRun(
        job=Job(
            workspace=workspace,
            settings=settings,
            week=WeekId(run.week),
            now=read_moment(run.as_of),
            captures=(),
            progress=lambda _: None,
        ),
        attempt=run.attempt,
        inputs=run.inputs,
        rules=remembering(rules, workspace, run.week),
        readings=used.readings,
        published=in_force(workspace.pools),
        memory=memory,
        record=record_of(run, workspace, Archive(workspace), rules),
    )


def _latest(workspace: Workspace) -> Proposal | Heartbeat:
    runs: list[Proposal | Heartbeat] = []
    if workspace.reviews.is_dir():
        runs.extend(one.proposal for one in filing.filed(workspace.reviews))
        runs.extend(filing.heartbeats(workspace.reviews))
    if not runs:
        raise RefusedError("no run is on record", hint="Run `modelpool run` first.")
    return max(runs, key=lambda run: (run.week, run.attempt))


@contextmanager
def copied_desk(workspace: Workspace, settings: Settings, rules: Rules) -> Iterator[Desk]:
    """Open a copy of the desk, brought up to the files: whoever asks changes nothing."""
    with desk_copy(workspace, settings) as desk:
        if settings.database_url is None:
            catch_up(desk, workspace, rules)
        yield desk
