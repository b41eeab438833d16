"""The shipped record holds together, the sample's pools are golden, and every place has one writer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.document import canonical_json, sha256_hex
from tests.example import ROOT, Example, copy_record

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"

WRITERS = {
    "observations": ("data/readings/*", "data/raw/*/*/*.gz", "data/raw/*/*/*.meta.json"),
    "review": (
        *(
            f"reviews/*/{name}"
            for name in ("proposal.json", "proposal.md", "report.html", "open-names.csv", "decision.json")
        ),
        "reviews/used/*.gz",
    ),
    "publish": ("data/pools/v0002.json", "data/pools/latest.json"),
    "store": ("data/pipeline.sqlite",),
    "cli": ("data/log.jsonl", "data/workspace.lock"),
}


def _tiers(folder: Path, week: str) -> object:
    return json.loads((folder / "reviews" / week / "proposal.json").read_bytes())["pool"]["tiers"]


def _compare(tiers: object, name: str, tmp_path: Path) -> None:
    actual = json.dumps(tiers, indent=1, sort_keys=True) + "\n"
    (tmp_path / name).write_text(actual)
    golden = GOLDEN / name
    accept = f"If you meant it: cp {tmp_path / name} {golden}"
    assert golden.exists() and golden.read_text() == actual, accept  # noqa: PT018 - one message for both


def test_the_first_weeks_pool_is_golden(tmp_path: Path) -> None:
    example = Example(tmp_path / "empty")
    copy_record(example.folder)
    for name in ("reviews/2026-W22", "data/pools"):
        for file in (example.folder / name).iterdir():
            file.unlink()
    (example.folder / "reviews/2026-W22").rmdir()
    first = str(example.folder / "data/sample/2026-W22")
    answer = example("run", "--captures", first, "--week", "2026-W22", "--now", "2026-05-31T12:00:00Z")
    assert answer.code == 10, answer.err
    _compare(_tiers(example.folder, "2026-W22"), "first-week.json", tmp_path)


def test_the_second_weeks_pool_is_golden(ran: Example, tmp_path: Path) -> None:
    _compare(_tiers(ran.folder, "2026-W33"), "second-week.json", tmp_path)


def test_the_shipped_version_is_the_one_that_was_approved(example: Example) -> None:
    signed = json.loads((ROOT / "data/pools/v0001.json").read_bytes())["signed"]
    decision = json.loads((ROOT / "reviews/2026-W22/decision.json").read_bytes())
    assert sha256_hex(canonical_json(signed)) == decision["pool_sha256"]
    assert decision["verdict"] == "approved"
    assert example("verify", "--now", "2026-06-01T00:00:00Z").code == 0


def test_the_example_shows_what_really_happened(ran: Example) -> None:
    proposal = ran("review", "--json").json
    findings, changes = proposal["findings"], proposal["changes"]
    assert isinstance(findings, list)
    assert isinstance(changes, list)
    assert "scale-change" in {finding["kind"] for finding in findings}
    assert {"price", "score"} <= {change["cause"] for change in changes}


@pytest.mark.usefixtures("_sqlite_file")  # the store's place is a file
def test_every_place_has_one_writer(
    ran: Example, files_below: Callable[[Path], dict[str, bytes]], tmp_path: Path
) -> None:
    ran.approve()
    assert ran("publish").code == 0
    copy_record(tmp_path / "before")
    before, after = files_below(tmp_path / "before"), files_below(ran.folder)
    touched = {name for name in after if before.get(name) != after[name]}
    places = [pattern for patterns in WRITERS.values() for pattern in patterns]
    assert [name for name in sorted(touched) if not any(Path(name).match(place) for place in places)] == []
    assert before.keys() <= after.keys()
    unused = [
        place
        for place in places
        if not any(Path(name).match(place) for name in touched)
        and "log" not in place
        and "used" not in place  # both shipped weeks used the same policy and crosswalk
    ]
    assert unused == []


@pytest.mark.parametrize("command", ["review", "status", "history", "verify"])
def test_asking_writes_nothing(
    ran: Example, files_below: Callable[[Path], dict[str, bytes]], command: str
) -> None:
    before = {name: body for name, body in files_below(ran.folder).items() if "log" not in name}
    ran(command)
    assert {name: body for name, body in files_below(ran.folder).items() if "log" not in name} == before
