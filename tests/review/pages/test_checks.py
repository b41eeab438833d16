"""What to check before approving: which lines, in which order, in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.blocks import BulletList, Fold
from pipeline.domain.observation import ASKED_PRICE, Finding, Severity
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.sections import checks
from pipeline.review.proposals.compose import compose_proposal

if TYPE_CHECKING:
    from pipeline.review.proposals.compose import Draft


def shown(draft: Draft, *found: Finding) -> list[str]:
    """The lines that are not folded."""
    view = proposal_view(compose_proposal(replace(draft, findings=found)))
    lists = (block for block in checks.SECTION.blocks(view) if isinstance(block, BulletList))
    return ["".join(span.text for span in item) for block in lists for item in block.items]


def warning(kind: str, subject: str, message: str) -> Finding:
    return Finding(kind=kind, severity=Severity.WARN, subject=subject, message=message)


def test_a_message_that_names_its_subject_is_not_told_it_again(draft: Draft) -> None:
    row = "openrouter:price:z-ai/glm-5.2"
    told = "openrouter:z-ai/glm-5.2 fell to a tenth"
    assert f"Which price counts: {row} {told}" in shown(draft, warning(ASKED_PRICE, row, told))
    whole = "openrouter states another price of z-ai/glm-5.2"
    assert f"Which price counts: {whole}" in shown(
        draft, warning(ASKED_PRICE, "openrouter:z-ai/glm-5.2", whole)
    )


def test_several_of_a_kind_are_named_and_lead_to_the_findings(draft: Draft) -> None:
    found = [warning("two-names", f"variant-{number}@high", "Two names.") for number in range(5)]
    (line,) = (one for one in shown(draft, *found) if one.startswith("Two names"))
    assert line == (
        "Two names: 5 of them: variant-0@high, variant-1@high, variant-2@high and 2 more; all are among the "
        "findings."
    )
    view = proposal_view(compose_proposal(replace(draft, findings=tuple(found))))
    blocks = [block for block in checks.SECTION.blocks(view) if isinstance(block, BulletList | Fold)]
    links = [
        span.text
        for block in blocks
        if isinstance(block, BulletList)
        for item in block.items
        for span in item
        if span.anchor
    ]
    assert links == ["all"]
