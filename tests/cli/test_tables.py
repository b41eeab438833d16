"""The tables of a proposal in a narrow terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.cli.tables import cost_line, standing_lines, tier_table
from pipeline.review import folder as filing

if TYPE_CHECKING:
    from tests.example import Example


COSTS = (("0.00059", "0.0031"), ("0.000066", "0.00035"), ("0.00016", "0.00087"))
"""80 % intervals of the first tier's dollars per task: a third and three times, no exponent."""


def test_names_stay_whole_at_eighty_columns(ran: Example) -> None:
    proposal = filing.read(ran.folder / "reviews/2026-W33").proposal
    for name, tier in proposal.pool.tiers.items():
        long = tier.members[0].model_copy(update={"variant": "deepseek-v4-flash-0424@none"})
        shown = tier.model_copy(update={"members": (long, *tier.members[1:])})
        screen = io.StringIO()
        Console(file=screen, width=80).print(tier_table(name, shown, proposal.tiers[name]))
        assert all(member.variant in screen.getvalue() for member in shown.members)


def test_below_a_table_stands_how_well_each_cost_is_known(ran: Example) -> None:
    proposal = filing.read(ran.folder / "reviews/2026-W33").proposal
    pool, report = proposal.pool.tiers["frugal"], proposal.tiers["frugal"]
    line = cost_line(pool, report)
    assert line is not None
    screen = io.StringIO()
    Console(file=screen, width=80).print(line)
    told = " ".join(screen.getvalue().split())
    assert told == "$ per task, 80 % interval: " + ", ".join(
        f"#{member.rank} ${low} to {high}" for member, (low, high) in zip(pool.members, COSTS, strict=True)
    )
    before = tuple(
        one.model_copy(update={"usd_per_task_low": None, "usd_per_task_high": None})
        for one in report.standings
    )
    assert cost_line(pool, report.model_copy(update={"standings": before})) is None


def test_below_a_table_stands_who_is_robust_and_what_the_others_fall_with(ran: Example) -> None:
    tier = filing.read(ran.folder / "reviews/2026-W33").proposal.pool.tiers["premium"]
    first, second, third = tier.members
    flags: tuple[tuple[str, ...] | None, ...] = ((), ("tau doubled", "only chat"), None)
    members = tuple(
        member.model_copy(update={"fragile": flag})
        for member, flag in zip((first, second, third), flags, strict=True)
    )
    screen = io.StringIO()
    for line in standing_lines(tier.model_copy(update={"members": members})):
        Console(file=screen, width=80).print(line)
    told = [line.strip() for line in screen.getvalue().splitlines()]
    assert told == [
        "#1 robust, under every doubt",
        "#2 is fragile, it would lose its place: tau doubled, only chat",
    ]
