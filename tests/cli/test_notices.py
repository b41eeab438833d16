"""What the terminal puts before an approval: a large tier, and prices about which a person is asked."""

from __future__ import annotations

import io
import json
import shlex
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from pipeline.cli.text_output import pools_text, quarantine_lines
from pipeline.domain.observation import HELD_ROW
from pipeline.domain.proposal import ProposalKind
from pipeline.review.proposals import proposal_store as filing

if TYPE_CHECKING:
    from tests.example import Answer, Example

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


def test_a_question_alone_is_shown_below_the_line_that_points_to_it(ran: Example) -> None:
    proposal = filing.read_proposal(ran.folder / "reviews/2026-W33").proposal
    asked = next(
        line for line in proposal.findings if line.kind == "price-asked" and ":price:" in line.subject
    )
    question = proposal.model_copy(
        update={"kind": ProposalKind.QUESTION, "changes": (), "findings": (asked,)}
    )
    screen = io.StringIO()
    for part in pools_text(question):
        Console(file=screen, width=80, markup=False, highlight=False).print(
            part, soft_wrap=isinstance(part, str)
        )
    _, pointed, below = screen.getvalue().partition("a question waits for an answer; see below.")
    assert pointed
    assert HEADING in below
    assert asked.message in below, "on one line, so that its command can be copied"


def test_the_row_that_keeps_its_value_is_named_with_a_command_that_takes_the_new_one(ran: Example) -> None:
    shown = ran("review").out
    row = "lmarena-text:arena-text/overall:mimo-v2-omni"
    assert f"1 row keeps its approved value: {row}." in shown
    assert _pasted(ran, shown, "sources accept").code == 0


def test_of_many_rows_three_are_named_and_the_others_counted(ran: Example) -> None:
    proposal = filing.read_proposal(ran.folder / "reviews/2026-W33").proposal
    held = next(line for line in proposal.findings if line.kind == HELD_ROW)
    rows = tuple(held.model_copy(update={"subject": f"a:b:it's {number}"}) for number in range(5))
    first, _, command = quarantine_lines(proposal.model_copy(update={"findings": rows}))
    assert first == "5 rows keep their approved values: a:b:it's 0, a:b:it's 1, a:b:it's 2 and 2 more."
    assert shlex.split(command)[:6] == ["modelpool", "sources", "accept", "a", "--row", "a:b:it's 0"]
    assert quarantine_lines(proposal.model_copy(update={"findings": ()})) == []


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_each_printed_line_is_a_command_that_works_alone(ran: Example, verb: str) -> None:
    shown = ran("review").out
    assert _pasted(ran, shown, verb).code == 0
    if verb == "approve":
        assert _pasted(ran, shown, "publish").code == 0


SAID = ("--reviewer", "REVIEWER", "--note", "REASON")
PRINTED = (
    ("approve", "DIGEST", "--reviewer", "REVIEWER", "--note", "REASON"),
    ("reject", "DIGEST", "--reviewer", "REVIEWER", "--note", "REASON"),
    ("sources", "accept", "lmarena-text", "--row", "lmarena-text:arena-text/overall:mimo-v2-omni", *SAID),
    ("crosswalk", "map", "mimo-v2-omni", "--not-routed", "--source", "lmarena-text", *SAID),
    ("crosswalk", "undo", "mimo-v2-omni", "--source", "lmarena-text", *SAID),
)


@pytest.mark.parametrize(
    ("reviewer", "reason", "wrong"),
    [
        ("NAME", "Read it.", "your own name"),
        (" Your Name ", "Read it.", "your own name"),
        ("R. Viewer", "...", "a reason"),
        ("R. Viewer", "TEXT", "a reason"),
    ],
)
@pytest.mark.parametrize("words", PRINTED, ids=lambda words: " ".join(words[:2]))
def test_a_placeholder_is_never_the_record(
    ran: Example, words: tuple[str, ...], reviewer: str, reason: str, wrong: str
) -> None:
    typed = {"REVIEWER": reviewer, "REASON": reason}
    if "DIGEST" in words:
        typed["DIGEST"] = ran.digest()
    said = ran(*(typed.get(word, word) for word in words))
    assert said.code == 2, said
    assert wrong in said.err


def _pasted(ran: Example, shown: str, verb: str) -> Answer:
    """Type the line that was printed, with a name and a reason in place of the placeholders."""
    (line,) = (one for one in shown.splitlines() if one.startswith(f"  modelpool {verb}"))
    typed = {"NAME": "R. Viewer", "...": "Read the page."}
    return ran(*(typed.get(word, word) for word in shlex.split(line)[1:]))
