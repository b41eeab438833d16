"""Single changes are held, the rest is a proposal of its own, and what was answered is not asked again."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.proposal import Proposal
from pipeline.flow.record.history import history
from pipeline.review.proposals.questions import questions_of
from pipeline.workspace import Workspace
from tests.review.pages.browser import CHROMIUM, MEASURE, beyond_first_screen, opened, with_script

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer, Example

SAY = ("--reviewer", "R. Viewer", "--note", "Unproven.")
ENTRANT, TIER = "mimo-v2.5@default", "balanced"


def proposal(ran: Example, folder: str) -> Proposal:
    return Proposal.model_validate_json((ran.folder / "reviews" / folder / "proposal.json").read_bytes())


def number(ran: Example, variant: str, tier: str, folder: str = "2026-W33") -> int:
    asked = questions_of(proposal(ran, folder))
    return next(one.number for one in asked if (one.change.tier, one.change.variant) == (tier, variant))


def hold(ran: Example, *options: str) -> Answer:
    return ran("answer", ran.digest()[:8], *options, *SAY, "--now", "2026-08-15T13:00:00Z")


def week(ran: Example, name: str, day: str) -> Answer:
    captures = str(ran.folder / "data/sample/2026-W33")
    return ran("run", "--captures", captures, "--week", name, "--now", f"{day}T12:00:00Z", "--json")


def asked(answer: Answer) -> list[tuple[object, object]]:
    changes = answer.json["changes"]
    assert isinstance(changes, list)
    return [(one["tier"], one["variant"]) for one in changes]


@pytest.mark.timeout(300)
def test_what_is_left_is_rendered_before_it_is_approved_and_the_rest_is_not_asked_again(
    ran: Example, tmp_path: Path
) -> None:
    whole = ran.digest()
    before = proposal(ran, "2026-W33")
    held = hold(ran, "--never", str(number(ran, ENTRANT, TIER)))
    assert held.code == 10, held.err
    left, digest = proposal(ran, "2026-W33.2"), ran.digest()
    assert digest != whole
    page = (ran.folder / "reviews/2026-W33.2/report.html").read_text()
    assert digest in page
    assert digest[:16] in held.out, "it is shown before it can be approved"
    members = {one.variant for one in left.pool.tiers[TIER].members}
    kept = {one.variant for one in before.changes if one.tier == TIER and one.rank_after is None}
    came = [one for one in left.pool.tiers[TIER].members if one.variant in kept]
    instead = ", ".join(f"{one.variant} stays at {one.rank}" for one in came)
    for shown in (re.sub("<[^>]*>", "", page), " ".join(held.out.split())):
        assert "2026-W33, without what was held by R. Viewer on 2026-08-15: Unproven." in shown
        assert f"{TIER}: {ENTRANT} (not until its evidence moves). Instead {instead}." in shown
    if CHROMIUM is not None:
        found = opened(with_script(page, MEASURE), tmp_path).measured()
        assert beyond_first_screen(found, answered=True) == {}
    assert ENTRANT not in members
    assert kept <= members
    others = {name: tier for name, tier in before.pool.tiers.items() if name != TIER}
    assert {name: tier for name, tier in left.pool.tiers.items() if name != TIER} == others

    refused = ran.approve(whole[:16])
    assert refused.code == 30
    assert f"the pending proposal 2026-W33.2, which is {digest[:16]}" in refused.err
    assert ran.approve(digest[:16]).code == 0
    assert ran("publish").code == 0
    assert ran("verify").code == 0
    for name in ("2026-W33.1", "2026-W33.2", "v0002"):
        replayed = ran("replay", name)
        assert replayed.code == 0, replayed.out + replayed.err

    later = week(ran, "2026-W34", "2026-08-22")
    assert (TIER, ENTRANT) not in asked(later)
    assert ran("replay", "2026-W34").code == 0, "the answers are an input of a run without a proposal, too"
    (line,) = json.loads(ran("memory", "--json").out)
    assert (line["variant"], line["answer"], line["stands"], line["last_run"]) == (
        ENTRANT,
        "never",
        True,
        "2026-W34",
    )
    assert line["evidence"][ENTRANT]["quality"] > 0
    below = ran("history").out.partition("\nChanges that people rejected or held, by key\n")[2].splitlines()
    assert below[0].startswith(f"- {line['key']} {TIER}: {ENTRANT} does not enter. R. Viewer declined it")
    assert below[1:] == ["`modelpool memory retract --help` says how one is taken back, by its key."]
    assert _history(ran) == ["v0002 2026-W33.2", "declined 1 2026-W33", "v0001 2026-W22"]

    taken = ran("memory", "retract", line["key"], "--reviewer", "A. Nother", "--note", "It is proven.")
    assert taken.code == 0, taken.err
    assert ran("verify").code == 0
    assert json.loads(ran("memory", "--json").out) == []
    assert _history(ran)[0] == "taken back 2026-W33"
    told = " ".join(ran("history").out.split())
    assert "taken back" in told
    assert "A. Nother" in told
    assert ran("replay", "2026-W34").code == 0, "what was said since changes no run before it"


@pytest.mark.timeout(300)
def test_a_rejected_change_is_not_asked_again_and_its_week_is_replayed(ran: Example) -> None:
    first = proposal(ran, "2026-W33")
    assert ran("reject", ran.digest()[:8], *SAY, "--now", "2026-08-15T13:00:00Z").code == 0
    later = week(ran, "2026-W34", "2026-08-22")
    rejected = {
        (one.change.tier, one.change.variant)
        for one in questions_of(first)
        if one.direction in {"enter", "rise"} and one.change.cause != "first"
    }
    kept = {(one["tier"], one["variant"]) for one in json.loads(ran("memory", "--json").out)}
    assert rejected == kept != set()
    assert not rejected & {one for one in asked(later) if _rises_or_enters(later, one)}
    assert ran("replay", "2026-W34").code == 0
    shown = " ".join(ran("review").out.split())
    assert "Answered before" in shown
    assert f"{len(kept)} not asked again" in shown
    assert _history(ran)[0] == "rejected 2026-W33"


def _history(ran: Example) -> list[str]:
    rows = json.loads(ran("history", "--json").out)
    return [f"{one['what']} {one['proposal']}" for one in rows]


def test_every_answer_is_in_the_history_with_the_change_that_it_is_about(ran: Example) -> None:
    number_held = number(ran, ENTRANT, TIER)
    assert hold(ran, "--hold", f"{number_held}=2027-01-31").code == 10
    (line,) = json.loads(ran("memory", "--json").out)
    later = ("--now", "2026-08-15T14:00:00Z")
    assert ran("memory", "retract", str(line["key"]), *SAY, *later).code == 0
    taken, held, _ = history(Workspace(ran.folder))
    assert (taken.what, taken.about) == ("taken back", (f"{ENTRANT} in {TIER}",))
    assert (held.what, held.about) == ("held 1", (f"{ENTRANT} in {TIER}, until 2027-01-31",))


def test_an_approval_and_its_withdrawal_are_in_the_history(ran: Example) -> None:
    digest = ran.digest()[:16]
    assert ran("approve", digest, *SAY, "--now", "2026-08-15T13:00:00Z").code == 0
    assert _history(ran)[0] == "approved 2026-W33"
    assert ran("withdraw", digest, *SAY, "--now", "2026-08-15T14:00:00Z").code == 0
    assert _history(ran) == ["withdrawn 2026-W33", "approved 2026-W33", "v0001 2026-W22"]


def test_a_damaged_answer_is_restored_by_the_command_that_is_printed(ran: Example, tmp_path: Path) -> None:
    assert hold(ran, "--never", str(number(ran, ENTRANT, TIER))).code == 10
    assert ran("backup", str(tmp_path / "copy")).code == 0
    file = ran.folder / "reviews/2026-W33/answers.json"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    refused = ran("verify")
    assert refused.code == 30
    printed = re.search("`(cp [^`]*)`", refused.err.replace("\n", " "))
    assert printed is not None, refused.err
    assert "run the week again" not in refused.err
    command = printed[1].replace("${MODELPOOL_BACKUP_DIR:?}", str(tmp_path / "copy"))
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert file.read_bytes() == whole
    assert ran("verify").code == 0


def _rises_or_enters(answer: Answer, about: tuple[object, object]) -> bool:
    changes = answer.json["changes"]
    assert isinstance(changes, list)
    (one,) = (each for each in changes if (each["tier"], each["variant"]) == about)
    return one["rank_after"] is not None and one["cause"] != "missing"


def test_answers_come_from_a_file_or_one_by_one_and_are_completed_when_cut_off(
    ran: Example, tmp_path: Path
) -> None:
    about = number(ran, ENTRANT, TIER)
    file = tmp_path / "answers.toml"
    file.write_text(f'[[change]]\nnumber = {about}\nanswer = "hold"\n')
    wrong = hold(ran, "--file", str(file))
    assert wrong.code == 2
    assert "a hold has a day" in wrong.err
    file.write_text(
        f'[[change]]\nnumber = {about}\nanswer = "accept"\n[[change]]\nnumber = {about}\nanswer = "never"\n'
    )
    assert f"change {about} is answered twice" in hold(ran, "--file", str(file)).err
    file.write_text(
        f'[[change]]\nnumber = {about}\nanswer = "hold"\nuntil = 2026-12-01\nnote = "Wait for votes."\n'
        '[[change]]\nnumber = 1\nanswer = "accept"\n'
    )
    assert hold(ran, "--file", str(file)).code == 10
    second = ran.folder / "reviews/2026-W33.2"
    body = (second / "proposal.json").read_bytes()
    for one in second.iterdir():
        one.unlink()
    second.rmdir()
    gone = ran.approve(proposal(ran, "2026-W33").pool_sha256[:16])
    assert (gone.code, f"{second} waits for a decision, and is gone" in gone.err) == (30, True), gone
    assert ran("rebuild").code == 0
    stale = ran.approve(proposal(ran, "2026-W33").pool_sha256[:16])
    assert stale.code == 30
    assert "answered changes of 2026-W33 one by one" in stale.err
    assert hold(ran, "--file", str(file)).code == 10
    assert (second / "proposal.json").read_bytes() == body
    assert "held it until 2026-12-01 on 2026-08-15 (2026-W33): Wait for votes." in ran("memory").out


def test_several_changes_are_named_at_once(ran: Example) -> None:
    asked = questions_of(proposal(ran, "2026-W33"))
    first, second, *_ = (one.number for one in asked if one.direction in {"enter", "rise"})
    assert hold(ran, "--never", f"{first}, {second}").code == 10
    answers = json.loads((ran.folder / "reviews/2026-W33/answers.json").read_bytes())["answers"]
    assert [one["answer"] for one in answers] == ["never", "never"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("--never", "three"), "--never 'three' names no change"),
        (("--never", "3,,8"), "--never '3,,8' names no change"),
        (("--hold", "3;8=2027-01-31"), "--hold '3;8=2027-01-31' names no change"),
        (("--hold", "3"), "--hold '3' names no day"),
        (("--hold", "3=never"), "Write it as --never 3."),
        (("--never", "3", "--hold", "3=2027-01-31"), "change 3 is answered twice"),
        (("--hold", "3=2026-01-31"), "`--never 3`"),
    ],
)
def test_a_slip_is_told_by_its_option(ran: Example, typed: tuple[str, ...], told: str) -> None:
    refused = hold(ran, *typed)
    assert (refused.code, told in refused.err) == (2, True), refused


def test_each_change_is_asked_in_turn(ran: Example) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    questions = [one for one in questions_of(proposal(ran, "2026-W33")) if one.direction is not None]
    words = ["answer", ran.digest()[:8], "--ask", *SAY, "--now", "2026-08-15T13:00:00Z"]
    slips = "perhaps\nhold\n2027-13-01\nnever"
    typed = [slips if one.change.variant == ENTRANT else "" for one in questions]
    where = ["--workspace", str(ran.folder)]
    done = CliRunner().invoke(app, [*words, *where], input="\n".join(typed) + "\n")
    assert done.exit_code == 10, done.output
    (line,) = json.loads(ran("memory", "--json").out)
    assert (line["variant"], line["answer"], line["until"]) == (ENTRANT, "never", None)
    assert "'perhaps' is no answer." in done.stderr
    assert "what you typed names no day. Write a day as 2027-01-31." in done.stderr


def test_who_ends_the_questions_ends_the_command(ran: Example) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.app import app

    words = ["answer", ran.digest()[:8], "--ask", *SAY, "--now", "2026-08-15T13:00:00Z"]
    done = CliRunner().invoke(app, [*words, "--workspace", str(ran.folder)], input="")
    assert done.exit_code == 130, done.output
    assert "error: interrupted" in done.stderr
    assert json.loads(ran("memory", "--json").out) == []


@pytest.mark.parametrize("spoil", ["removed", "edited"])
def test_answers_that_are_gone_are_named_and_what_was_made_under_them_is_not_approved(
    ran: Example, spoil: str
) -> None:
    assert hold(ran, "--hold", f"{number(ran, ENTRANT, TIER)}=2027-01-31").code == 10
    answers = ran.folder / "reviews/2026-W33/answers.json"
    if spoil == "removed":
        answers.unlink()
    else:
        before = answers.read_text()
        answers.write_text(before.replace("2027-01-31", "2026-12-01"))
        assert answers.read_text() != before
    verified, approved, told = ran("verify"), ran.approve(), ran("status")
    assert (verified.code, approved.code, told.code) == (30, 30, 30)
    assert "which is not below" in verified.err
    assert "gone or were edited" in approved.err


def test_a_proposal_made_under_an_answer_that_was_taken_back_is_stale(ran: Example) -> None:
    assert hold(ran, "--never", str(number(ran, ENTRANT, TIER))).code == 10
    (line,) = json.loads(ran("memory", "--json").out)
    assert ran("memory", "retract", str(line["key"]), *SAY, "--now", "2026-08-15T14:00:00Z").code == 0
    approved = ran.approve()
    assert approved.code == 30
    assert "took an answer back" in approved.err
    assert "took an answer back" in ran("status").out


def test_the_last_retraction_is_guarded_by_what_is_proposed_after_it(ran: Example) -> None:
    """Before that only a signature would show that it was changed, as the manual says of the last link."""
    assert hold(ran, "--never", str(number(ran, ENTRANT, TIER))).code == 10
    (line,) = json.loads(ran("memory", "--json").out)
    assert ran("memory", "retract", str(line["key"]), *SAY, "--now", "2026-08-15T14:00:00Z").code == 0
    (file,) = (ran.folder / "reviews").glob("*/retraction-*.json")
    written = file.read_text()
    edited = written.replace("R. Viewer", "S. Omebody")
    assert edited != written
    file.write_text(edited)
    assert [ran(command).code for command in ("verify", "status")] == [0, 0]
    file.write_text(written)
    assert week(ran, "2026-W34", "2026-08-22").code == 10
    assert [ran(command).code for command in ("verify", "status")] == [0, 0]
    for spoil in (lambda: file.write_text(edited), file.unlink):
        spoil()
        verified, told = ran("verify"), ran("status")
        assert (verified.code, told.code) == (30, 30)
        assert "which is not below" in verified.err
        assert verified.err == told.err


@pytest.mark.parametrize("typed", ["9" * 5000 + "=2027-01-01", "\u0663=2027-01-01", "2"])
def test_a_hold_that_names_no_change_or_no_day_is_refused(ran: Example, typed: str) -> None:
    refused = hold(ran, "--hold", typed)
    assert refused.code == 2
    assert "Write it as --hold" in refused.err
