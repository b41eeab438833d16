"""Renders answers to questions as text for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from pipeline.cli.text_output import indent
from pipeline.domain.escape import escape_name, escape_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue
    from rich.console import RenderableType

    from pipeline.domain.explanation import ExplanationLine, ExplanationSection
    from pipeline.flow.questions.explain import Explanation
    from pipeline.flow.questions.whatif import Place, TierIf, WhatIf
    from pipeline.flow.questions.why_not import WhyNot
    from pipeline.flow.run.vendor_outage import VendorOutageReport


_DIGEST = 8


def to_plain(value: object) -> JsonValue:
    """Turn an answer into JSON values, field by field; days as text.

    Raises:
        TypeError: The answer holds something that has no such form.
    """
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): to_plain(one) for key, one in value.items()}
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def explanation_text(found: Explanation) -> list[RenderableType]:
    """Show each step with its numbers, their sources and formulas."""
    parts: list[RenderableType] = [
        f"{escape_name(found.variant)}, from the captures of {found.run}{_changed_words(found.changed)}."
    ]
    for section in found.chapters:
        parts.extend(("", escape_text(section.title)))
        parts.extend(_section(section))
    return parts


def why_not_text(found: WhyNot) -> list[RenderableType]:
    """Say the rule and what would have to differ."""
    name = f"{escape_name(found.variant)} in {escape_name(found.tier)}"
    of = f"{found.run}{_changed_words(found.changed)}"
    if found.rank is not None:
        return [f"{name}: it is a member, at place {found.rank} ({of}).", indent(escape_text(found.detail))]
    rule = f"left out by the rule {found.rule}" if found.rule else "eligible, and not better enough"
    return [
        f"{name}: {rule} ({of}).",
        indent(escape_text(found.detail)),
        f"  score: {escape_text(found.score.words)}",
        f"  price: {escape_text(found.price.words)}",
        f"  policy: {escape_text(found.setting.words)}",
    ]


def whatif_text(found: WhatIf) -> list[RenderableType]:
    """Show each tier as it would be, beside what the last run selects and what is published."""
    base = f"v{found.version:04}" if found.version else "no published pool"
    on = f"on the captures of {found.run}{_changed_words(found.changed)}"
    parts: list[RenderableType] = [f"What if, {on}; nothing is written. Churn is against {base}."]
    for tier in found.tiers:
        parts.extend(("", _tier_title(tier), _places(tier.supposed)))
        if [one.variant for one in tier.selected] != [one.variant for one in tier.supposed]:
            names = ", ".join(escape_name(one.variant) for one in tier.selected) or "nobody"
            parts.append(indent(f"Otherwise the run selects: {names}."))
    return parts


def _changed_words(changed: Sequence[str]) -> str:
    if not changed:
        return ""
    return f" with today's {' and '.join(changed)}, changed since"


def _section(section: ExplanationSection) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for line in section.lines:
        parts.append(f"  {escape_text(line.what)}: {escape_text(line.value)}{_origin(line)}")
        if line.formula:
            parts.append(indent(escape_text(line.formula)))
    return parts


def _origin(line: ExplanationLine) -> str:
    """Name source, capture and day, as far as there are any."""
    known = (
        escape_text(line.source),
        f"capture {line.capture[:_DIGEST]}" if line.capture else "",
        f"of {line.on}" if line.on else "",
    )
    summary = ", ".join(word for word in known if word)
    return f"  [{summary}]" if summary else ""


def _tier_title(tier: TierIf) -> str:
    entering = ", ".join(f"+{escape_name(one)}" for one in tier.enter)
    leaving = ", ".join(f"-{escape_name(one)}" for one in tier.leave)
    moved = ", ".join(word for word in (entering, leaving) if word) or "no change"
    gone = f"; {len(tier.leave)} of {len(tier.published)} members leave" if tier.leave else ""
    return f"{escape_name(tier.tier)}: {moved}{gone}"


def _places(places: Sequence[Place]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("#", "variant", "$/task", "q", "answers/$"):
        table.add_column(heading, overflow="fold")
    for rank, place in enumerate(places, start=1):
        stale = " (stale)" if place.stale else ""
        numbers = (place.usd_per_task, place.quality, place.answers_per_usd)
        cells = (str(rank), escape_name(place.variant) + stale, *numbers)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def vendor_outage_text(found: VendorOutageReport) -> list[RenderableType]:
    """Say, tier by tier and vendor by vendor, who still answers and who would be chosen instead."""
    today = f" with today's {' and '.join(found.changed)}, changed since" if found.changed else ""
    parts: list[RenderableType] = [
        f"Without one vendor, on the captures of {found.run}{today}; nothing is written or decided."
    ]
    for tier in found.losses:
        held = [member.variant for member in found.pool.tiers[tier].members]
        parts.extend(("", f"{escape_name(tier)}: {', '.join(escape_name(one) for one in held) or 'empty'}"))
        for vendor, left, again in found.lines(tier):
            parts.append(f"  without {escape_name(vendor)}:")
            parts.extend((indent(f"still answers: {left}"), indent(f"chosen again: {again}")))
    return parts


def vendor_outage_json(found: VendorOutageReport) -> JsonValue:
    """Give the same as a document."""
    return {
        "run": found.run,
        "changed": list(found.changed),
        "tiers": {
            tier: {
                "members": [member.variant for member in found.pool.tiers[tier].members],
                "losses": [loss.model_dump(mode="json") for loss in losses],
            }
            for tier, losses in found.losses.items()
        },
    }
