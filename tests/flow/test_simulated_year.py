"""Nine weeks in a row with a held source and a rejection; then disk is freed, and the record is as whole."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.document import sha256_hex
from pipeline.flow.record.consistency_cache import known_state
from pipeline.flow.record.status import remember_agreement
from pipeline.review.proposals import documents
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.bench.simulated_year import TARGETS, Captures, Year, simulated_year
from tests.databases import changed_rows, connected, copy_workspace, is_on_server
from tests.example import ROOT, Example, invoke

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.bench.simulated_year import SimulatedWeek

pytestmark = pytest.mark.timeout(480)  # nine weeks are run for the first of them

WEEKS = 9
LATER = ("--now", "2026-10-17T12:00:00Z")
"""In the week after the ninth."""


def in_this_process(words: Sequence[str]) -> tuple[int, float]:
    return invoke(words).code, 0.0


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[SimulatedWeek]]:
    folder = tmp_path_factory.mktemp("year")
    real = [ROOT / "data/sample/2026-W33"]
    year = Year(real=real, weeks=WEEKS, sample=True, command=in_this_process)
    return folder / "workspace", list(simulated_year(folder, year))


@pytest.fixture
def autumn(simulated: tuple[Path, list[SimulatedWeek]], tmp_path: Path) -> Example:
    return copy_workspace(simulated[0], tmp_path / "workspace")


def stored(example: Example, week: str) -> list[Path]:
    return sorted((example.folder / "data/raw").glob(f"*/{week}/*.gz"))


def test_a_held_source_and_a_rejection_are_among_weeks_that_tell_little(
    simulated: tuple[Path, list[SimulatedWeek]],
) -> None:
    weeks = simulated[1]
    assert [one.held for one in weeks if one.held] == [("artificial-analysis",)]
    assert "rejected" in {one.decided for one in weeks}
    assert len({one.week for one in weeks}) == WEEKS
    assert max(one.findings for one in weeks) <= TARGETS["findings"]
    assert weeks[-1].megabytes - weeks[1].megabytes < TARGETS["disk"] / 52 * (WEEKS - 2)


def test_a_simulated_catalogue_holds_as_many_models_as_it_says(tmp_path: Path) -> None:
    (sample,) = (ROOT / "data/sample/2026-W33").glob("*-openrouter.json")
    rows = json.loads(sample.read_bytes())["data"]
    (tmp_path / "2026-W33").mkdir()
    (tmp_path / "2026-W33" / sample.name).write_text(json.dumps({"count": len(rows), "data": rows}))
    made = Captures([tmp_path / "2026-W33"], tmp_path).of(1, date(2026, 8, 22), held=False)
    (file,) = made.iterdir()
    document = json.loads(gzip.decompress(file.read_bytes()))
    assert document["count"] == len(document["data"]) == len(rows) + 1


def test_packed_proposals_have_their_digests_and_are_read_as_before(autumn: Example) -> None:
    reviews = Workspace(autumn.folder).reviews
    first = documents.attempts(reviews)[0] / documents.PROPOSAL
    digest, says = documents.file_digest(first), {}
    commands = (("verify", "--json"), ("history", "--json"), ("replay", "v0001"), ("review", "--json"))
    says = {words[0]: autumn(*words) for words in commands}
    assert autumn("prune", *LATER, "--json").json["packed"] == ["2026-W33"]
    assert not first.exists()
    assert sha256_hex(gzip.decompress(documents.packed_path(first).read_bytes())) == digest
    assert {words[0]: autumn(*words) for words in commands} == says
    assert autumn("status").code == 0
    assert autumn("prune", *LATER, "--json").json["packed"] == []


def test_an_edited_packed_proposal_is_named(autumn: Example) -> None:
    assert autumn("prune", *LATER).code == 0
    first = documents.attempts(Workspace(autumn.folder).reviews)[0] / documents.PROPOSAL
    body = gzip.decompress(documents.packed_path(first).read_bytes())
    for edited in (gzip.compress(body.replace(b"frugal", b"fragil", 1)), b"no gzip", b""):
        documents.packed_path(first).write_bytes(edited)
        refused = autumn("verify")
        said = "".join(refused.err.split())  # a long path is broken over lines
        assert (refused.code, first.parent.name in said) == (30, True), said


def test_where_both_forms_are_here_the_plain_one_counts_and_packing_ends_it(autumn: Example) -> None:
    first = documents.attempts(Workspace(autumn.folder).reviews)[0] / documents.PROPOSAL
    digest = documents.file_digest(first)
    documents.packed_path(first).write_bytes(b"cut off")
    assert documents.file_digest(first) == digest
    assert autumn("prune", *LATER).code == 0
    assert (first.exists(), documents.file_digest(first)) == (False, digest)


def test_captures_of_old_weeks_go_and_the_next_week_proposes_the_same(
    autumn: Example, tmp_path: Path
) -> None:
    shutil.copytree(autumn.folder, tmp_path / "all")
    every = Example(tmp_path / "all")
    assert len(stored(autumn, "2026-W33")) > 1
    pruned = autumn("prune", "--keep-weeks", "8", *LATER, "--json").json
    assert pruned["captures"]
    assert pruned["weeks"] == ["2026-W33"]
    week = ("run", "--week", "2026-W42", "--captures", str(ROOT / "data/sample/2026-W33"), *LATER, "--json")
    for one in (autumn, every):
        assert one(*week).code in {0, 10, 20}
    for name in ("proposal.json", "heartbeat.json"):
        files = [one.folder / "reviews/2026-W42" / name for one in (autumn, every)]
        assert [file.exists() for file in files] in ([True, True], [False, False])
        assert not files[0].exists() or files[0].read_bytes() == files[1].read_bytes()
    assert autumn("verify").code == 0


def test_a_pruned_week_says_when_it_was_pruned(autumn: Example) -> None:
    sample = autumn.folder / "data/sample"
    shutil.rmtree(sample)
    assert autumn("prune", "--keep-weeks", "8", *LATER).code == 0
    moment = LATER[1]
    replayed = autumn("replay", "2026-W33")
    assert (replayed.code, moment in replayed.out + replayed.err) == (30, True)
    rebuilt = autumn("rebuild", "--json").json
    assert "2026-W33.1" in str(rebuilt["without_bytes"])
    assert f"2026-W33.1 at {moment}" in str(rebuilt["pruned"])


def test_fewer_weeks_than_a_run_compares_with_are_refused(autumn: Example) -> None:
    refused = autumn("prune", "--keep-weeks", "7")
    assert refused.code == 2
    assert "prune --keep-weeks 8" in refused.err


def rows(example: Example) -> dict[str, int]:
    """Count the observations of each week that is recorded as run."""
    query = """SELECT week, count(observation.run_id) FROM run
        LEFT JOIN observation ON observation.run_id = run.id GROUP BY week"""
    with connected(example.folder) as there:
        return {str(one[0]): int(one[1]) for one in there.exec_driver_sql(query)}


def database_size(example: Example) -> int:
    """Return the bytes of the file; of a server's none are ours to free."""
    return 0 if is_on_server() else Workspace(example.folder).database.stat().st_size


def test_rows_go_with_the_captures_that_they_were_read_from(autumn: Example) -> None:
    shutil.rmtree(autumn.folder / "data/sample")
    before, size = rows(autumn), database_size(autumn)
    assert min(before.values()) > 0
    pruned = autumn("prune", "--keep-weeks", "8", *LATER, "--json").json
    assert pruned["warnings"] == []
    assert rows(autumn) == before | {"2026-W33": 0}
    assert is_on_server() or database_size(autumn) < size
    assert int(str(pruned["bytes_freed"])) > size - database_size(autumn)
    assert [autumn("verify").code, autumn("status").code] == [0, 0]
    changed = "UPDATE observation SET value = value + 1 WHERE run_id = (SELECT max(id) FROM run)"
    assert changed_rows(autumn.folder, changed) > 0
    assert autumn("verify").code == 30, "a row that stayed is compared"


def test_rows_of_a_run_that_can_be_read_again_stay(autumn: Example) -> None:
    """The captures are put back, as from a backup: nothing differs, and `rebuild` fills the rows in again."""
    raw, before = Workspace(autumn.folder).raw, rows(autumn)
    shutil.copytree(raw, autumn.folder / "kept")
    assert autumn("prune", "--keep-weeks", "8", *LATER).code == 0
    assert rows(autumn) == before | {"2026-W33": 0}
    for file in (autumn.folder / "kept").rglob("*.gz"):
        shutil.copy2(file, raw / file.relative_to(autumn.folder / "kept"))
    assert autumn("verify").code == 0
    assert autumn("rebuild").code == 0
    assert autumn("prune", "--keep-weeks", "26", *LATER).code == 0
    assert rows(autumn) == before


@pytest.mark.usefixtures("_sqlite_file")  # a server locks rows, not the database
def test_rows_that_cannot_be_removed_now_are_told_and_go_the_next_time(autumn: Example) -> None:
    before = rows(autumn)
    with closing(sqlite3.connect(Workspace(autumn.folder).database)) as there:
        there.execute("BEGIN IMMEDIATE")
        said = autumn("prune", "--keep-weeks", "8", *LATER)
    assert said.code == 0
    assert "WARN the database is as large as it was" in said.out
    assert "is being written" in said.out, "the fault fired"
    assert rows(autumn) == before
    assert "WARN" not in autumn("prune", "--keep-weeks", "8", *LATER).out
    assert rows(autumn) == before | {"2026-W33": 0}


@pytest.mark.usefixtures("_sqlite_file")  # with a server every status compares
def test_what_is_known_to_agree_is_compared_anew_after_pruning(autumn: Example) -> None:
    workspace = Workspace(autumn.folder)
    remember_agreement(workspace, Settings())
    assert known_state(workspace).agrees
    assert autumn("prune", "--keep-weeks", "8", *LATER, "--json").json["packed"] == ["2026-W33"]
    assert known_state(workspace).agrees
