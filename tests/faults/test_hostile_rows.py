"""Hostile names in a source's rows: left out with a finding, or a name nobody has judged; never a model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import SourceName
from pipeline.domain.observation import Capture
from pipeline.sources.registry import SOURCES
from tests.example import ROOT, SECOND_WEEK, Example, copy_record
from tests.faults.hostile import (
    PAYLOADS,
    active_in_csv,
    active_in_html,
    active_in_json,
    active_in_markdown,
    active_on_terminal,
    hidden_in,
    on_a_terminal,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.observation import Reading
    from tests.faults.conftest import Tally

ROW = "hostile names"
WEEK = ROOT / "data/sample/2026-W33"
FIELDS = {
    "lmarena-text": ("rows", ("model_name",)),
    "artificial-analysis": ("data", ("name",)),
    "openrouter": ("data", ("id", "name")),
}
"""Where each source keeps its rows, and the names in a row."""
ROWS = {"lmarena-text": 18, "artificial-analysis": 9, "openrouter": 4}
"""Odd rows a source may have before all of it is held (5 %)."""
ALLOWED = re.compile(r"[A-Za-z0-9 ._:/()\[\]+,'&~@-]{1,120}")
"""What a name may hold, written here once more: the door is what is tested."""


def is_plain(text: str) -> bool:
    return ALLOWED.fullmatch(text) is not None


UNPLAIN = [text for text in PAYLOADS.values() if not is_plain(text)]
PLAIN = [text for text in PAYLOADS.values() if is_plain(text) and text.casefold() != "gpt-5.6-luna"]


def sample(source: str) -> dict[str, list[dict[str, object]]]:
    (path,) = WEEK.glob(f"*-{source}.json")
    document: dict[str, list[dict[str, object]]] = json.loads(path.read_bytes())
    return document


def with_rows(source: str, names: list[str], *, keep: int | None = None) -> bytes:
    """The week's answer with one row more for each name, like an overall row in everything else.

    A full page of Artificial Analysis has no room for more, so there the last rows get the names.
    """
    document = sample(source)
    place, fields = FIELDS[source]
    like = [row for row in document[place] if row.get("category", "overall") == "overall"][-1]
    rows = document[place][:keep]
    if source == "artificial-analysis" and keep is None and names:
        rows = rows[: -len(names)]
    for number, name in enumerate(names):
        row = {**like, **dict.fromkeys(fields, name)}
        if source == "artificial-analysis":
            row["id"] = f"00000000-0000-4000-8000-{number:012}"
        rows.append(row)
    meta: object = document.get("meta")
    stated = {"meta": {**meta, "n_rows": len(rows)}} if isinstance(meta, dict) else {}
    return json.dumps({**document, **stated, place: rows}).encode()


def reading(source: str, body: bytes) -> Reading:
    now = datetime(2026, 8, 15, 12, tzinfo=UTC)
    capture = Capture(source=SourceName(source), url="file:x", fetched_at=now, status=200, body=body)
    return SOURCES[SourceName(source)].parse((capture,))


def names_of(found: Reading) -> set[str]:
    named = {word for row in found.observations for word in (row.name, row.key)}
    named |= {word for price in found.prices for word in (price.name, price.key)}
    return named | {word for entry in found.entries for word in (entry.name, entry.key)}


@pytest.mark.parametrize("source", FIELDS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_row_is_left_out_or_stays_a_name(payload: str, source: str, tally: Tally) -> None:
    text = PAYLOADS[payload]
    clean = reading(source, with_rows(source, [], keep=40))
    found = reading(source, with_rows(source, [text], keep=40))
    new = {name for name in names_of(found) - names_of(clean) if not name.startswith("00000000-")}
    about = [finding for finding in found.findings if finding not in clean.findings]
    inert = not any(hidden_in(f.subject + f.message) or not (f.subject + f.message).isascii() for f in about)
    kept_out = is_plain(text) or (not new and any(finding.kind == "unsafe-name" for finding in about))
    fired = bool(about) or new == {text}
    bad = not (inert and kept_out and new <= {text})
    tally.count(ROW, fired=fired, bad=bad)
    assert fired
    assert not bad, (new, about)


@pytest.mark.parametrize("source", FIELDS)
@pytest.mark.parametrize("twist", [str.upper, str.lower, str.swapcase, str.title])
def test_a_twin_in_case_is_never_a_second_model(source: str, twist: object, tally: Tally) -> None:
    assert callable(twist)
    place, fields = FIELDS[source]
    real = str(sample(source)[place][7][fields[0]])
    twin = twist(real) if twist(real) != real else real.replace("a", "A", 1)
    found = reading(source, with_rows(source, [twin], keep=40))
    fired = twin != real and any(finding.kind == "twin-name" for finding in found.findings)
    tally.count(ROW, fired=fired, bad=twin in names_of(found))
    assert fired
    assert twin not in names_of(found)


def batches() -> list[dict[str, list[str]]]:
    """Every payload once somewhere: as many odd rows a source as it may have, and all the plain ones."""
    left = list(UNPLAIN)
    found = []
    while left:
        batch = {}
        for source, most in ROWS.items():
            batch[source], left = left[:most], left[most:]
            batch[source] = [*batch[source], *(PLAIN if source == "lmarena-text" else ())]
        found.append(batch)
    return found


def modelpool(folder: Path, *arguments: str) -> tuple[int, bytes]:
    """Run the real command on a real terminal."""
    codes: list[int] = []

    def speak() -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.cli", *arguments, "--workspace", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
            stdout=sys.stdout,
            stderr=sys.stderr,
            check=False,
        )
        codes.append(done.returncode)

    shown = on_a_terminal(speak)
    return codes[0], shown


def run(folder: Path, bodies: dict[str, bytes]) -> tuple[int, bytes]:
    copy_record(folder)
    captures = folder / "data/sample/2026-W33"
    for source, body in bodies.items():
        (path,) = captures.glob(f"*-{source}.json")
        path.write_bytes(body)
    return modelpool(folder, "run", "--captures", str(captures), *SECOND_WEEK)


@pytest.fixture(scope="session")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The same week with harmless names in the places of the payloads, on a terminal."""
    folder = tmp_path_factory.mktemp("harmless") / "workspace"
    names = {source: [f"unheard-of-{number}" for number in range(most)] for source, most in ROWS.items()}
    code, shown = run(folder, {source: with_rows(source, some) for source, some in names.items()})
    assert code == 10, shown
    return folder, shown


@pytest.mark.parametrize("batch", range(len(batches())))
def test_a_week_of_hostile_names_proposes_the_same_pool_and_shows_nothing_active(
    batch: int, harmless: tuple[Path, bytes], tally: Tally, tmp_path: Path
) -> None:
    payloads = batches()[batch]
    folder = tmp_path / "workspace"
    code, shown = run(folder, {source: with_rows(source, names) for source, names in payloads.items()})
    assert code == 10, shown
    week, tame = folder / "reviews/2026-W33", harmless[0] / "reviews/2026-W33"
    proposal, like = (json.loads((place / "proposal.json").read_bytes()) for place in (week, tame))
    assert proposal["pool"] == like["pool"]
    left_out = [line for line in proposal["findings"] if line["kind"] == "unsafe-name"]
    expected = sum(not is_plain(name) for names in payloads.values() for name in names)
    json_code, printed = modelpool(folder, "review", "--json")
    log = (folder / "data/log.jsonl").read_text("ascii")
    active = {
        "terminal": active_on_terminal(shown, harmless[1]),
        "html": active_in_html(
            (week / "report.html").read_text(), (tame / "report.html").read_text(), exact=False
        ),
        "markdown": active_in_markdown(
            (week / "proposal.md").read_text(), (tame / "proposal.md").read_text(), exact=False
        ),
        "csv": active_in_csv((week / "open-names.csv").read_bytes().decode(), 5),
        "json": active_in_json(printed.decode().replace("\r\n", "\n")),
        "log": [line for line in log.splitlines() if not json.loads(line)] + hidden_in(log),
    }
    for found in active.values():
        tally.count(ROW, fired=bool(left_out), bad=bool(found))
    assert json_code == 0
    assert 0 < len(left_out) <= expected
    assert not any(active.values()), active


def test_a_hostile_folder_and_argument_steer_no_terminal(tally: Tally, tmp_path: Path) -> None:
    """What an operator's shell passes on: a folder, a digest, a name, an option."""
    folder = tmp_path / "w\x1b]0;owned\x07\u202e\nx"
    example = Example(folder)
    copy_record(folder)
    evil = "\x1b[31m\u202ered\x9b"
    for arguments in (
        ("status",),
        ("review",),
        ("verify",),
        ("approve", evil, "--reviewer", evil, "--note", evil),
        ("run", "--captures", evil),
        ("run", "--week", evil),
        ("run", "--now", evil),
        (evil,),
        (f"--{evil}",),
    ):
        answer = example(*arguments)
        found = hidden_in(answer.out + answer.err)
        tally.count(ROW, fired=True, bad=bool(found))
        assert found == [], arguments
        assert answer.code in {0, 2, 30}
