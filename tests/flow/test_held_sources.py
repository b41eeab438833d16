"""A held source from end to end: last good data in force, a person's word, exactly those bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.example import SECOND_WEEK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer, Example

ACCEPT = ("--reviewer", "R. Viewer", "--reason", "The board was cleaned up.", "--now", "2026-08-15T13:00:00Z")
VICTIM = "anthropic/claude-opus-4.6"


def _sample(example: Example, source: str) -> Path:
    (path,) = (example.folder / "data/sample/2026-W33").glob(f"*-{source}.json")
    return path


def _short(example: Example, tmp_path: Path, *, name: str = "short", most: int = 100) -> Path:
    """A board without the names of its lower end: held as vanished, and nothing else is wrong with it."""
    document = json.loads(_sample(example, "lmarena-text").read_bytes())
    keep = {row["model_name"] for row in document["rows"][:most] if row["category"] == "overall"}
    document["rows"] = [row for row in document["rows"] if row["model_name"] in keep]
    for field in ("n_rows", "n_models"):
        document.get("meta", {}).pop(field, None)
    folder = tmp_path / name
    folder.mkdir()
    path = folder / "2026-08-14-lmarena-text.json"
    path.write_text(json.dumps(document))
    return path


def _run(example: Example, board: Path | None, *more: str) -> Answer:
    pairs = ["--captures", f"lmarena-text={board}"] if board else []
    for source in ("artificial-analysis", "openrouter", "genai-prices"):
        pairs += ["--captures", f"{source}={_sample(example, source)}"]
    return example("run", *pairs, *(more or SECOND_WEEK))


def _findings(example: Example) -> dict[str, dict[str, str]]:
    lines = example("review", "--json").json["findings"]
    assert isinstance(lines, list)
    return {line["kind"]: line for line in lines if line["subject"] == "lmarena-text"}


def _inputs(example: Example, start: str) -> list[str]:
    lines = example("review", "--json").json["inputs"]
    assert isinstance(lines, list)
    return [line["sha256"] for line in lines if line["name"].startswith(start)]


@pytest.fixture
def held(example: Example, tmp_path: Path) -> tuple[Example, Path]:
    """A workspace in which a short board was held."""
    board = _short(example, tmp_path)
    answer = _run(example, board)
    assert answer.code == 20, answer.out
    assert (
        "lmarena-text is held: vanished; its last good data, of 2026-05-28, stays in force (79 days old)"
        in (answer.out.replace("\n", " "))
    )
    return example, board


def test_a_held_source_is_recorded_with_its_bytes_and_reasons(held: tuple[Example, Path]) -> None:
    example, _ = held
    assert {"held", "vanished"} <= _findings(example).keys()
    assert len(_inputs(example, "held:lmarena-text:")) == 1
    shown = example("sources", "--json", "--now", "2026-08-16T00:00:00Z")
    states = json.loads(shown.out)
    (text,) = (one for one in states if one["source"] == "lmarena-text")
    assert (text["held"], text["age_days"], text["fetched_at"]) == (True, 80, "2026-05-28T00:00:00Z")
    assert {line["kind"] for line in text["findings"]} >= {"held", "vanished"}
    assert "HELD" in example("sources", "--now", "2026-08-16T00:00:00Z").out


def test_the_same_bytes_are_used_once_a_person_accepted_them(held: tuple[Example, Path]) -> None:
    example, board = held
    answer = example("sources", "accept", "lmarena-text", *ACCEPT)
    assert answer.code == 0, answer.err
    again = _run(example, board)
    assert again.code == 10, again.out
    found = _findings(example)
    assert (found["vanished"]["severity"], found["accepted"]["severity"]) == ("warn", "warn")
    assert (
        "R. Viewer accepted it at 2026-08-15T13:00:00Z: The board was cleaned up."
        in found["accepted"]["message"]
    )
    assert "held" not in found
    assert _inputs(example, "held:lmarena-text:") == []
    assert example("sources", "accept", "lmarena-text", *ACCEPT).code == 30, "it is not held any more"
    assert _run(example, board).code == 10


def test_the_kept_bytes_are_used_without_asking_again(held: tuple[Example, Path]) -> None:
    example, _ = held
    digests = _inputs(example, "held:lmarena-text:")
    assert example("sources", "accept", "lmarena-text", *ACCEPT).code == 0
    assert _run(example, None).code == 10
    assert _inputs(example, "capture:lmarena-text:") == digests
    assert "accepted" in _findings(example)


def test_without_an_acceptance_the_kept_bytes_are_not_used(held: tuple[Example, Path]) -> None:
    example, _ = held
    digests = _inputs(example, "held:lmarena-text:")
    _run(example, None)
    assert _inputs(example, "capture:lmarena-text:") != digests


def test_other_bytes_are_held_and_the_accepted_ones_used(held: tuple[Example, Path], tmp_path: Path) -> None:
    example, _ = held
    digests = _inputs(example, "held:lmarena-text:")
    assert example("sources", "accept", "lmarena-text", *ACCEPT).code == 0
    other = _short(example, tmp_path, name="other", most=95)
    answer = _run(example, other)
    assert answer.code == 20
    assert "the data of 2026-W33 that R. Viewer accepted is used" in answer.out.replace("\n", " ")
    assert _inputs(example, "capture:lmarena-text:") == digests
    assert _inputs(example, "held:lmarena-text:") not in ([], digests)


def test_an_acceptance_survives_a_rebuild(held: tuple[Example, Path]) -> None:
    example, board = held
    assert example("sources", "accept", "lmarena-text", *ACCEPT).code == 0
    assert _run(example, board).code == 10
    first = example.digest()
    (example.folder / "data/pipeline.sqlite").unlink()
    assert example("rebuild").code == 0
    assert _run(example, board).code == 10
    assert example.digest() == first


def test_newer_good_data_ends_an_acceptance(held: tuple[Example, Path]) -> None:
    example, _ = held
    assert example("sources", "accept", "lmarena-text", *ACCEPT).code == 0
    good = _sample(example, "lmarena-text")
    week = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
    assert _run(example, good, *week).code == 10
    later = ("--week", "2026-W35", "--now", "2026-08-29T12:00:00Z")
    _run(example, None, *later)
    assert "accepted" not in _findings(example)


def test_what_cannot_be_read_can_never_be_accepted(example: Example, tmp_path: Path) -> None:
    page = tmp_path / "2026-08-14-lmarena-text.json"
    page.write_bytes(b"<html><title>Just a moment...</title></html>")
    assert _run(example, page).code == 20
    refused = example("sources", "accept", "lmarena-text", *ACCEPT)
    assert refused.code == 30
    assert "what cannot be read cannot be accepted" in refused.err
    assert not (example.folder / "reviews/accepted").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("grok",), 2, "'grok' is not a source"),
        (("openrouter",), 30, "openrouter is not held in 2026-W33"),
        (("openrouter", "--row", "openrouter:price:x"), 2, "is not a held row of openrouter"),
    ],
)
def test_what_is_not_held_is_not_accepted(
    ran: Example, arguments: tuple[str, ...], code: int, words: str
) -> None:
    answer = ran("sources", "accept", *arguments, *ACCEPT)
    assert (answer.code, words in answer.err) == (code, True), answer.err


def _cheap(example: Example, tmp_path: Path, usd: str) -> Path:
    document = json.loads(_sample(example, "openrouter").read_bytes())
    rows = document.get("data", document.get("models"))
    (row,) = (one for one in rows if one["id"] == VICTIM)
    row["pricing"]["prompt"] = usd
    path = tmp_path / f"2026-08-14-openrouter-{usd}.json"
    path.write_text(json.dumps(document))
    return path


def _price(example: Example) -> list[str]:
    lines = example("review", "--json").json["findings"]
    assert isinstance(lines, list)
    return [line["message"] for line in lines if line["subject"] == f"openrouter:price:{VICTIM}"]


def test_a_held_row_keeps_its_price_until_a_person_accepts_it_by_name(
    example: Example, tmp_path: Path
) -> None:
    cheap = _cheap(example, tmp_path, "0.000000005")
    pair = ("--captures", f"openrouter={cheap}")
    assert example.run(None, *pair).code == 10
    (message,) = _price(example)
    assert "input costs $0.005, where $5 of 2026-05-31 was approved" in message
    assert len(_inputs(example, "approved:openrouter:")) == 1
    row = f"openrouter:price:{VICTIM}"
    assert example("sources", "accept", "openrouter", "--row", row, *ACCEPT).code == 0
    assert example.run(None, *pair).code == 10
    assert _price(example) == []


def test_a_held_row_is_held_again_next_week_and_after_a_rebuild(example: Example, tmp_path: Path) -> None:
    """The week was approved with the kept value, so that is what the next week is compared with."""
    cheap = _cheap(example, tmp_path, "0.000000005")
    pair = ("--captures", f"openrouter={cheap}")
    assert example.run(None, *pair).code == 10
    assert example.approve().code == 0
    assert example("publish").code == 0
    (example.folder / "data/pipeline.sqlite").unlink()
    assert example("rebuild", "--json").json["without_bytes"] == []
    sample = str(example.folder / "data/sample/2026-W33")
    next_week = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z", "--json")
    answer = example("run", "--captures", sample, *pair, *next_week)
    found = json.loads(answer.out)["findings"]
    (message,) = (one["message"] for one in found if one["subject"] == f"openrouter:price:{VICTIM}")
    assert "input costs $0.005, where $5 of 2026-05-31 was approved" in message


def test_bytes_that_are_gone_are_no_reason_to_stop(ran: Example) -> None:
    """A fresh clone has the sidecars and not the bytes: nothing is compared, and that is said."""
    for path in (ran.folder / "data/sample/2026-W22").iterdir():
        path.unlink()
    (ran.folder / "data/pipeline.sqlite").unlink()
    rebuilt = ran("rebuild", "--json")
    assert rebuilt.code == 0, rebuilt.err
    assert rebuilt.json["without_bytes"] == ["2026-W22.1", "2026-W33.1"]
    assert ran.run().code in {10, 20}


def test_a_check_asks_only_when_told_to(example: Example) -> None:
    answer = example("sources", "check")
    assert answer.code == 2
    assert "modelpool sources check --live" in answer.err


def test_the_same_answer_for_the_third_week_is_held(example: Example) -> None:
    """The files given are the same every week, as a frozen mirror would serve them."""
    said = []
    for week, day in (("2026-W33", "15"), ("2026-W34", "22"), ("2026-W35", "29")):
        answer = _run(
            example,
            _sample(example, "lmarena-text"),
            *("--week", week, "--now", f"2026-08-{day}T12:00:00Z", "--json"),
        )
        lines = [one for one in json.loads(answer.out)["findings"] if one["subject"] == "lmarena-text"]
        said.append([one["severity"] for one in lines if one["kind"] == "unchanged"])
    assert said == [[], ["warn"], ["hold"]]


def test_renames_are_told_in_the_proposal(ran: Example) -> None:
    lines = ran("review", "--json").json["findings"]
    assert isinstance(lines, list)
    renames = [line["message"] for line in lines if line["kind"] == "rename"]
    assert any("claude-opus-4-6-thinking is gone and claude-opus-4-6-high is new" in one for one in renames)
