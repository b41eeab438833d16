"""What to check before approving: which lines, in which order, in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.blocks import BulletList, CommandLine
from pipeline.domain.observation import ASKED_PRICE, Finding, Severity
from pipeline.domain.proposal import RoutePriceLine
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.sections import checks
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.blocks import Block
    from pipeline.review.proposals.compose import Draft


def shown(draft: Draft, *found: Finding) -> list[str]:
    """The lines that are not folded."""
    return _lines(checks.SECTION.blocks(proposal_view(compose_proposal(replace(draft, findings=found)))))


def _lines(blocks: Iterable[Block]) -> list[str]:
    lists = (block for block in blocks if isinstance(block, BulletList))
    return ["".join(span.text for span in item) for block in lists for item in block.items]


def warning(kind: str, subject: str, message: str) -> Finding:
    return Finding(kind=kind, severity=Severity.WARN, subject=subject, message=message)


def price(release: str, used: int, other: int, **more: object) -> RoutePriceLine:
    """A price that is asked about; cached input is used at one figure and stated at another."""
    amounts = {"input": 140_000, "output": 280_000, "steps": ()}
    line = {
        "catalogue": "openrouter",
        "model": f"vendor/{release}",
        "release": release,
        "case": "catalogue",
        "used": {**amounts, "cached": used},
        "other": {**amounts, "cached": other},
        "baseline": None,
        "seen_on": "2026-08-15",
        "asked_on": "2026-08-15",
        "announced_on": None,
        "announced": None,
    }
    return RoutePriceLine.model_validate({**line, **more})


def asked(release: str) -> Finding:
    return warning(ASKED_PRICE, f"openrouter:price:vendor/{release}", "as the run told it")


def released(draft: Draft, tier: str, rank: int) -> str:
    return next(one.release for one in draft.pool.tiers[tier].members if one.rank == rank)


def test_a_message_that_names_its_subject_is_not_told_it_again(draft: Draft) -> None:
    row = "openrouter:z-ai/glm-5.2"
    told = "the price of glm-5.2 fell to a tenth"
    assert f"Price moved: {row}: {told}" in shown(draft, warning("price-moved", row, told))
    whole = "openrouter states another price of z-ai/glm-5.2"
    assert f"Price moved: {whole}" in shown(draft, warning("price-moved", row, whole))


def test_a_price_that_is_asked_names_the_model_both_figures_and_the_command(draft: Draft) -> None:
    first, second = released(draft, "premium", 1), released(draft, "premium", 2)
    prices = (price(second, 28_000, 2_800), price(first, 87_000, 3_600))
    view = proposal_view(
        compose_proposal(replace(draft, findings=(asked(second), asked(first)), prices=prices))
    )
    blocks = list(checks.SECTION.blocks(view))
    (line,) = (one for one in _lines(blocks) if one.startswith("Which price counts"))
    assert line == (
        f"Which price counts: {first}, default of premium: approving keeps cached input $0.087 per million "
        f"tokens; openrouter states $0.0036; also {second} (cached input $0.028, not $0.0028)"
    )
    commands = [block.text for block in blocks if isinstance(block, CommandLine)]
    accepts = f"sources accept openrouter --row openrouter:price:vendor/{first}"
    assert commands == [f'modelpool {accepts} --reviewer NAME --note "..."']


def test_of_prices_that_reach_as_far_the_one_that_differs_most_is_told(draft: Draft) -> None:
    release = released(draft, "premium", 1)
    prices = (price("other-1", 28_000, 27_000), price("other-2", 87_000, 3_600), price(release, 2, 1))
    found = (asked("other-1"), asked("other-2"))
    (line,) = (
        one for one in shown(replace(draft, prices=prices), *found) if one.startswith("Which price counts")
    )
    assert line.startswith("Which price counts: other-2, no member: approving keeps cached input $0.087")


def test_a_price_of_a_member_is_among_the_first_whatever_else_is_found(draft: Draft) -> None:
    """Three kinds reach whole sources; approving decides the price, so it takes the place of the last."""
    release = released(draft, "premium", 2)
    whole = (
        Finding(kind="coverage", severity=Severity.HOLD, subject="lmarena-text", message="Half is gone."),
        warning("stale-content", "openrouter", "openrouter: its content is 61 days old"),
        warning("scale-change", "lmarena-text", "lmarena-text moved"),
    )
    draft = replace(draft, prices=(price(release, 28_000, 2_800),))
    titles = [one.partition(":")[0] for one in shown(draft, *whole, asked(release))]
    assert titles == ["Held back", "Old data", "Which price counts"]
    nobody = replace(draft, prices=(price("other-1", 28_000, 2_800),))
    titles = [one.partition(":")[0] for one in shown(nobody, *whole, asked("other-1"))]
    assert titles == ["Held back", "Old data", "Scale changed"]


def test_of_several_of_a_kind_the_first_is_told_and_the_others_are_named(draft: Draft) -> None:
    found = [warning("two-names", f"variant-{number}@high", "Two names.") for number in range(5)]
    (line,) = (one for one in shown(draft, *found) if one.startswith("Two names"))
    assert line == ("Two names: variant-0@high: Two names; also variant-1@high; variant-2@high and 2 more")
    words = f"{'A word ' * 12}(and {'more ' * 40})"
    long = [warning("two-names", f"variant-{number}@high", words) for number in range(2)]
    (line,) = (one for one in shown(draft, *long) if one.startswith("Two names"))
    assert "word ... (whole among the findings); also variant-1@high" in line
    tiers = [warning("price-moved", f"premium/variant-{number}@high", "Fell.") for number in range(2)]
    (line,) = (one for one in shown(draft, *tiers) if one.startswith("Price moved"))
    assert line == "Price moved: variant-0@high in premium: Fell; also variant-1@high in premium"


def test_a_long_message_leads_to_the_findings(draft: Draft) -> None:
    long = warning("two-names", "variant-1@high", "Two names of one variant. " * 20)
    view = proposal_view(compose_proposal(replace(draft, findings=(long,))))
    lists = (block for block in checks.SECTION.blocks(view) if isinstance(block, BulletList))
    links = [span.text for block in lists for item in block.items for span in item if span.anchor]
    assert links == ["whole"]
