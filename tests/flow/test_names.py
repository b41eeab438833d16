"""Open names: what they could change, a person's word on them, and that it is remembered."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.replay.last_run import last_run
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from tests.example import Answer, Example

WHO = ("--reviewer", "R. Viewer", "--note", "Read the page.", "--now", "2026-08-16T12:00:00Z")


@pytest.fixture
def asked(ran: Example) -> Example:
    """The second week, in which nobody has judged these two names."""
    _unjudged(ran, "grok-4-fast-chat", "solar-pro4")
    return ran


def _unjudged(example: Example, *names: str) -> None:
    """Take out what people said of names, as if nobody had been asked."""
    judged = example.folder / "data/crosswalk/judgements.csv"
    lines = judged.read_text().splitlines(keepends=True)
    rest = [line for line in lines if not set(names) & set(line.split(",")[1:3])]
    assert len(lines) - len(rest) >= len(names)
    judged.write_text("".join(rest))


def _listed(example: Example) -> list[dict[str, object]]:
    answer = example("crosswalk", "open", "--json", "--top", "500")
    assert answer.code == 0, answer.err
    names = answer.json["names"]
    assert isinstance(names, list)
    return names


def _open(example: Example) -> set[tuple[str, str]]:
    """The names that are open, by source and name, without asking what each could change."""
    found = last_run(Workspace(example.folder), Settings()).assess().resolution.open_names
    return {(one.entry.source, one.entry.name) for one in found}


def _lines(example: Example) -> list[str]:
    return (example.folder / "data/crosswalk/judgements.csv").read_text().splitlines()


def _refused(answer: Answer, *words: str) -> None:
    assert answer.code == 2, (answer.out, answer.err)
    for word in words:
        assert word in answer.err, answer.err


def test_the_open_names_are_those_of_the_proposal(ran: Example) -> None:
    with (ran.folder / "reviews/2026-W33/open-names.csv").open(encoding="utf-8") as file:
        filed = list(csv.DictReader(file))
    assert len(filed) == len(_open(ran)) == len(_listed(ran)) > 0


def test_those_that_could_change_most_come_first(ran: Example) -> None:
    found = _listed(ran)
    places = [one["place"] for one in found if one["place"] is not None]
    assert places == sorted(places, key=lambda place: int(str(place)))
    assert any(one["reaches"] for one in found)


def test_a_judged_name_is_ranked_as_if_it_were_open_with_what_it_decides(ran: Example) -> None:
    answer = ran("crosswalk", "suggest", "gemini-3.1-pro-preview", "--source", "lmarena-text", "--json")
    options = answer.json["options"]
    assert isinstance(options, list)
    assert options[0]["suggestion"]["variant"] == "gemini-3.1-pro-preview@default"
    assert "spelled to the letter" in options[0]["suggestion"]["evidence"]
    assert any("premium" in change for change in options[0]["changes"])
    taken = next(one for one in options if one["suggestion"]["variant"] == "gemini-3-pro-preview@default")
    assert taken["changes"] == [], "the board knows that one by another name"


def test_a_judgement_is_one_line_and_the_name_is_not_asked_again(asked: Example) -> None:
    before = _lines(asked)
    assert ("lmarena-text", "grok-4-fast-chat") in _open(asked)
    answer = asked("crosswalk", "map", "grok-4-fast-chat", "grok-4-fast@none", *WHO)
    assert answer.code == 0, answer.err
    assert "modelpool run" in answer.out
    added = (
        "lmarena-text,grok-4-fast-chat,grok-4-fast-chat,grok-4-fast@none,2026-08-16,R. Viewer,Read the page."
    )
    assert _lines(asked) == [*before, added]
    assert ("lmarena-text", "grok-4-fast-chat") not in _open(asked)


def test_a_negative_judgement_is_remembered(ran: Example) -> None:
    answer = ran("crosswalk", "map", "Command A+", "--not-routed", *WHO, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["variant"] is None
    assert ("artificial-analysis", "Command A+") not in _open(ran)
    assert ran.run().code == 10
    assert ("artificial-analysis", "Command A+") not in _open(ran)


def test_an_undo_opens_the_name_again(asked: Example) -> None:
    before = _open(asked)
    assert asked("crosswalk", "map", "grok-4-fast-chat", "--not-routed", *WHO).code == 0
    assert _open(asked) < before
    undone = asked("crosswalk", "undo", "grok-4-fast-chat", *WHO)
    assert undone.code == 0, undone.err
    assert "open again" in undone.out
    assert _open(asked) == before


def test_an_undo_says_what_the_name_means_again_and_who_undid_it(asked: Example) -> None:
    for words in (("grok-4-fast@none",), ("--not-routed",)):
        assert asked("crosswalk", "map", "grok-4-fast-chat", *words, *WHO).code == 0
    said = " ".join(asked("crosswalk", "undo", "grok-4-fast-chat", *WHO).out.split())
    assert "grok-4-fast-chat of lmarena-text means grok-4-fast@none again, as before; undone by " in said


def test_a_shipped_judgement_can_be_undone_by_name(ran: Example) -> None:
    later = (*WHO[:-1], "2026-11-24T12:00:00Z")
    answer = ran("crosswalk", "undo", "gpt-5.3-codex (codex-harness)", *later, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["open_again"] is True


def test_an_unknown_variant_is_refused_with_its_siblings(ran: Example) -> None:
    before = _lines(ran)
    _refused(ran("crosswalk", "map", "grok-4-fast-chat", "grok-4-fast@extreme", *WHO), "grok-4-fast@none")
    assert _lines(ran) == before


def test_a_variant_and_not_routed_at_once_are_refused_and_so_is_neither(ran: Example) -> None:
    _refused(ran("crosswalk", "map", "grok-4-fast-chat", *WHO), "--not-routed")
    _refused(
        ran("crosswalk", "map", "grok-4-fast-chat", "grok-4-fast@none", "--not-routed", *WHO), "one of both"
    )


def test_a_name_on_two_boards_asks_which(asked: Example) -> None:
    _refused(asked("crosswalk", "map", "solar-pro4", "--not-routed", *WHO), "lmarena-webdev", "--source")
    assert (
        asked("crosswalk", "map", "solar-pro4", "--not-routed", "--source", "lmarena-webdev", *WHO).code == 0
    )
    assert ("lmarena-text", "solar-pro4") in _open(asked)
    assert ("lmarena-webdev", "solar-pro4") not in _open(asked)


@pytest.mark.parametrize("name", ["grok-4-fast-chatt", "completely else"])
def test_a_name_that_nobody_publishes_is_refused(ran: Example, name: str) -> None:
    _refused(ran("crosswalk", "suggest", name), name, "hint")


def test_a_reason_is_needed(asked: Example) -> None:
    before = _lines(asked)
    who = ("--reviewer", "R. Viewer", "--note", "  ")
    _refused(asked("crosswalk", "map", "grok-4-fast-chat", "--not-routed", *who), "--note")
    assert _lines(asked) == before


def test_a_suggestion_says_what_price_dates_and_words_say(ran: Example) -> None:
    told = ran("crosswalk", "suggest", "Muse Spark 1.2 (xhigh)", "--source", "artificial-analysis").out
    assert "of the words)" in told
    assert "price agrees" in told or "price differs" in told
    assert "released 20" in told
    _unjudged(ran, "Claude 4.1 Opus (Reasoning)")
    against = ran("crosswalk", "suggest", "Claude 4.1 Opus (Reasoning)", "--json").out
    assert "but lmarena-text knows claude-opus-4.1@on as" in against


def test_an_undo_is_not_dated_before_what_it_undoes(asked: Example) -> None:
    assert asked("crosswalk", "map", "grok-4-fast-chat", "--not-routed", *WHO).code == 0
    before = _open(asked)
    refused = asked("crosswalk", "undo", "grok-4-fast-chat", *WHO[:-1], "2026-08-15T12:00:00Z")
    assert (refused.code, "the day 2026-08-15 is before 2026-08-16" in refused.err) == (2, True), refused
    assert _open(asked) == before
