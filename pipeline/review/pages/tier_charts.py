"""Draws the charts of a tier in each width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_name
from pipeline.review.pages.charts.history import draw_history
from pipeline.review.pages.charts.plot import Size, plot_of
from pipeline.review.pages.charts.slope import draw_slope, slope_of
from pipeline.review.pages.charts.tier_chart import draw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.review.pages.charts.history import MemberHistory
    from pipeline.review.pages.charts.plot import Plot
    from pipeline.review.pages.proposal_view import ProposalView

_QUALITY: Final = {"wide": Size(width=620, height=330), "narrow": Size(width=330, height=330)}
"""Two drawings of each chart, so that its words stay readable on a phone; the style sheet shows one."""
_SLOPE: Final = {"wide": 500, "narrow": 330}
_HISTORY: Final = {"wide": 900, "narrow": 330}
_QUALITY_KEYS: Final = (
    ("member", "member, with its rank"),
    ("leaver", "leaves"),
    ("before", "in the pool in force"),
    ("candidate", "candidate"),
    ("excluded", "left out"),
    ("line", "most quality for the money"),
    ("limit", "floor, ceiling"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChart:
    """One chart of a tier in each width."""

    drawings: Mapping[str, str]
    keys: tuple[tuple[str, str], ...] = ()


def quality_chart(tier: str, view: ProposalView) -> TierChart | None:
    """Draw quality against cost; nothing where nobody has both."""
    plot = plot_of(tier, view.proposal, {one.variant for one in view.before(tier)})
    if plot is None:
        return None
    title = escape_name(f"Quality against cost, tier {tier}")
    text = _description(plot)
    drawn = {width: draw(plot, size, title, text) for width, size in _QUALITY.items()}
    return TierChart(drawings=drawn, keys=_QUALITY_KEYS)


def slope_chart(tier: str, view: ProposalView) -> TierChart | None:
    """Draw the places before and after; nothing for a tier that the pool in force does not have."""
    slope = slope_of(view.before(tier), view.after(tier))
    if slope is None:
        return None
    title = escape_name(f"Places before and after, tier {tier}")
    return TierChart(drawings={name: draw_slope(slope, width, title) for name, width in _SLOPE.items()})


def history_chart(tier: str, members: Sequence[MemberHistory]) -> TierChart:
    """Draw the quality, cost and rank of a tier's members over the last weeks."""
    title = escape_name(f"Quality, cost and rank of each member, tier {tier}")
    return TierChart(drawings={name: draw_history(members, width, title) for name, width in _HISTORY.items()})


def _description(plot: Plot) -> str:
    members = [escape_name(dot.variant) for dot in plot.dots if dot.kind == "member"]
    leavers = [escape_name(dot.variant) for dot in plot.dots if dot.kind == "leaver"]
    text = f"{len(plot.dots)} variants. Members: {', '.join(members)}."
    gone = f" Leaving: {', '.join(leavers)}." if leavers else ""
    return f"{text}{gone} Every member and candidate is in the table below."
