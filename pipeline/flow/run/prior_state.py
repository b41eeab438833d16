"""Collects what this week's rules ask about earlier weeks, from files of record and captures.

What a run published about each variant is kept sealed for the weeks that compare with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week, read_moment
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.ids import MetricName, SourceName, VariantId
from pipeline.domain.run import LastScore, PriorState
from pipeline.flow.record.config_snapshots import past_config
from pipeline.flow.record.reading_summaries import code_digest
from pipeline.flow.record.run_history import missing_members
from pipeline.flow.run.score import score_again, with_remembered_merges
from pipeline.flow.run.settled_prices import record_of
from pipeline.pools.changes.incumbents import left_pool, missing_runs
from pipeline.review.decisions.remembered_answers import read_decision_memory
from pipeline.review.proposals.documents import PROPOSAL, document_bytes, file_digest
from pipeline.scoring.last_scores import last_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.captures.sealed_cache import SealedCache
    from pipeline.domain.ids import Sha256
    from pipeline.domain.observation import Reading
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.flow.record.config import Config
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.flow.record.run_history import RunHistory
    from pipeline.flow.run.run_state import EvaluatedWeek
    from pipeline.review.decisions.acceptances import Acceptance


class KeptLastScores:
    """The last scores of runs, kept by a digest of everything they follow from."""

    def __init__(self, files: SealedCache | None) -> None:
        """Keep them in sealed files; None: keep none."""
        self._files = files

    def of(self, name: str, work_out: Callable[[], dict[VariantId, LastScore]]) -> dict[VariantId, LastScore]:
        """Return what is kept under a name, or work it out and keep it."""
        body = self._files.read(name) if self._files else None
        if body is not None:
            return _unpack(body)
        scores = work_out()
        self.keep(name, scores)
        return scores

    def keep(self, name: str, scores: dict[VariantId, LastScore]) -> None:
        """Keep scores under a name; where the disk refuses, the next run works them out again."""
        if self._files is not None:
            try:
                self._files.keep(name, _pack(scores))
            except OSError:
                return


def kept_name(
    proposal_sha256: Sha256, rules: Config, acceptances: Sequence[Acceptance], capture_index: CaptureIndex
) -> str:
    """Name the last scores of a run by a digest of everything they follow from.

    Args:
        proposal_sha256: Digest of the run's proposal, which names its captures.
        rules: What people had written then, with the remembered merges.
        acceptances: What people accepted of earlier captures.
        capture_index: Which of the accepted captures are here.
    """
    accepted: list[JsonValue] = [
        [
            sha256_hex(document_bytes(acceptance)),
            all(capture_index.has(SourceName(acceptance.source), digest) for digest in acceptance.captures),
        ]
        for acceptance in acceptances
    ]
    written: list[JsonValue] = [rules.policy_sha256, rules.expectations_sha256, rules.crosswalk.sha256]
    merged: dict[str, JsonValue] = dict(rules.merged_before)
    code = code_digest("")
    return sha256_hex(canonical_json(["last-scores", proposal_sha256, written, merged, accepted, code]))


def _pack(scores: dict[VariantId, LastScore]) -> bytes:
    return json.dumps(
        {
            variant: [one.values, one.input_microusd_per_mtok, one.output_microusd_per_mtok]
            for variant, one in scores.items()
        }
    ).encode()


def _unpack(body: bytes) -> dict[VariantId, LastScore]:
    """Read scores whose seal is whole, so they are as `_pack` wrote them."""
    return {
        VariantId(variant): LastScore(
            values={MetricName(metric): (scale, value) for metric, (scale, value) in values.items()},
            input_microusd_per_mtok=per_input,
            output_microusd_per_mtok=per_output,
        )
        for variant, (values, per_input, per_output) in json.loads(body).items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInForce:
    """What the run behind the pool in force was made from."""

    rules: Config
    """As people's word stood then."""
    readings: tuple[Reading, ...]


def read_prior_state(history: RunHistory, rules: Config, kept: KeptLastScores, *, before: Week) -> PriorState:
    """Collect what a week's rules ask about earlier weeks; runs of `before` and later weeks do not count.

    Args:
        history: The runs on record.
        rules: What people have written now.
        kept: Where the last scores of earlier runs are kept.
        before: The week that is asked about.

    Raises:
        RefusedError: A file of record is damaged.
    """
    earlier = (run for run in history.last_of_each_week() if run.week < before)
    decided = read_decision_memory(history.record.chain)
    return PriorState(
        left_pool=left_pool([version.pool for version in history.record.versions]),
        missing_runs=missing_runs(map(missing_members, earlier)),
        last_scores=_LastScores(lambda: _last_scores(history, history.capture_index.at(before), rules, kept)),
        answers=decided.answers,
        rejected_facts=decided.rejected_facts,
    )


class _LastScores(Mapping[VariantId, LastScore]):
    """The scores behind the pool in force, worked out at the first use."""

    def __init__(self, work_out: Callable[[], Mapping[VariantId, LastScore]]) -> None:
        self._scores = cache(work_out)

    def __getitem__(self, variant: VariantId) -> LastScore:
        return self._scores()[variant]

    def __iter__(self) -> Iterator[VariantId]:
        return iter(self._scores())

    def __len__(self) -> int:
        return len(self._scores())


def _last_scores(
    history: RunHistory, capture_index: CaptureIndex, rules: Config, kept: KeptLastScores
) -> dict[VariantId, LastScore]:
    """Return the scores of the run behind the pool in force; without kept ones, score its readings again."""
    run = history.in_force()
    if run is None or not history.has_all(run.proposal):
        return {}
    then = _rules_then(run.proposal, history.record, rules)

    def work_out() -> dict[VariantId, LastScore]:
        used = history.used_by(run.proposal)
        readings = used.readings if used else ()
        on = read_moment(run.proposal.as_of).date()
        prices = record_of(run.proposal, history.record, capture_index, then)
        boards = score_again(readings, then, on=on, record=prices).scoreboards
        return last_scores(readings, then.crosswalk, [boards[name] for name in sorted(boards)])

    return kept.of(kept_name(run.sha256, then, history.record.acceptances, capture_index), work_out)


def keep_last_scores(done: EvaluatedWeek, folder: Path, history: RunHistory, kept: KeptLastScores) -> None:
    """Keep what a run that proposed something says of each variant, for the runs after it is published.

    Args:
        done: What the run came to.
        folder: Where it is filed.
        history: The runs on record before it.
        kept: Where to keep it.

    Raises:
        RefusedError: A document of record is damaged.
    """
    if done.kind is None:
        return
    week, sha256 = done.week, file_digest(folder / PROPOSAL)
    boards = week.assessment.scoreboards
    readings = [result.reading for result in week.results if result.reading]
    scores = last_scores(readings, week.rules.crosswalk, [boards[name] for name in sorted(boards)])
    kept.keep(kept_name(sha256, week.rules, history.record.acceptances, history.capture_index), scores)


def run_in_force(history: RunHistory, rules: Config) -> RunInForce | None:
    """Return what the run behind the pool in force was made from; None without one, or without its bytes.

    Raises:
        RefusedError: A file of record is damaged.
    """
    run = history.in_force()
    used = history.used_by(run.proposal) if run else None
    if run is None or used is None:
        return None
    return RunInForce(rules=_rules_then(run.proposal, history.record, rules), readings=used.readings)


def _rules_then(run: Proposal, record: RecordFiles, rules: Config) -> Config:
    return with_remembered_merges(past_config(record.workspace, rules)(run), record.reviews, run.week)
