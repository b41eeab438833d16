"""Collects what a run published about each variant, and keeps it sealed for the weeks that compare with it.

It is kept under a digest of everything it follows from: the proposal, what people had written, what they
accepted of earlier captures since, and the whole code. An edited or missing one is worked out anew.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.ids import MetricName, SourceName, VariantId
from pipeline.domain.run import LastScore
from pipeline.domain.score import Cost
from pipeline.flow.record.reading_summaries import code_digest
from pipeline.review.proposals.documents import document_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import JsonValue

    from pipeline.captures.derived import DerivedFiles
    from pipeline.domain.crosswalk import Crosswalk
    from pipeline.domain.ids import Sha256
    from pipeline.domain.observation import Reading
    from pipeline.domain.score import Scoreboard
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.flow.record.config import Config
    from pipeline.review.decisions.acceptances import Acceptance

Values = dict[VariantId, dict[MetricName, tuple[str, float]]]
_NO_PRICE: Final = (None, None)


class KeptLastScores:
    """The last scores of runs, kept by a digest of everything they follow from."""

    def __init__(self, files: DerivedFiles | None) -> None:
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


def last_scores(
    readings: Sequence[Reading], crosswalk: Crosswalk, boards: Sequence[Scoreboard]
) -> dict[VariantId, LastScore]:
    """Collect what was published about each variant and what it cost; the first known price stands."""
    prices: dict[VariantId, tuple[int | None, int | None]] = {}
    for board in boards:
        for variant in (*board.scores, *board.unscored):
            if prices.get(variant, _NO_PRICE) == _NO_PRICE:
                prices[variant] = _price(board, variant)
    values = _values(readings, crosswalk, boards)
    return {
        variant: LastScore(
            values=values.get(variant, {}),
            input_microusd_per_mtok=prices.get(variant, _NO_PRICE)[0],
            output_microusd_per_mtok=prices.get(variant, _NO_PRICE)[1],
        )
        for variant in sorted(prices.keys() | values.keys())
    }


def _price(board: Scoreboard, variant: VariantId) -> tuple[int | None, int | None]:
    score = board.scores.get(variant)
    if score is None or not isinstance(score.cost, Cost):
        return _NO_PRICE
    return score.cost.price.input_microusd_per_mtok, score.cost.price.output_microusd_per_mtok


def _values(readings: Sequence[Reading], crosswalk: Crosswalk, boards: Sequence[Scoreboard]) -> Values:
    """Collect what was published about each variant; the values a score was made of come last and count.

    Where two names of one variant carry the same metric and no score used it, the name that comes
    first in the alphabet stands.
    """
    values: Values = {}
    for variant, metric, scale, value in _judged(readings, crosswalk):
        values.setdefault(variant, {}).setdefault(metric, (scale, value))
    for board in boards:
        for variant, score in board.scores.items():
            for board_score in score.boards:
                values.setdefault(variant, {})[board_score.metric] = (
                    board_score.scale,
                    board_score.published,
                )
    return values


def _judged(
    readings: Sequence[Reading], crosswalk: Crosswalk
) -> Iterator[tuple[VariantId, MetricName, str, float]]:
    rows = sorted(
        (observation for reading in readings for observation in reading.observations),
        key=lambda one: (one.source, one.key, one.metric, one.scale),
    )
    for row in rows:
        judgement = crosswalk.judgements.get((row.source, row.key))
        if judgement is not None and judgement.variant is not None:
            yield judgement.variant, row.metric, row.scale, row.value


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
