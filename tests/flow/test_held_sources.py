"""A held source from end to end: last good data in force, a person's word, exactly those bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.databases import remove_database
from tests.example import SECOND_WEEK

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Answer, Example

ACCEPT = ("--reviewer", "R. Viewer", "--note", "The board was cleaned up.", "--now", "2026-08-15T13:00:00Z")


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
    assert "lmarena-text is held: vanished; its last good data, of 2026-05-28, is used (79 days old)" in (
        answer.out.replace("\n", " ")
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
    remove_database(example.folder)
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
        (("openrouter", "--row", "openrouter:price:x"), 2, "is no held row and no asked price of openrouter"),
    ],
)
def test_what_is_not_held_is_not_accepted(
    ran: Example, arguments: tuple[str, ...], code: int, words: str
) -> None:
    answer = ran("sources", "accept", *arguments, *ACCEPT)
    assert (answer.code, words in answer.err) == (code, True), answer.err


def _rows_held(findings: object) -> list[str]:
    assert isinstance(findings, list)
    return [one["subject"] for one in findings if one["kind"] == "held-row"]


def _approved_with_a_held_row(example: Example) -> str:
    """Run, approve and publish the second week, in which one score of the board is held."""
    assert example.run().code == 10
    (row,) = _rows_held(example("review", "--json").json["findings"])
    assert row.startswith("lmarena-text:")
    assert example.approve().code == 0
    assert example("publish").code == 0
    return row


NEXT_WEEK = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z", "--json")


@pytest.mark.parametrize(
    ("how", "kind"), [("down", "held"), ("not asked", "not-asked"), ("same", "unchanged")]
)
def test_a_held_score_stays_held_when_its_source_says_nothing_new(
    example: Example, tmp_path: Path, how: str, kind: str
) -> None:
    row = _approved_with_a_held_row(example)
    broken = tmp_path / "2026-08-21-lmarena-text.json"
    broken.write_text("<html>")
    board = {"down": broken, "same": _sample(example, "lmarena-text")}.get(how)
    pairs = ["--captures", f"openrouter={_sample(example, 'openrouter')}"]
    pairs += ["--captures", f"lmarena-text={board}"] if board else []
    found = json.loads(example("run", *pairs, *NEXT_WEEK).out)["findings"]
    assert _rows_held(found) == [row]
    assert kind in {one["kind"] for one in found if one["subject"] == "lmarena-text"}


def test_a_held_score_is_held_again_after_a_rebuild_and_taken_by_name(example: Example) -> None:
    row = _approved_with_a_held_row(example)
    remove_database(example.folder)
    assert example("rebuild", "--json").json["without_bytes"] == []
    board = ("--captures", f"lmarena-text={_sample(example, 'lmarena-text')}")
    assert _rows_held(json.loads(example("run", *board, *NEXT_WEEK).out)["findings"]) == [row]
    assert example("sources", "accept", "lmarena-text", "--row", row, *ACCEPT).code == 0
    assert _rows_held(json.loads(example("run", *board, *NEXT_WEEK).out)["findings"]) == []


def _at_openrouter(pool: object) -> set[str]:
    assert isinstance(pool, dict)
    members = [one for tier in pool["tiers"].values() for one in tier["members"]]
    return {one["routes"]["openrouter"]["model"] for one in members if "openrouter" in one["routes"]}


def _cut(example: Example, tmp_path: Path, share: float) -> tuple[Path, str, str]:
    """OpenRouter's table with the price of a member's route cut; the file, the row's subject, the model."""
    assert example.run().code == 10
    now = example("review", "--json").json["pool"]
    published = json.loads((example.folder / "data/pools/v0001.json").read_bytes())["signed"]
    model = min(_at_openrouter(now) & _at_openrouter(published))
    document = json.loads(_sample(example, "openrouter").read_bytes())
    rows = document.get("data", document.get("models"))
    (row,) = (one for one in rows if one["id"] == model)
    for axis in ("prompt", "completion"):
        row["pricing"][axis] = f"{float(row['pricing'][axis]) * share:.12f}"
    path = tmp_path / "2026-08-14-openrouter.json"
    path.write_text(json.dumps(document))
    return path, f"openrouter:price:{model}", model


def _priced(example: Example, model: str) -> dict[str, object]:
    lines = example("review", "--json").json["prices"]
    assert isinstance(lines, list)
    (line,) = (one for one in lines if (one["catalogue"], one["model"]) == ("openrouter", model))
    found: dict[str, object] = line
    return found


def test_a_price_that_falls_deeply_is_asked_with_both_and_taken_by_name(
    example: Example, tmp_path: Path
) -> None:
    path, subject, model = _cut(example, tmp_path, 0.4)
    pair = ("--captures", f"openrouter={path}")
    assert example.run(None, *pair).code == 10
    line = _priced(example, model)
    assert line["case"] == "fall-asked"
    asked = [one for one in _asked(example) if one["subject"] == subject]
    assert [one["severity"] for one in asked] == ["warn"]
    assert f"modelpool sources accept openrouter --row {subject}" in asked[0]["message"]
    status = example("status")
    assert subject in status.out, status.out
    assert example("sources", "accept", "openrouter", "--row", subject, *ACCEPT).code == 0
    assert example.run(None, *pair).code == 10
    taken = _priced(example, model)
    assert taken["case"] == "accepted"
    assert taken["used"] == line["other"]
    assert subject not in {one["subject"] for one in _asked(example)}


def _asked(example: Example) -> list[dict[str, str]]:
    lines = example("review", "--json").json["findings"]
    assert isinstance(lines, list)
    return [one for one in lines if one["kind"] == "price-asked"]


def test_approving_keeps_the_price_and_answers_for_the_next_weeks(example: Example, tmp_path: Path) -> None:
    path, subject, model = _cut(example, tmp_path, 0.4)
    pair = ("--captures", f"openrouter={path}")
    assert example.run(None, *pair).code == 10
    first = _priced(example, model)
    assert example.approve().code == 0
    assert example("publish").code == 0
    remove_database(example.folder)
    answer = json.loads(example("run", *pair, *NEXT_WEEK).out)
    assert subject not in {one["subject"] for one in answer["findings"] if one["kind"] == "price-asked"}
    late = ("--week", "2026-W38", "--now", "2026-09-19T12:00:00Z", "--json")
    document = json.loads(path.read_bytes())
    rows = document.get("data", document.get("models"))
    other = next(one for one in rows if one["id"] != model and one["pricing"]["prompt"] == "0.000001")
    other["pricing"]["prompt"] = "0.0000011"
    again = tmp_path / "2026-09-18-openrouter.json"
    again.write_text(json.dumps(document))
    found = json.loads(example("run", "--captures", f"openrouter={again}", *late).out)["findings"]
    assert subject in {one["subject"] for one in found if one["kind"] == "price-asked"}
    assert first["used"] != first["other"]


def test_bytes_that_are_gone_are_no_reason_to_stop(ran: Example) -> None:
    """A fresh clone has the sidecars and not the bytes: nothing is compared, and that is said."""
    for path in (ran.folder / "data/sample/2026-W22").iterdir():
        path.unlink()
    remove_database(ran.folder)
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


def _advice(example: Example) -> str:
    return " ".join(example("sources", "--now", "2026-08-16T00:00:00Z").out.split())


def test_what_was_read_and_held_is_advised_to_be_accepted(held: tuple[Example, Path]) -> None:
    example, _ = held
    assert "`modelpool sources accept lmarena-text --reviewer NAME" in _advice(example)


@pytest.mark.parametrize("body", ["<html><title>Down</title>", '{"rows": [', "[]"])
def test_what_cannot_be_accepted_is_not_advised_to_be(body: str, example: Example, tmp_path: Path) -> None:
    board = tmp_path / "2026-08-14-lmarena-text.json"
    board.write_text(body)
    assert _run(example, board).code == 20
    assert "sources accept lmarena-text" not in _advice(example)
    assert "`modelpool sources check --live" in _advice(example)
    refused = example("sources", "accept", "lmarena-text", *ACCEPT)
    assert refused.code == 30
    assert "sources` shows" not in refused.err
