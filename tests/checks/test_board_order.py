"""A board in another order than all the others is held until a person accepts it."""

from __future__ import annotations

import pytest

from pipeline.checks.compare import order_findings
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT, LMARENA_WEBDEV, VariantId
from pipeline.domain.observation import Reading, Severity
from tests.replica.sessions import NOW

WEBDEV = Reading(
    source=LMARENA_WEBDEV,
    scale="",
    published_on=None,
    fetched_at=NOW,
    captures=(),
    observations=(),
    entries=(),
)
NAMES = [VariantId(f"vendor-model-{at}@none") for at in range(40)]
TEXT = {name: 1400.0 - 5 * at for at, name in enumerate(NAMES)}
INDEX = {name: 60.0 - at for at, name in enumerate(NAMES)}
OTHERS = {LMARENA_TEXT: TEXT, ARTIFICIAL_ANALYSIS: INDEX}


def shuffled() -> dict[VariantId, float]:
    values = list(TEXT.values())
    return {name: values[(17 * at + 5) % len(values)] for at, name in enumerate(NAMES)}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (dict(zip(NAMES, reversed(TEXT.values()), strict=True)), "contradicts"),
        (shuffled(), "contradicts"),
        (dict.fromkeys(NAMES, 1400.0), "no-spread"),
    ],
    ids=["reversed", "shuffled", "all equal"],
)
def test_a_board_without_the_others_order_is_held(values: dict[VariantId, float], kind: str) -> None:
    (found,) = order_findings(WEBDEV, values, OTHERS)
    assert (found.kind, found.severity, found.subject) == (kind, Severity.HOLD, LMARENA_WEBDEV)


@pytest.mark.parametrize("others", [OTHERS, {}, {LMARENA_TEXT: dict(list(TEXT.items())[:14])}])
def test_a_board_of_its_own_emphasis_passes(others: dict[object, dict[VariantId, float]]) -> None:
    emphasis = {name: value + (80 if at % 5 == 0 else 0) for at, (name, value) in enumerate(TEXT.items())}
    assert order_findings(WEBDEV, emphasis, others) == ()  # type: ignore[arg-type]  # keys are names of sources


def test_one_board_that_agrees_is_enough() -> None:
    backwards = dict(zip(NAMES, reversed(TEXT.values()), strict=True))
    assert order_findings(WEBDEV, TEXT, {LMARENA_TEXT: backwards, ARTIFICIAL_ANALYSIS: INDEX}) == ()
    (found,) = order_findings(WEBDEV, TEXT, {LMARENA_TEXT: backwards})
    assert "rank correlation -1.00 with lmarena-text" in found.message
