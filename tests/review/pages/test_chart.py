"""The chart: labels with room, tips that are only text, the same bytes for the same numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.pages.charts.plot import (
    ChartPoint,
    Plot,
    Size,
    _box,
    labels_of,
    plot_of,
    short_name,
    short_names,
)
from pipeline.review.pages.charts.svg import round_values
from pipeline.review.pages.charts.tier_chart import draw
from pipeline.review.pages.page import TEMPLATES
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from pipeline.review.proposals.compose import Draft

SIZE = Size(width=880, height=420)
UNSTYLED = {"dot", "grid"}
"""Classes that need no rule of their own: a dot is coloured by its kind, a grid like any path."""
NAMESPACE = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    root = ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own
    return [
        "".join(each.itertext())
        for each in root.iter()
        if each.tag in {f"{NAMESPACE}text", f"{NAMESPACE}title"}
    ]


@pytest.mark.parametrize("tier", ["frugal", "balanced", "premium"])
def test_a_chart_names_its_members_limits_and_axes(crowd: Draft, tier: str) -> None:
    proposal = compose_proposal(crowd)
    plot = plot_of(tier, proposal)
    assert plot is not None
    svg = draw(plot, SIZE, "Quality against cost", "What it shows.")
    said = texts(svg)
    for member in proposal.pool.tiers[tier].members:
        assert short_name(member.variant) in said
    assert f"floor {plot.floor:.0%}" in said
    assert any(text.startswith("ceiling") for text in said) is (tier != "premium")
    assert svg.startswith("<svg viewBox=")
    assert "<title>Quality against cost</title><desc>What it shows.</desc>" in svg
    assert " id=" not in svg
    assert "href" not in svg


@pytest.mark.parametrize("width", [330, 880])
def test_the_words_of_the_cost_axis_do_not_run_into_each_other(crowd: Draft, width: int) -> None:
    plot = plot_of("balanced", compose_proposal(crowd))
    assert plot is not None
    svg = draw(plot, Size(width=width, height=330), "t", "d")
    places = [float(x) for x in re.findall(r'<text class="middle" x="([\d.]+)"[^>]*>\$0\.\d+<', svg)]
    assert len(places) >= 3
    assert all(right - left >= 45 for left, right in pairwise(sorted(places)))


def test_every_dot_tells_its_name_when_pointed_at(crowd: Draft) -> None:
    plot = plot_of("balanced", compose_proposal(crowd))
    assert plot is not None
    said = "\n".join(texts(draw(plot, SIZE, "t", "d")))
    assert all(f"{dot.variant}: quality" in said for dot in plot.dots)


def test_the_same_plot_gives_the_same_bytes(crowd: Draft) -> None:
    plot = plot_of("frugal", compose_proposal(crowd))
    assert plot is not None
    assert draw(plot, SIZE, "t", "d") == draw(plot, SIZE, "t", "d")


def test_a_hostile_name_stays_text_in_the_chart(draft: Draft) -> None:
    report = draft.tiers["frugal"]
    name = "</text><script>\x1b[31m\u202e"
    standings = tuple(
        each.model_copy(update={"variant": name}) if each.variant == "old-1@none" else each
        for each in report.standings
    )
    changes = tuple(
        each.model_copy(update={"variant": name}) if each.variant == "old-1@none" else each
        for each in draft.changes
    )
    tiers = {**draft.tiers, "frugal": report.model_copy(update={"standings": standings})}
    plot = plot_of("frugal", compose_proposal(replace(draft, tiers=tiers, changes=changes)))
    assert plot is not None
    svg = draw(plot, SIZE, name.replace("\x1b", ""), "d")
    assert "<script" not in svg
    assert "\x1b" not in svg
    assert any("</text><script>" in text for text in texts(svg))


dots = st.builds(
    ChartPoint,
    variant=st.sampled_from([f"release-{number}.5@high" for number in range(50)]),
    kind=st.just("member"),
    rank=st.sampled_from("123456"),
    usd=st.floats(0.001, 0.1),
    quality=st.floats(0.3, 0.6),
    low=st.just(0.3),
    high=st.just(0.6),
)


@given(named=st.lists(dots, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_up_to_six_labels_never_cover_each_other(named: list[ChartPoint]) -> None:
    plot = Plot(
        dots=tuple(named),
        hull=(),
        floor=0.35,
        ceiling=None,
        usd=(0.0005, 0.2),
        quality=(0.2, 0.7),
        outside=0,
    )
    labels = labels_of(plot, SIZE)
    boxes = [_box((*label.place, 1 if label.rightwards else -1), label.text) for label in labels]
    for (a, b, c, d), (e, f, g, h) in combinations(boxes, 2):
        assert c < e or g < a or d < f or h < b
    assert all(left >= 0 and right <= SIZE.width for left, _, right, _ in boxes)


def test_a_long_name_keeps_release_and_effort() -> None:
    assert (
        short_name("a-very-long-release-name-of-a-model-2026-08-15@xhigh") == "a-very-long-releas…08-15@xhigh"
    )


def test_a_tier_without_numbers_has_no_chart(draft: Draft) -> None:
    report = draft.tiers["frugal"].model_copy(update={"standings": ()})
    proposal = compose_proposal(replace(draft, tiers={"frugal": report}))
    assert plot_of("frugal", proposal) is None
    assert plot_of("premium", proposal) is None


def test_two_names_that_would_be_cut_to_the_same_label_stay_whole() -> None:
    one, two = (f"a-very-long-release-name-{word}-2026-08-15@xhigh" for word in ("alpha", "bravo"))
    other = "a-very-long-release-name-alpha-2026-08-16@xhigh"
    assert short_name(one) == short_name(two)
    assert short_names([one, two, other]) == {one: one, two: two, other: short_name(other)}


def test_a_chart_says_its_colours_by_class_only(crowd: Draft) -> None:
    """So the style sheet can give each its colour for light, dark and print."""
    plot = plot_of("balanced", compose_proposal(crowd))
    assert plot is not None
    svg = draw(plot, SIZE, "t", "d")
    assert not re.search(r"fill=|stroke=|style=|#[0-9a-f]{3}", svg)
    css = (TEMPLATES / "report.css").read_text("utf-8")
    kinds = {word for words in re.findall(r'class="([^"]*)"', svg) for word in words.split()}
    assert {"member", "candidate", "excluded", "leaver", "hull", "limit", "interval", "name"} <= kinds
    assert [kind for kind in sorted(kinds - UNSTYLED) if f".{kind}" not in css] == []


def test_each_member_and_candidate_shows_its_interval_inside_the_plot(crowd: Draft) -> None:
    plot = plot_of("balanced", compose_proposal(crowd))
    assert plot is not None
    svg = draw(plot, SIZE, "t", "d")
    for kind in ("member", "candidate", "leaver"):
        path = re.search(rf'<path class="interval {kind}" d="([^"]*)"', svg)
        assert path is not None
        heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.-]+)", path[1])]
        assert len(heights) == 2 * sum(dot.kind == kind for dot in plot.dots)
        assert all(0 <= y <= SIZE.height for y in heights)


def test_a_label_without_room_beside_its_dot_is_led_to_it() -> None:
    crowded = [
        ChartPoint(variant=f"r{n}@high", kind="member", rank=str(n), usd=0.01, quality=0.5, low=0.4, high=0.6)
        for n in range(1, 6)
    ]
    plot = Plot(
        dots=tuple(crowded), hull=(), floor=0.3, ceiling=None, usd=(0.001, 0.1), quality=(0.2, 0.7), outside=0
    )
    assert 'class="leader"' in draw(plot, SIZE, "t", "d")
    alone = replace(plot, dots=tuple(crowded[:1]))
    assert 'class="leader"' not in draw(alone, SIZE, "t", "d")


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0.23, 0.49, [0.25, 0.3, 0.35, 0.4, 0.45]),
        (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 37.4, [0, 10, 20, 30]),
    ],
)
def test_an_axis_has_round_values(low: float, high: float, values: list[float]) -> None:
    assert round_values(low, high, most=6) == pytest.approx(values)
