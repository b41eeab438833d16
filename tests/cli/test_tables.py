"""The tables of a proposal in a narrow terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.cli.tables import standing_lines, tier_table
from pipeline.review import folder as filing

if TYPE_CHECKING:
    from tests.example import Example


def test_names_stay_whole_at_eighty_columns(ran: Example) -> None:
    proposal = filing.read(ran.folder / "reviews/2026-W33").proposal
    for name, tier in proposal.pool.tiers.items():
        long = tier.members[0].model_copy(update={"variant": "deepseek-v4-flash-0424@none"})
        shown = tier.model_copy(update={"members": (long, *tier.members[1:])})
        screen = io.StringIO()
        Console(file=screen, width=80).print(tier_table(name, shown, proposal.tiers[name]))
        assert all(member.variant in screen.getvalue() for member in shown.members)


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
