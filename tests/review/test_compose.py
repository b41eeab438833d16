"""The frozen proposal: the same inputs give the same bytes."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.observation import Finding, Severity
from pipeline.review.proposals.compose import compose_proposal
from pipeline.review.proposals.documents import document_bytes
from pipeline.review.proposals.finding_lines import finding_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.crosswalk import OpenName
    from pipeline.review.proposals.compose import Draft

T = TypeVar("T")


def shuffled(draft: Draft, seed: int) -> Draft:
    """The same draft with every order of rows and mappings changed."""
    dice = random.Random(seed)  # noqa: S311 - a shuffle for a test, not a secret

    def mixed(rows: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(dice.sample(rows, len(rows)))

    tiers = {
        name: report.model_copy(update={"standings": mixed(report.standings)})
        for name, report in mixed(tuple(draft.tiers.items()))
    }
    boards = {
        name: replace(board, anchors=mixed(board.anchors), fits=mixed(board.fits))
        for name, board in mixed(tuple(draft.scoreboards.items()))
    }
    pool = draft.pool.model_copy(update={"tiers": dict(mixed(tuple(draft.pool.tiers.items())))})
    return replace(
        draft,
        inputs=mixed(draft.inputs),
        pool=pool,
        changes=mixed(draft.changes),
        tiers=MappingProxyType(tiers),
        scoreboards=MappingProxyType(boards),
        resolution=replace(draft.resolution, open_names=mixed(draft.resolution.open_names)),
        findings=mixed(draft.findings),
    )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_inputs_does_not_reach_the_bytes(draft: Draft, seed: int) -> None:
    assert document_bytes(compose_proposal(shuffled(draft, seed))) == document_bytes(compose_proposal(draft))


def test_the_digest_is_of_the_canonical_bytes_of_the_pool(draft: Draft) -> None:
    proposal = compose_proposal(draft)
    assert proposal.pool_sha256 == sha256_hex(canonical_json(draft.pool.model_dump(mode="json")))
    assert json.loads(document_bytes(proposal))["pool_sha256"] == proposal.pool_sha256


def test_the_file_is_one_line_that_ends(draft: Draft) -> None:
    body = document_bytes(compose_proposal(draft))
    assert body.endswith(b"}\n")
    assert body.count(b"\n") == 1


def test_a_pool_of_another_moment_cannot_be_composed(draft: Draft) -> None:
    late = draft.pool.model_copy(update={"as_of": "2026-08-16T12:00:00Z"})
    with pytest.raises(ValueError, match="2026-08-16T12:00:00Z"):
        compose_proposal(replace(draft, pool=late))


def test_holds_come_first_and_each_finding_once(draft: Draft) -> None:
    twice = (*draft.findings, *draft.findings)
    assert [line.severity for line in finding_lines(twice)] == ["hold", "note"]


def test_tau_is_told_in_elo_points(draft: Draft) -> None:
    assert compose_proposal(draft).fits[0].tau_elo == f"{0.15 * 400 / math.log(10):.2f}"


def test_the_queue_takes_turns_between_sources_and_ends_with_names_without_a_value(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName]
) -> None:
    names = (
        make_open_name("unmeasured", None, "artificial-analysis"),
        make_open_name("elo-second", 1380.0, "lmarena-text"),
        make_open_name("index-first", 61.0, "artificial-analysis"),
        make_open_name("elo-first", 1450.0, "lmarena-text"),
    )
    lines = compose_proposal(
        replace(draft, resolution=replace(draft.resolution, open_names=names))
    ).open_names
    assert [line.name for line in lines] == ["index-first", "elo-first", "elo-second", "unmeasured"]


def test_half_a_surrogate_pair_is_written_readably(
    draft: Draft, make_open_name: Callable[[str, float | None, str], OpenName]
) -> None:
    names = (make_open_name("broken\ud800name", 1.0, "lmarena-text"),)
    finding = Finding(kind="drift", severity=Severity.NOTE, subject="x\udfff", message="seen \ud800")
    mixed = replace(draft, resolution=replace(draft.resolution, open_names=names), findings=(finding,))
    assert b"broken\\\\ud800name" in document_bytes(compose_proposal(mixed))
