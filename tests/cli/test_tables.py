"""The tables of a proposal in a narrow terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from pipeline.cli.tables import cost_line, tier_table
from pipeline.review.pages.number_format import percent
from pipeline.review.proposals import proposal_store as filing

if TYPE_CHECKING:
    from tests.example import Example


def test_names_stay_whole_at_eighty_columns(ran: Example) -> None:
    proposal = filing.read_proposal(ran.folder / "reviews/2026-W33").proposal
    for name, tier in proposal.pool.tiers.items():
        long = tier.members[0].model_copy(update={"variant": "deepseek-v4-flash-0424@none"})
        shown = tier.model_copy(update={"members": (long, *tier.members[1:])})
        screen = io.StringIO()
        Console(file=screen, width=80).print(tier_table(name, shown, proposal.tiers[name]))
        assert all(member.variant in screen.getvalue() for member in shown.members)


def test_a_name_that_is_too_long_for_the_line_is_folded_and_not_cut(ran: Example) -> None:
    proposal = filing.read_proposal(ran.folder / "reviews/2026-W33").proposal
    tier, name = proposal.pool.tiers["frugal"], "a-model-with-a-name-of-more-than-forty-letters@minimal"
    long = tier.members[0].model_copy(update={"variant": name})
    screen = io.StringIO()
    shown = tier.model_copy(update={"members": (long, *tier.members[1:])})
    Console(file=screen, width=80).print(tier_table("frugal", shown, proposal.tiers["frugal"]))
    assert name in "".join(line[4:38].strip() for line in screen.getvalue().splitlines())


def test_below_a_table_stands_how_well_each_cost_is_known(ran: Example) -> None:
    pool = filing.read_proposal(ran.folder / "reviews/2026-W33").proposal.pool.tiers["frugal"]
    spans = (("0.000590", "0.003100"), ("0.000066", "0.000351"))
    members = tuple(
        member.model_copy(update={"usd_per_task_low": low, "usd_per_task_high": high, "cost_grade": "3b"})
        for member, (low, high) in zip(pool.members, spans, strict=False)
    )
    line = cost_line(pool.model_copy(update={"members": members}))
    assert line is not None
    screen = io.StringIO()
    Console(file=screen, width=80).print(line)
    told = " ".join(screen.getvalue().split())
    assert told == (
        "$ per task, 80 % interval: #1 $0.00059 to 0.0031 (grade 3b), #2 $0.000066 to 0.00035 (grade 3b)"
    )
    unknown = tuple(
        member.model_copy(update={"usd_per_task_low": None, "usd_per_task_high": None}) for member in members
    )
    assert cost_line(pool.model_copy(update={"members": unknown})) is None


def test_a_share_reads_as_on_the_page(ran: Example) -> None:
    """0.805 is 80 % in both; two roundings made it .81 in one of them."""
    proposal = filing.read_proposal(ran.folder / "reviews/2026-W33").proposal
    tier = proposal.pool.tiers["frugal"]
    first = tier.members[0].model_copy(update={"p_close": "0.805", "quality": "0.4050"})
    shown = tier.model_copy(update={"members": (first, *tier.members[1:])})
    screen = io.StringIO()
    Console(file=screen, width=80).print(tier_table("frugal", shown, proposal.tiers["frugal"]))
    line = next(line for line in screen.getvalue().splitlines() if first.variant in line)
    assert line.rstrip().endswith(percent("0.805"))
    assert f" {percent('0.4050')} (" in line
    assert percent("0.805") == "80 %"
