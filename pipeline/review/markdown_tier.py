"""The tiers' part of `proposal.md`: who serves, who comes next, who was left out, and the drill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.review.cells import code, sentence, table
from pipeline.review.losses import LOSS_HEADER
from pipeline.review.tiers import CostWords
from pipeline.review.words import UNKNOWN, percent, usd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.review.losses import LossView, RemainsView
    from pipeline.review.tiers import Row, TierView


def tier_blocks(tier: TierView) -> list[str]:
    """Write a tier as blocks of Markdown; an empty block is left out by the page."""
    header = (
        "rank",
        "variant",
        "quality",
        "95 %",
        "$ per task",
        "80 %",
        "grade",
        "answers per $",
        "how sure",
        "serves",
    )
    rows = [*tier.members, *tier.challengers]
    bands = [
        f"- {sentence(name)}: {', '.join(code(variant) for variant in order)}" for name, order in tier.bands
    ]
    return [
        f"## Tier {sentence(tier.name)}",
        sentence("; ".join(tier.terms)) + ".",
        "This tier is large: its default changes, or more than one place does." if tier.large else "",
        "\n\n".join(sentence(line) for line in tier.headline),
        table(header, (_row(row) for row in rows)),
        "\n".join(
            f"- {code(row.variant)}: {sentence('; '.join(row.remarks))}" for row in rows if row.remarks
        ),
        "Cached input, per million tokens:" if tier.cached else "",
        "\n".join(f"- {code(variant)}: {said}" for variant, said in tier.cached),
        "Order by difficulty of the request:" if bands else "",
        "\n".join(bands),
        *_steps(tier),
        *_left_out(tier),
    ]


def loss_block(rows: Iterable[LossView]) -> str:
    """Write the drill as one table; empty without one."""
    cells = [
        (sentence(row.tier), sentence(row.vendor), *_remains(row.left), *_remains(row.again)) for row in rows
    ]
    return table(LOSS_HEADER, cells) if cells else ""


def _remains(left: RemainsView) -> tuple[str, str, str]:
    names = (f"+{code(name)}" if name in left.entrants else code(name) for name in left.variants)
    return ", ".join(names) or "**nobody**", left.usd_per_task, left.quality


def _row(row: Row) -> tuple[str, ...]:
    cost = (row.usd_per_task, row.usd_interval, sentence(row.grade), row.answers_per_usd)
    return (
        row.rank or "next",
        code(row.variant),
        row.quality,
        row.interval,
        *cost,
        row.close,
        sentence(row.serves),
    )


def _cost(tier: TierView, variant: str, usd_per_task: str | None) -> tuple[str, str, str]:
    """Write a cost with how well it is known: dollars, 80 % interval, grade."""
    known = tier.costs.get(variant, CostWords(interval=UNKNOWN, grade=UNKNOWN))
    return usd(usd_per_task), known.interval, sentence(known.grade)


def _steps(tier: TierView) -> list[str]:
    rows = [
        (
            code(each.variant),
            percent(each.quality),
            *_cost(tier, each.variant, each.usd_per_task),
            usd(each.next_answer_usd),
        )
        for each in tier.hull
    ]
    rows[:1] = [(*row[:-1], "the cheapest step") for row in rows[:1]]
    header = ("step up to", "quality", "$ per task", "80 %", "grade", "one more answer costs")
    return ["What the next dollar buys:", table(header, rows)] if rows else []


def _left_out(tier: TierView) -> list[str]:
    if not tier.left_out:
        return []
    rules = [(code(each.rule), sentence(each.meaning), str(len(each.standings))) for each in tier.left_out]
    best = [
        (
            code(each.variant),
            percent(each.quality),
            *_cost(tier, each.variant, each.usd_per_task),
            code(each.rule or "unnamed"),
            sentence(each.detail),
        )
        for each in tier.best_left_out
    ]
    return [
        "Left out, by rule:",
        table(("rule", "meaning", "variants"), rules),
        "The best of them:",
        table(("variant", "quality", "$ per task", "80 %", "grade", "rule", "why"), best),
    ]
