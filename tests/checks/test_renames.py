"""A rename is proposed only on the whole evidence: organisation, rating, votes and the words of the name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from pipeline.checks.renames import rename_findings, renames
from pipeline.domain.ids import LMARENA_TEXT, Sha256, SourceKey, SourceModelName, arena_metric
from pipeline.domain.observation import Entry, Observation, Reading, Severity

OVERALL = arena_metric("text", "overall")


@dataclass(frozen=True)
class Row:
    name: str
    rating: float = 1500.0
    votes: int | None = 5000
    organization: str | None = "google"
    licence: str | None = "Proprietary"


def board(*rows: Row, scale: str = "board") -> Reading:
    day = date(2026, 8, 12)
    return Reading(
        source=LMARENA_TEXT,
        scale=scale,
        published_on=day,
        fetched_at=datetime(2026, 8, 13, tzinfo=UTC),
        captures=(Sha256("0" * 64),),
        observations=tuple(
            Observation(
                source=LMARENA_TEXT,
                key=SourceKey(row.name),
                name=SourceModelName(row.name),
                metric=OVERALL,
                scale=scale,
                value=row.rating,
                low=None,
                high=None,
                votes=row.votes,
                observed_on=day,
                capture=Sha256("0" * 64),
            )
            for row in rows
        ),
        entries=tuple(
            Entry(
                source=LMARENA_TEXT,
                key=SourceKey(row.name),
                name=SourceModelName(row.name),
                organization=row.organization,
                licence=row.licence,
            )
            for row in rows
        ),
    )


OLD = Row("gemini-3.6-flash", rating=1483.6, votes=13559)
NEW = Row("gemini-3.6-flash-high", rating=1484.5, votes=13693)


def test_a_rename_is_told_with_its_evidence() -> None:
    (finding,) = renames(board(NEW, Row("stays")), board(OLD, Row("stays")))
    assert (finding.kind, finding.severity, finding.subject) == ("rename", Severity.WARN, LMARENA_TEXT)
    assert finding.message == (
        "lmarena-text: gemini-3.6-flash is gone and gemini-3.6-flash-high is new: same organisation "
        "(google), the same licence, rating 1483.6 then 1484.5, votes 13559 then 13693; probably one model "
        "under a new name"
    )


@pytest.mark.parametrize(
    "new",
    [
        replace(NEW, organization="openai"),
        replace(NEW, organization=None),
        replace(NEW, rating=1491.0),
        replace(NEW, votes=10_000),
        replace(NEW, votes=90_000),
        replace(NEW, votes=None),
        replace(NEW, name="gemini-3.7-flash"),
        replace(NEW, name="gemini-3.6-flash-002"),
        replace(NEW, name="gemma-3.6-flash"),
        replace(NEW, name="***"),
    ],
)
def test_one_contradiction_is_enough(new: Row) -> None:
    assert renames(board(new), board(OLD)) == ()


def test_two_unknown_organisations_are_not_the_same() -> None:
    assert renames(board(replace(NEW, organization=None)), board(replace(OLD, organization=None))) == ()


def test_another_licence_is_evidence_to_show_not_to_refuse() -> None:
    (finding,) = renames(board(replace(NEW, licence="Kimi")), board(OLD))
    assert "licence Proprietary before, Kimi now" in finding.message


def test_nothing_is_proposed_while_the_old_name_is_there_or_on_another_scale() -> None:
    assert renames(board(OLD, NEW), board(OLD)) == ()
    assert renames(board(NEW, scale="other"), board(OLD)) == ()


def test_pairs_are_one_to_one_and_the_best_fit_comes_first() -> None:
    near = Row("gemini-3.6-flash-medium", rating=1482.0, votes=15_000)
    for new in (board(NEW, near), board(near, NEW)):
        (finding,) = renames(new, board(OLD))
        assert "gemini-3.6-flash-high is new" in finding.message
    two = renames(
        board(replace(OLD, name="claude-opus-4-6-high"), replace(OLD, name="claude-opus-4-7-high")),
        board(replace(OLD, name="claude-opus-4-7-thinking"), replace(OLD, name="claude-opus-4-6-thinking")),
    )
    assert ["4-6-thinking is gone and claude-opus-4-6-high" in one.message for one in two] == [True, False]
    assert "4-7-thinking is gone and claude-opus-4-7-high" in two[1].message


def test_a_sweep_of_names_is_told_in_one_line_and_a_few_one_by_one() -> None:
    def sweep(*numbers: str) -> tuple[Reading, Reading]:
        before = [replace(OLD, name=f"claude-opus-4-{number}-thinking") for number in numbers]
        after = [replace(OLD, name=f"claude-opus-4-{number}-high") for number in numbers]
        return board(*after), board(*before)

    assert rename_findings(*sweep("6", "7")) == renames(*sweep("6", "7"))
    (told,) = rename_findings(*sweep("6", "7", "8"))
    assert "3 names changed" in told.message
    assert "claude-opus-4-8-thinking is gone and claude-opus-4-8-high is new" in told.message
