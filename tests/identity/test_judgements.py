"""A judgement is one more line: who, when and why; nothing that is there is ever changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import atomic_files
from pipeline.domain.crosswalk import Judgement
from pipeline.domain.ids import LMARENA_TEXT, SourceKey, SourceModelName, VariantId
from pipeline.errors import UsageError
from pipeline.identity.crosswalk.judgements import append_judgement, undo_judgement
from pipeline.identity.crosswalk.load import load_crosswalk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = date(2026, 8, 15)
PLACE = (LMARENA_TEXT, SourceKey("qwen, the new"))


@pytest.fixture
def folder(tmp_path: Path, write_crosswalk: Callable[..., Path]) -> Path:
    """A small crosswalk."""
    return write_crosswalk(tmp_path)


def _line(variant: str | None, *, by: str = "R. Viewer", reason: str = 'says "new", 2 dates') -> Judgement:
    return Judgement(
        source=PLACE[0],
        key=PLACE[1],
        name=SourceModelName(PLACE[1]),
        variant=None if variant is None else VariantId(variant),
        decided_on=DAY,
        decided_by=by,
        reason=reason,
    )


def _meant(folder: Path) -> str | None:
    return load_crosswalk(folder).judgements[PLACE].variant


def test_a_judgement_is_appended_and_read_back(folder: Path) -> None:
    before = (folder / "judgements.csv").read_bytes()
    append_judgement(folder, _line("qwen3.7@default"))
    after = (folder / "judgements.csv").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + 1
    assert load_crosswalk(folder).judgements[PLACE] == _line("qwen3.7@default")


def test_a_file_without_a_last_line_end_gets_one(folder: Path) -> None:
    path = folder / "judgements.csv"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    before = path.read_bytes()
    append_judgement(folder, _line(None))
    assert path.read_bytes().startswith(before + b"\n")
    assert _meant(folder) is None


def test_lines_that_end_as_on_windows_stay_so(folder: Path) -> None:
    path = folder / "judgements.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    append_judgement(folder, _line(None))
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
    assert _meant(folder) is None


def test_a_later_judgement_supersedes_and_the_earlier_line_stays(folder: Path) -> None:
    append_judgement(folder, _line(None))
    append_judgement(folder, _line("qwen3.7@default"))
    assert _meant(folder) == "qwen3.7@default"
    assert (folder / "judgements.csv").read_text().count("qwen, the new") == 4


def test_the_same_answer_twice_is_refused(folder: Path) -> None:
    append_judgement(folder, _line(None))
    before = (folder / "judgements.csv").read_bytes()
    with pytest.raises(UsageError, match=r"judged so already, by R\. Viewer"):
        append_judgement(folder, _line(None))
    assert (folder / "judgements.csv").read_bytes() == before


def test_undo_brings_back_what_held_before(folder: Path) -> None:
    append_judgement(folder, _line(None))
    append_judgement(folder, _line("qwen3.7@default"))
    undone = undo_judgement(folder, PLACE, "O. Ther", DAY, "wrong one")
    assert (undone.line.variant, undone.open_again, undone.line.decided_by) == (None, False, "O. Ther")
    assert _meant(folder) is None


def test_undo_of_the_only_judgement_opens_the_name_again(folder: Path) -> None:
    append_judgement(folder, _line("qwen3.7@default"))
    assert undo_judgement(folder, PLACE, "O. Ther", DAY, "wrong one").open_again
    assert PLACE not in load_crosswalk(folder).judgements
    append_judgement(folder, _line("qwen3.7@default"))
    assert _meant(folder) == "qwen3.7@default"


def test_undo_of_an_undo_brings_the_judgement_back(folder: Path) -> None:
    append_judgement(folder, _line("qwen3.7@default"))
    undo_judgement(folder, PLACE, "O. Ther", DAY, "wrong one")
    assert not undo_judgement(folder, PLACE, "O. Ther", DAY, "right after all").open_again
    assert _meant(folder) == "qwen3.7@default"


def test_a_name_that_nobody_judged_cannot_be_undone(folder: Path) -> None:
    with pytest.raises(UsageError, match="nobody judged"):
        undo_judgement(folder, PLACE, "O. Ther", DAY, "wrong one")


@pytest.mark.parametrize(
    ("by", "reason", "option"),
    [("", "x", "--reviewer"), (" R", "x", "--reviewer"), ("R", "", "--note"), ("R", "a\nb", "--note")],
)
def test_a_text_that_no_line_can_hold_is_refused(folder: Path, by: str, reason: str, option: str) -> None:
    before = (folder / "judgements.csv").read_bytes()
    with pytest.raises(UsageError, match=option):
        append_judgement(folder, _line(None, by=by, reason=reason))
    assert (folder / "judgements.csv").read_bytes() == before


def test_a_variant_that_is_not_in_the_crosswalk_is_refused(folder: Path) -> None:
    before = (folder / "judgements.csv").read_bytes()
    with pytest.raises(UsageError, match=r"variants\.csv"):
        append_judgement(folder, _line("qwen9@default"))
    assert (folder / "judgements.csv").read_bytes() == before


def test_a_disk_that_refuses_leaves_the_file_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_target: Path, _body: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_files, "replace_file", refuse)
    before = (folder / "judgements.csv").read_bytes()
    with pytest.raises(OSError, match="No space"):
        append_judgement(folder, _line(None))
    assert (folder / "judgements.csv").read_bytes() == before


ANSWERS = {
    "first": "qwen3.7@default",
    "renamed": "qwen3.7@default",
    "second": "sol-5.6@high",
    "not routed": None,
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from([*ANSWERS, "undo", "undo"]), max_size=7))
def test_undo_restores_the_state_before_the_last_word(folder: Path, words: list[str]) -> None:
    """The answer, the name it was given for, and whether the name is asked again: all as they were."""
    path = folder / "judgements.csv"
    before = path.read_bytes()
    states = [_state(folder)]
    for number, word in enumerate(words):
        reason = f"word {number}"
        if word == "undo" and len(states) > 1:
            undo_judgement(folder, PLACE, "O. Ther", DAY, reason)
            assert _state(folder) == states[-2]
        elif word != "undo":
            variant = ANSWERS[word]
            line = replace(_line(variant), reason=reason)
            name = SourceModelName("another name") if word == "renamed" else line.name
            append_judgement(folder, replace(line, name=name), again=True)
        else:
            continue
        states.append(_state(folder))
    path.write_bytes(before)


def _state(folder: Path) -> tuple[object, ...]:
    crosswalk = load_crosswalk(folder)
    held = crosswalk.judgements.get(PLACE)
    return (held and held.variant, held and held.name, held is None, PLACE in crosswalk.affirmed)
