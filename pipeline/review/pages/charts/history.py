"""Collects and draws half a year of each member: a line each for its quality, its cost and its rank."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import read_moment
from pipeline.domain.escape import escape_name
from pipeline.review.pages.charts import svg
from pipeline.review.pages.charts.plot import Size, short_name
from pipeline.review.pages.charts.svg import Edges
from pipeline.review.pages.number_format import percent, usd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.domain.pool import Pool
    from pipeline.review.pages.charts.svg import Point
    from pipeline.review.pages.proposal_view import ProposalView


_EDGES: Final = Edges(left=8, top=10, right=8, bottom=22)
_HEIGHT: Final = 34
"""Pixels of one line from its highest value down to its lowest."""
_NAME: Final = 22
_TITLE: Final = 24
_GAP: Final = 26
"""Pixels between two members, between two lines and beside one for its last value."""
_VALUE: Final = 66
_DOT: Final = 3
_NARROW: Final = 400
"""Pixels below which the three lines stand below each other."""
_WEEKS: Final = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """One of the three figures: its title, its height on a line and its words."""

    title: str
    value: Callable[[HistoryPoint], float]
    """Higher is drawn higher."""
    words: Callable[[HistoryPoint], str]


_FIGURES: Final = (
    _Figure(title="quality", value=lambda one: float(one.quality), words=lambda one: percent(one.quality)),
    _Figure(
        title="$ per task",
        value=lambda one: math.log(max(float(one.usd_per_task), 1e-9)),
        words=lambda one: usd(one.usd_per_task),
    ),
    _Figure(title="rank", value=lambda one: -one.rank, words=lambda one: str(one.rank)),
)


def draw_history(members: Sequence[MemberHistory], width: int, title: str) -> str:
    """Return one `<svg>`: members below each other, three lines each, all over the same weeks."""
    side = width >= _NARROW
    across = len(_FIGURES) if side else 1
    panel = (width - _GAP * (across - 1)) / across
    step = _TITLE + _HEIGHT + _GAP
    tall = _NAME + step * (1 if side else len(_FIGURES))
    weeks = min(_WEEKS, max(point.weeks_ago for one in members for point in one.points))
    parts: list[str] = []
    for number, member in enumerate(members):
        top = number * tall
        parts.append(svg.text("name small", (0, top + _NAME / 2), short_name(member.variant)))
        for place, figure in enumerate(_FIGURES):
            corner = (place * (panel + _GAP), top + _NAME) if side else (0.0, top + _NAME + place * step)
            parts += _line(member, figure, corner, Size(width=int(panel - _VALUE), height=_HEIGHT), weeks)
    foot = f"the last {weeks:.0f} weeks, a dot a version"
    parts.append(svg.text("small", (0, len(members) * tall - _GAP / 2 + _TITLE), foot))
    size = Size(width=width, height=len(members) * tall)
    return svg.svg_document(size, _EDGES, (title, _description(members)), parts)


def _line(member: MemberHistory, figure: _Figure, corner: Point, size: Size, weeks: float) -> Iterator[str]:
    """Draw one figure: its title, a stroke for each run of versions, its dots, its last value."""
    left, top = corner[0], corner[1] + _TITLE
    values = [figure.value(one) for one in member.points]
    low, spread = min(values), max(values) - min(values)

    def place(point: HistoryPoint) -> Point:
        x = left + size.width * (1 - point.weeks_ago / weeks) if weeks else left + size.width
        share = (figure.value(point) - low) / spread if spread else 0.5
        return x, top + size.height * (1 - share)

    by_value = sorted(member.points, key=figure.value)
    ends = dict.fromkeys(figure.words(one) for one in (by_value[0], by_value[-1]))
    yield svg.text("small", (left, corner[1] + _TITLE / 3), f"{figure.title}, {' to '.join(ends)}")
    yield svg.lines("slope", [[place(one) for one in run] for run in member.runs])
    for point in member.points:
        said = f"{figure.title} {figure.words(point)}"
        tip = f"{escape_name(member.variant)}, {point.version} of {point.week}: {said}"
        yield svg.circle("dot member", place(point), _DOT, tip)
    last = member.points[-1]
    yield svg.text("small", (left + size.width + 3 * _DOT, place(last)[1]), figure.words(last))


def _description(members: Sequence[MemberHistory]) -> str:
    sentences = []
    for member in members:
        first, last = member.points[0], member.points[-1]
        moved = (f"{each.title} {each.words(first)} to {each.words(last)}" for each in _FIGURES)
        sentences.append(f"{escape_name(member.variant)} since {first.week}: {', '.join(moved)}")
    return f"{'; '.join(sentences)}. All points are in the table below."


REACH: Final = timedelta(weeks=26)
"""How far back a line goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """A member as one version, or this proposal, states it."""

    weeks_ago: float
    """Weeks from that pool to the proposal."""
    version: str
    week: str
    quality: str
    """P(preferred to the reference), decimal text as in the pool."""
    usd_per_task: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberHistory:
    """One proposed member of a tier and its points, the oldest first; the last one is the proposal."""

    variant: str
    runs: tuple[tuple[HistoryPoint, ...], ...]
    """Points of versions in a row; where it was no member, a new run begins."""

    @property
    def points(self) -> tuple[HistoryPoint, ...]:
        """All points."""
        return tuple(point for run in self.runs for point in run)


def member_histories(tier: str, view: ProposalView) -> tuple[MemberHistory, ...]:
    """Return the history of each proposed member, in rank order; none where no version had one of them."""
    proposed = view.proposal.pool
    latest = read_moment(proposed.as_of)
    pools = [pool for pool in view.record.pools if latest - read_moment(pool.as_of) <= REACH]
    members = proposed.tiers[tier].members if tier in proposed.tiers else ()
    found = tuple(_history(member.variant, tier, [*pools, proposed]) for member in members)
    return found if any(len(one.points) > 1 for one in found) else ()


def _history(variant: str, tier: str, pools: list[Pool]) -> MemberHistory:
    latest = read_moment(pools[-1].as_of)
    runs: list[list[HistoryPoint]] = [[]]
    for pool in pools:
        members = pool.tiers[tier].members if tier in pool.tiers else ()
        member = next((one for one in members if one.variant == variant), None)
        if member is None:
            runs.append([])
            continue
        point = HistoryPoint(
            weeks_ago=(latest - read_moment(pool.as_of)) / timedelta(weeks=1),
            version=f"v{pool.version:04}",
            week=pool.week,
            quality=member.quality,
            usd_per_task=member.usd_per_task,
            rank=member.rank,
        )
        runs[-1].append(point)
    return MemberHistory(variant=variant, runs=tuple(tuple(run) for run in runs if run))
