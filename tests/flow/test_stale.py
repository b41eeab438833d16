"""A proposal made from what no longer holds: it is named as stale, and its approval is never offered."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer, Example

REASON = (
    "--reviewer",
    "R. Viewer",
    "--note",
    "The new price is announced.",
    "--now",
    "2026-08-15T13:00:00Z",
)


def _accept_a_price(example: Example) -> Answer:
    lines = example("review", "--json").json["findings"]
    assert isinstance(lines, list)
    subject = next(line["subject"] for line in lines if line["kind"] == "price-asked")
    return example("sources", "accept", subject.partition(":")[0], "--row", subject, *REASON)


def _flat(text: str) -> str:
    return "".join(text.split())


def _is_stale(example: Example, why: str) -> None:
    run = f"modelpool run --workspace {example.folder}"
    for command in ("status", "review"):
        said = example(command).out
        assert "Stale: " in said, said
        assert _flat(why) in _flat(said)
        assert _flat(run) in _flat(said)
        assert "modelpool approve" not in said
        assert "modelpool review" not in said
    pending = example("status", "--json").json["pending"]
    assert isinstance(pending, dict)
    assert why in pending["stale"]


def test_what_is_not_stale_is_offered(ran: Example) -> None:
    assert "Stale" not in ran("status").out + ran("review").out
    pending = ran("status", "--json").json["pending"]
    assert isinstance(pending, dict)
    assert pending["stale"] is None
    assert "modelpool approve" in ran("review").out


def test_an_answer_about_a_price_makes_the_pending_proposal_stale(ran: Example) -> None:
    accepted = _accept_a_price(ran)
    assert accepted.code == 0, accepted.err
    said = _flat(accepted.out)
    assert _flat("The pending proposal 2026-W33 was computed before this answer") in said
    assert _flat(f"modelpool run --week 2026-W33 --workspace {ran.folder}") in said
    refused = ran.approve()
    assert refused.code == 30, refused.out
    assert "was computed before R. Viewer accepted" in refused.err
    assert _flat(f"modelpool run --week 2026-W33 --workspace {ran.folder}") in _flat(refused.err)
    _is_stale(ran, "was computed before R. Viewer accepted")
    assert "Which price counts?" not in ran("status").out
    assert ran.run().code == 10
    assert "Stale" not in ran("status").out
    assert ran.approve().code == 0


def test_a_rejection_needs_no_new_run(ran: Example) -> None:
    assert _accept_a_price(ran).code == 0
    assert ran("reject", ran.digest()[:16], "--reviewer", "R. Viewer", "--note", "Old price.").code == 0


def test_an_answer_after_an_approval_says_what_publishing_would_do(ran: Example) -> None:
    lines = ran("review", "--json").json["findings"]
    assert isinstance(lines, list)
    subject = next(line["subject"] for line in lines if line["kind"] == "price-asked")
    assert ran.approve().code == 0
    answer = ran("sources", "accept", subject.partition(":")[0], "--row", subject, *REASON)
    assert _flat("2026-W33 is approved, not published, and was computed before this answer") in _flat(
        answer.out
    )


def test_a_proposal_on_a_pool_no_longer_in_force_is_stale(ran: Example) -> None:
    assert ran.approve().code == 0
    opened = ran.run()
    assert opened.code == 10
    assert _flat("2026-W33 is approved, not published: `modelpool publish") in _flat(opened.out)
    assert ran("publish").code == 0
    _is_stale(ran, "starts from v0001, but v0002 is in force")


def test_a_command_names_the_workspace_only_where_it_is_not_here(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "a b").command("run") == f"modelpool run --workspace '{tmp_path}/a b'"
    assert Workspace(type(tmp_path)()).command("run") == "modelpool run"


def test_a_tier_that_the_policy_has_no_longer_is_named_wherever_a_person_reads(ran: Example) -> None:
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    policy = ran.folder / "data/policy/tiers.toml"
    text = policy.read_text()
    policy.write_text(re.sub(r"\[tiers\.balanced-coding\].*?(?=\n\[)", "", text, flags=re.DOTALL))
    pool = json.loads((ran.folder / "data/pools/v0002.json").read_bytes())["signed"]
    members = [one["variant"] for one in pool["tiers"]["balanced-coding"]["members"]]
    answer = ran.run()
    assert answer.code == 10, answer.err
    line = "tier balanced-coding is removed: its requests will get no route. Its members: "
    line += ", ".join(members) + "."
    first = answer.out.partition("Check before approving")[0]
    assert _flat(line) in _flat(first)
    filed = max((ran.folder / "reviews").glob("2026-W33?*"))
    proposal = json.loads((filed / "proposal.json").read_bytes())
    assert proposal["large"]
    assert re.search(r"modelpool approve [0-9a-f]{16} ", (filed / "proposal.md").read_text())
    for page in ("proposal.md", "report.html"):
        shown = (filed / page).read_text()
        assert line in html.unescape(shown).replace("\\", "")
        assert "tier removed from the policy" in shown.lower()
        assert "constraint broken" not in shown.lower()
        assert "modelpool reject" in shown
        assert "modelpool answer" not in shown, "no change can be held: the policy decides"
