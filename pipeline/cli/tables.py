"""Tables for the terminal; cells are plain text, never markup."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.domain.escape import escape_name, escape_text
from pipeline.domain.shares import percent, whole_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.pool import Member, TierPool, TierReport
    from pipeline.flow.record.status import PastVersion


_WIDEST_VARIANT: Final = 34
"""Characters of a name that fit a line of 80 beside the figures; a longer one is folded."""


def indent(text: str) -> Padding:
    """A sentence that wraps below the line it belongs to."""
    return Padding(Text(text), (0, 0, 0, 6))


def tier_table(name: str, tier: TierPool, report: TierReport) -> Table:
    """One tier's members in rank order, what each is for, and what it gives for a dollar."""
    ceiling = f", ceiling {_usd(report.ceiling_usd_per_task)} a task" if report.ceiling_usd_per_task else ""
    title = f"{escape_name(name)}: floor {percent(report.floor_quality)} quality{ceiling}"
    table = Table(
        title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("#", justify="right", no_wrap=True)
    longest = max((len(_shown(member)) for member in tier.members), default=0)
    table.add_column("variant", overflow="fold", min_width=min(longest, _WIDEST_VARIANT))
    table.add_column("serves", width=9)
    for heading in ("ans.\nper $", "$ per\n1,000", "quality\n(95 %)", "how\nsure"):
        table.add_column(heading, justify="right", no_wrap=True)
    for member in tier.members:
        table.add_row(*(Text(cell) for cell in _cells(member)))
    return table


def cost_line(tier: TierPool) -> Padding | None:
    """Say in which interval each member's cost lies four times in five; None where nobody knows."""
    told = [
        f"#{member.rank} ${_two(member.usd_per_task_low)} to {_two(member.usd_per_task_high)} "
        f"(grade {escape_text(member.cost_grade)})"
        for member in tier.members
        if member.usd_per_task_low is not None and member.usd_per_task_high is not None
    ]
    return indent(f"$ per task, 80 % interval: {', '.join(told)}") if told else None


def history_table(found: Sequence[PastVersion]) -> Table:
    """Published versions with their approvals."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("version", "week", "digest", "approved by", "at", "note"):
        table.add_column(heading, overflow="fold")
    for past in found:
        decision = past.approval.decision if past.approval else None
        cells = (
            f"v{past.published.pool.version:04}",
            past.published.pool.week,
            past.published.sha256[:8],
            escape_text(decision.reviewer) if decision else "NOBODY ON RECORD",
            decision.decided_at if decision else "",
            escape_text(decision.note) if decision else "",
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _usd(amount: str) -> str:
    """Show a decimal of dollars without its trailing zeros."""
    return f"${amount.rstrip('0').rstrip('.') if '.' in amount else amount}"


def _two(amount: str) -> str:
    """Write a decimal with two significant digits and no exponent."""
    return f"{Decimal(f'{Decimal(amount):.2g}'):f}"


def _shown(member: Member) -> str:
    return escape_name(member.variant) + (" (stale)" if member.stale else "")


def _cells(member: Member) -> tuple[str, ...]:
    return (
        str(member.rank),
        _shown(member),
        escape_text(", ".join(member.serves)),
        f"{float(member.acceptable_answers_per_usd):.4g}",
        f"{1000 * float(member.usd_per_task):.3g}",
        (
            f"{percent(member.quality)} "
            f"({whole_percent(member.quality_low)}-{whole_percent(member.quality_high)})"
        ),
        "" if member.p_close is None else percent(member.p_close),
    )
