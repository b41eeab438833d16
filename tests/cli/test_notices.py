"""What the terminal puts before an approval: a large tier, and prices about which a person is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.example import Example

HEADING = "Read before approving:"


@pytest.mark.parametrize("kind", ["large", "price-asked"])
def test_what_an_approval_also_answers_stands_before_the_command(ran: Example, kind: str) -> None:
    proposal = json.loads((ran.folder / "reviews/2026-W33/proposal.json").read_bytes())
    asked = [line for line in proposal["findings"] if line["kind"] == kind]
    assert asked
    shown = ran("review").out
    notices = " ".join(shown.partition(HEADING)[2].partition("Page:")[0].split())
    for line in asked:
        assert line["subject"] in notices
        assert line["message"] in notices


def test_a_finding_about_a_source_alone_stays_on_the_page(ran: Example) -> None:
    notices = ran("review").out.partition(HEADING)[2]
    assert "its content is 61 days old" not in notices


def test_one_row_is_counted_as_one(ran: Example) -> None:
    assert "1 row keeps its approved value; " in " ".join(ran("review").out.split())
