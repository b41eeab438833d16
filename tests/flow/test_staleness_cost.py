"""What status says of a late approval: one line, an estimate, nothing for a fresh pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.domain.policy import Lateness

if TYPE_CHECKING:
    from tests.example import Example

LATENESS = Lateness(format=1, age_weeks=(1, 2, 4), answers_lost={"balanced": (4.0, 6.0, 12.0)})


@pytest.mark.parametrize(
    ("weeks", "lost"), [(0, 0.0), (1, 4.0), (2, 6.0), (3, 9.0), (4, 12.0), (5, 12.0), (99, 12.0)]
)
def test_between_two_measured_ages_a_straight_line(weeks: int, lost: float) -> None:
    assert LATENESS.lost_in(LATENESS.answers_lost, ("balanced", "coding"), weeks) == (("balanced", lost),)


def line_of(example: Example, day: str) -> list[str]:
    said = example("status", "--now", f"{day}T12:00:00Z").out
    return [line for line in said.splitlines() if "fallen behind" in line]


def test_one_line_says_what_the_pool_has_probably_lost_since_its_date(example: Example) -> None:
    """The pool is of 2026-05-31: ten weeks and some days later it is between 8 and 13 weeks old."""
    (line,) = line_of(example, "2026-08-14")
    assert line.startswith(
        "It is 10 weeks old and has probably fallen behind by 4.3 answers per 100 in frugal, 4.2 answers per "
    )
    assert line.endswith("3.9 answers per 100 in premium: an estimate from past years.")


@pytest.mark.parametrize(("day", "lines"), [("2026-05-31", 0), ("2026-06-06", 0), ("2026-06-07", 1)])
def test_a_pool_that_is_not_a_week_old_has_lost_nothing(example: Example, day: str, lines: int) -> None:
    assert len(line_of(example, day)) == lines


def test_beyond_the_measured_ages_it_is_at_least_as_much(example: Example) -> None:
    (line,) = line_of(example, "2028-01-01")
    assert "at least 15.4 answers per 100 in frugal" in line


def test_programs_get_the_same_numbers(example: Example) -> None:
    def lost(day: str) -> object:
        force = example("status", "--json", "--now", f"{day}T12:00:00Z").json["in_force"]
        assert isinstance(force, dict)
        return force["probably_lost"]

    assert lost("2026-05-31") is None
    assert lost("2026-06-14") == {
        "weeks": 2,
        "answers_per_100": {"frugal": 1.6, "balanced": 1.5, "premium": 1.2},
        "elo": {},
    }


def test_a_file_from_before_value_is_told_in_the_points_it_states(example: Example) -> None:
    file = example.folder / "data/policy/lateness.toml"
    file.write_text(
        file.read_text().replace("[answers_lost]", "[elo_lost]").replace("1.6, 2.3", "16.0, 23.0")
    )
    (line,) = line_of(example, "2026-06-14")
    assert "fallen behind by 16 Elo in frugal, 2 Elo in balanced" in line


def test_a_workspace_without_the_file_says_nothing(example: Example) -> None:
    (example.folder / "data/policy/lateness.toml").unlink()
    assert line_of(example, "2026-08-14") == []


def test_a_tier_that_was_not_measured_is_not_estimated(example: Example) -> None:
    file = example.folder / "data/policy/lateness.toml"
    file.write_text(file.read_text().replace("premium =", "coding ="))
    (line,) = line_of(example, "2026-08-14")
    assert line.endswith("in frugal, 4.2 answers per 100 in balanced: an estimate from past years.")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("age_weeks = [1, 2,", "age_weeks = [2, 1,", "must ascend"),
        ("premium = [0.6, ", "premium = [", "answers_lost.premium has 6 numbers for 7 ages"),
        ("premium = [0.6", "premium = [-0.6", "answers_lost.premium[0]"),
        ("format = 1", "format = 2", "lateness.toml:5: format"),
        ("format = 1", "format = 1\nfuture = 1", "future"),
        ("format = 1", "format = ", "lateness.toml:5"),
        ("age_weeks", "ages", "age_weeks"),
    ],
)
def test_a_broken_file_is_named_with_exit_2(example: Example, old: str, new: str, found: str) -> None:
    file = example.folder / "data/policy/lateness.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    done = example("status", "--now", "2026-08-14T12:00:00Z")
    assert (done.code, found in done.err) == (2, True), done.err
