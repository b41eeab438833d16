"""What the terminal shows of a proposal, on any screen, before an approval."""

from __future__ import annotations

import io
import json
import re
import shlex
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from pipeline.cli.blocks_text import blocks_text
from pipeline.domain.blocks import BulletList, CommandLine, Fold, Paragraph, line, text_span
from pipeline.domain.observation import HELD_ROW
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.review_page import ReviewQuery, review_blocks
from pipeline.review.pages.proposal_view import proposal_view
from pipeline.review.pages.sections import checks
from pipeline.review.proposals import proposal_store
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from tests.example import Answer, Example

HEADING = "Check before approving"


def test_what_an_approval_also_answers_stands_before_the_command(ran: Example) -> None:
    shown = ran("review").out
    notices = shown.partition(HEADING)[2].partition("To decide")[0]
    assert (
        "Which price counts: mimo-v2.5-pro, default of balanced: approving keeps cached input $0.087 "
        "per million tokens; openrouter states $0.0036" in " ".join(notices.split())
    )
    assert notices.index("Scale changed") < notices.index("Which price counts")
    assert len([row for row in notices.splitlines() if row.startswith("- ")]) == 3
    assert "+ 9 more to look at" in notices


def test_everything_that_an_approval_answers_can_be_read_in_the_terminal(ran: Example) -> None:
    proposal = json.loads((ran.folder / "reviews/2026-W33/proposal.json").read_bytes())
    whole = " ".join(ran("review", "--all").out.split()).replace(f" --workspace {ran.folder}", "")
    for one in proposal["findings"]:
        assert one["message"] in whole


def test_what_only_leads_elsewhere_on_a_page_is_not_shown_in_the_terminal(ran: Example) -> None:
    shown = " ".join(ran("review").out.split())
    assert "ranges below. " in shown
    assert "What each figure means" not in shown
    assert "What each figure means" in ran("review", "--all").out
    assert "What each figure means" in (ran.folder / "reviews/2026-W33/proposal.md").read_text()


def test_a_command_inside_a_message_is_not_broken(ran: Example) -> None:
    proposal = proposal_store.read_proposal(ran.folder / "reviews/2026-W33").proposal
    asked = next(one for one in proposal.findings if one.kind == "price-asked" and ":price:" in one.subject)
    command = re.search(r"`modelpool [^`]*`", asked.message)
    assert command is not None
    screen = io.StringIO()
    for part in blocks_text((Paragraph(line=line(text_span(asked.message))),)):
        Console(file=screen, width=80, highlight=False).print(part, crop=False)
    rows = screen.getvalue().splitlines()
    assert any(command[0] in row for row in rows)
    assert all(len(row) <= 80 or command[0] in row for row in rows)


def test_the_row_that_keeps_its_value_is_named_with_a_command_that_takes_the_new_one(ran: Example) -> None:
    shown = ran("review", "--all").out
    assert "lmarena-text:arena-text/overall:mimo-v2-omni" in shown.partition(HEADING)[2]
    assert _pasted(ran, shown, "sources accept lmarena-text").code == 0


def test_of_many_rows_three_are_named_and_the_others_counted(ran: Example) -> None:
    proposal = proposal_store.read_proposal(ran.folder / "reviews/2026-W33").proposal
    held = next(line for line in proposal.findings if line.kind == HELD_ROW)
    rows = tuple(held.model_copy(update={"subject": f"a:b:it's {number}"}) for number in range(5))
    blocks = tuple(checks.SECTION.blocks(proposal_view(proposal.model_copy(update={"findings": rows}))))
    lists = [one for one in blocks if isinstance(one, BulletList)]
    lists += [
        one for fold in blocks if isinstance(fold, Fold) for one in fold.blocks if isinstance(one, BulletList)
    ]
    texts = ("".join(span.text for span in item) for one in lists for item in one.items)
    (text,) = (one for one in texts if one.startswith("Rows that keep"))
    assert text.startswith("Rows that keep their approved values: a:b:it's 0: lmarena-text: mimo-v2-omni")
    assert text.endswith("; also a:b:it's 1; a:b:it's 2 and 2 more")
    command = next(one.text for one in blocks if isinstance(one, CommandLine))
    assert shlex.split(command)[:6] == ["modelpool", "sources", "accept", "a", "--row", "a:b:it's 0"]
    said = ["".join(span.text for span in one.line) for one in blocks if isinstance(one, Paragraph)]
    assert "To take the new value of a:b:it's 0, after looking at it:" in said


@pytest.mark.parametrize("width", [60, 80])
def test_no_word_is_broken_on_a_narrow_screen(ran: Example, width: int) -> None:
    proposal = proposal_store.read_proposal(ran.folder / "reviews/2026-W33").proposal
    blocks = review_blocks(RecordFiles(Workspace(ran.folder)), proposal, ReviewQuery(whole=True))
    screen = io.StringIO()
    console = Console(file=screen, width=width, highlight=False, markup=False, emoji=False)
    for part in blocks_text(blocks, unfold=True):
        console.print(part, crop=False, soft_wrap=isinstance(part, str))
    shown = set(screen.getvalue().split())
    for word in (one.variant for tier in proposal.pool.tiers.values() for one in tier.members):
        assert any(word in each for each in shown)
    too_long = [row for row in screen.getvalue().splitlines() if len(row) > width]
    assert all("modelpool" in row or len(row.split()) <= 2 for row in too_long), too_long


def test_one_change_is_shown_whole_by_its_number(ran: Example) -> None:
    proposal = proposal_store.read_proposal(ran.folder / "reviews/2026-W33").proposal
    change = next(one for one in proposal_view(proposal).changes if one.number == 3)
    shown = " ".join(ran("review", "--change", "3").out.split())
    assert change.reason in shown
    assert "To decide" not in shown
    refused = ran("review", "--change", "99")
    assert refused.code == 2
    assert "no change 99" in refused.err


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
