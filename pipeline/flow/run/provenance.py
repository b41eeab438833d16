"""Computes the digest of everything a proposal was computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import __version__
from pipeline.domain.calendar import moment_text
from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import SourceName
from pipeline.domain.run_inputs import InputDigest, InputKind, input_name
from pipeline.review.decisions.acceptances import file_of
from pipeline.review.decisions.remembered_answers import last_link_that_counts
from pipeline.review.proposals.documents import document_bytes, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.flow.record.config import Config
    from pipeline.flow.record.record_files import RecordFiles
    from pipeline.flow.run.ingest import SourceResult


def input_digests(rules: Config, results: Sequence[SourceResult]) -> tuple[InputDigest, ...]:
    """List captures (used, kept from, held), policy, expectations, crosswalk and code with their digests."""
    captures = [
        InputDigest(
            name=input_name(kind, number, result.source),
            sha256=capture.sha256,
            detail=capture.url,
            fetched_at=moment_text(capture.fetched_at),
        )
        for result in results
        for kind, group in (
            (InputKind.CAPTURE, result.captures),
            (InputKind.APPROVED, result.kept),
            (InputKind.HELD, result.refused),
        )
        for number, capture in enumerate(group, start=1)
    ]
    written = [
        (InputKind.POLICY, rules.policy_sha256, "data/policy/tiers.toml"),
        (InputKind.EXPECTATIONS, rules.expectations_sha256, "data/policy/expectations.toml"),
        (InputKind.CROSSWALK, rules.crosswalk.sha256, "data/crosswalk"),
        (InputKind.CODE, sha256_hex(__version__.encode()), f"modelpool {__version__}"),
    ]
    files = [
        InputDigest(name=name, sha256=digest, detail=detail, fetched_at=None)
        for name, digest, detail in written
    ]
    return (*captures, *files)


def record_digests(record: RecordFiles, week: str) -> tuple[InputDigest, ...]:
    """List what a run of a week reads from the record: acceptances, answers, the last run of an earlier week.

    That run names the one before it, and the last link of the decisions' chain the one before it, so the
    whole past is named; the base version is named by the pool itself.
    """
    words = [
        InputDigest(
            name=input_name(InputKind.ACCEPTED, number, SourceName(one.source)),
            sha256=sha256_hex(document_bytes(one)),
            detail=f"reviews/{file_of(one)}",
            fetched_at=one.accepted_at,
        )
        for number, one in enumerate(reversed(record.acceptances), start=1)
    ]
    if answered := last_link_that_counts(record.chain):
        file, digest, decided_at = answered
        words.append(
            InputDigest(
                name=InputKind.ANSWERS, sha256=digest, detail=f"reviews/{file}", fetched_at=decided_at
            )
        )
    earlier = [folder for folder in record.reviews.attempts if place_of(folder)[0] < week]
    if not earlier:
        return tuple(words)
    last, (_, digest) = earlier[-1], record.reviews.run_in(earlier[-1])
    return (*words, InputDigest(name=InputKind.EARLIER, sha256=digest, detail=last.name, fetched_at=None))
