"""Renders the page of a backtest: one self-contained file, drawn from `Past` alone.

Loads Jinja2; import it only where a page is drawn.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name
from pipeline.review.pages import number_format
from pipeline.review.pages.change_links import CAUSES
from pipeline.review.pages.charts.backtest_charts import draw_losses, draw_tenures, draw_turnover
from pipeline.review.pages.charts.plot import Size
from pipeline.review.pages.page import TEMPLATES, environment, trusted_markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from pipeline.domain.pool import Change
    from pipeline.domain.run import PastWeek
    from pipeline.review.pages.backtest_view import BacktestView

_LINES: Final = {"wide": Size(width=860, height=200), "narrow": Size(width=290, height=170)}
_THIN: Final = {"wide": Size(width=860, height=70), "narrow": Size(width=290, height=70)}
_BARS: Final = {"wide": 660, "narrow": 160}
"""Widths of the plot beside the models' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """One model enters or leaves a tier."""

    week: str
    way: str
    """in or out."""
    variant: str
    cause: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDrawings:
    """One tier's three pictures, each in two sizes."""

    losses: Mapping[str, str]
    turnover: Mapping[str, str]
    stays: Mapping[str, str]


def backtest_html(past: BacktestView) -> str:
    """Draw the page; the same values give the same bytes, and everything but our drawings is escaped."""
    return fill_template(past, {name: draw_tier(name, weeks, past.horizon) for name, weeks in past.tiers})


def draw_tier(tier: str, weeks: Sequence[PastWeek], horizon: int) -> TierDrawings:
    """Draw one tier's past."""
    name = escape_name(tier)
    lost = (f"Value lost over time, tier {name}", f"First pick and bands, judged {horizon} weeks later.")
    moved = (f"Places that changed hands, tier {name}", "One line a week in which somebody left.")
    held = (f"Who held the tier {name} when", "The table below names every entry and every departure.")
    return TierDrawings(
        losses={size: draw_losses(weeks, _LINES[size], lost) for size in _LINES},
        turnover={size: draw_turnover(weeks, _THIN[size], moved) for size in _THIN},
        stays={size: draw_tenures(weeks, _BARS[size], held) for size in _BARS},
    )


def fill_template(past: BacktestView, drawn: Mapping[str, TierDrawings]) -> str:
    """Fill the template."""
    css = "".join((TEMPLATES / name).read_text("utf-8") for name in ("report.css", "past.css"))
    return (
        environment()
        .get_template("past.html.j2")
        .render(
            past=past,
            charts={name: _pictures(each) for name, each in drawn.items()},
            years={name: _by_year(weeks) for name, weeks in past.tiers},
            css=trusted_markup(css),
            css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
            caveat=number_format.CAVEAT,
        )
    )


def _pictures(drawn: TierDrawings) -> dict[str, dict[str, Markup]]:
    kinds = {"losses": drawn.losses, "turnover": drawn.turnover, "stays": drawn.stays}
    return {kind: {size: trusted_markup(svg) for size, svg in sizes.items()} for kind, sizes in kinds.items()}


def _by_year(weeks: Sequence[PastWeek]) -> list[tuple[str, list[ChangeEvent]]]:
    """Every entry and departure, by ISO year; who leaves first, then who enters."""
    events = [_event(week.week, change) for week in weeks for change in sorted(week.changes, key=_order)]
    return [(year, list(group)) for year, group in groupby(events, key=lambda one: one.week[:4])]


def _order(change: Change) -> tuple[bool, int, str]:
    return change.rank_after is not None, change.rank_before or change.rank_after or 0, change.variant


def _event(week: str, change: Change) -> ChangeEvent:
    return ChangeEvent(
        week=week,
        way="out" if change.rank_after is None else "in",
        variant=change.variant,
        cause=CAUSES[change.cause],
        reason=change.reason,
    )
