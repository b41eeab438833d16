"""A workload table is in force only after a named person typed the digest of exactly those bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.publish.versions import version_in_force
from pipeline.router import read_workloads, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Example
    from tests.usage.conftest import Traffic

SAY = ("--reviewer", "R. Viewer", "--note", "Read the rows.", "--now", "2026-08-20T12:00:00Z")
FIT = ("usage", "fit", "--margin", "10", "--now", "2026-08-20T11:00:00Z")


def _firsts(example: Example) -> tuple[str, str]:
    published = version_in_force(example.folder / "data" / "pools")
    assert published is not None
    bands = published.pool.tiers["balanced"].bands
    return bands["simple"][0], bands["medium"][0]


@pytest.fixture
def imported(example: Example, traffic: Traffic, tmp_path: Path) -> Example:
    """The shipped record with 200 graded pairs of a workload that loses nothing."""
    cheap, default = _firsts(example)
    for _ in range(200):
        traffic.pair(0.0)
    lines = [
        record.model_dump(mode="json") | {"variant": cheap if record.pair else default, "workload": "titles"}
        for record in traffic.records
    ]
    file = tmp_path / "usage.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"request": "r"}]))
    done = example("usage", "import", str(file), "--json")
    assert (done.json["new"], len(done.json["rejected"])) == (400, 1)  # type: ignore[arg-type]  # a list
    assert example("usage", "import", str(file), "--json").json["new"] == 0
    return example


def _digest(example: Example) -> str:
    digest = example(*FIT, "--json").json["digest"]
    assert isinstance(digest, str)
    return digest


def test_a_fitted_table_waits_and_an_approved_one_is_in_force(imported: Example) -> None:
    told = imported(*FIT)
    assert told.code == 0
    assert "titles (balanced): simple" in told.out
    assert "no better than mixing" in told.out
    state = imported("usage", "table", "--json").json
    assert state["in_force"] is None
    digest = _digest(imported)
    assert state["pending_digest"] == digest, "the same records and moment give the same bytes"
    done = imported("usage", "approve", digest[:8], *SAY)
    assert done.code == 0, done.err
    state = imported("usage", "table", "--json").json
    assert (state["pending"], state["ended"]) == (None, [])
    assert isinstance(state["in_force"], dict)
    assert (state["in_force"]["reviewer"], state["in_force"]["table_sha256"]) == ("R. Viewer", digest)
    read = read_workloads(imported.folder / "data" / "workloads")
    pool = verify(imported.folder / "data" / "pools", today=None).pool
    assert read is not None
    assert (read.sha256, read.band(pool, "balanced", "titles")) == (digest, "simple")


@pytest.mark.parametrize("typed", ["00000000", "", "1234567"])
def test_another_digest_puts_nothing_in_force(
    imported: Example, files_below: Callable[[Path], dict[str, bytes]], typed: str
) -> None:
    digest = _digest(imported)
    before = files_below(imported.folder / "data" / "workloads")
    done = imported("usage", "approve", typed or digest[:7], *SAY)
    assert done.code == 30
    assert files_below(imported.folder / "data" / "workloads") == before


@pytest.mark.parametrize("name", ["", "NAME", "Your Name"])
def test_nobody_s_name_puts_nothing_in_force(imported: Example, name: str) -> None:
    digest = _digest(imported)
    done = imported("usage", "approve", digest[:8], "--reviewer", name, "--note", "Read it.")
    assert done.code == 2
    assert imported("usage", "table", "--json").json["in_force"] is None


def test_without_a_waiting_table_or_records_the_next_step_is_named(example: Example) -> None:
    done = example("usage", "approve", "00000000", *SAY)
    assert done.code == 30
    assert "`modelpool usage import FILE" in done.err
    assert "`modelpool usage import FILE" in example("usage", "table").out
    done = example(*FIT)
    assert done.code == 2
    assert "usage import FILE" in done.err


@pytest.mark.parametrize("margin", ["0", "-1", "51", "nan"])
def test_a_margin_that_is_none_is_refused(imported: Example, margin: str) -> None:
    done = imported("usage", "fit", f"--margin={margin}")
    assert done.code == 2
    assert "--margin" in done.err


def test_an_edited_table_is_refused_and_the_chain_of_approvals_is_checked(imported: Example) -> None:
    folder = imported.folder / "data" / "workloads"
    for _ in range(2):
        assert imported("usage", "approve", _digest(imported)[:8], *SAY).code == 0
    assert sorted(file.name for file in folder.iterdir()) == ["w0001.json", "w0002.json"]
    first = folder / "w0001.json"
    first.write_bytes(first.read_bytes().replace(b"R. Viewer", b"S. Viewer"))
    done = imported("usage", "table")
    assert done.code == 30
    assert "does not follow the file before it" in done.err
    pending = folder / "pending.json"
    pending.write_text("{}")
    assert imported("usage", "table").code == 30


def test_a_row_ends_when_its_variant_no_longer_stands_first(ran: Example, traffic: Traffic) -> None:
    cheap, default = _firsts(ran)
    for _ in range(100):
        traffic.pair(0.0)
    file = ran.folder / "usage.jsonl"
    lines = [
        one.model_dump(mode="json") | {"variant": cheap if one.pair else default} for one in traffic.records
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert ran("usage", "import", str(file)).code == 0
    assert ran("usage", "approve", _digest(ran)[:8], *SAY).code == 0
    assert ran("usage", "table", "--json").json["ended"] == []
    waiting = _digest(ran)
    assert ran.approve().code == 0
    assert ran("publish", "--now", "2026-08-15T13:00:00Z").code == 0
    assert _firsts(ran) != (cheap, default), "the second week's pool has another order"
    ended = ran("usage", "table", "--json").json["ended"]
    assert isinstance(ended, list)
    assert [row["workload"] for row in ended] == ["review"]
    read = read_workloads(ran.folder / "data" / "workloads")
    pool = verify(ran.folder / "data" / "pools", today=None).pool
    assert read is not None
    assert read.band(pool, "balanced", "review") == "medium"
    done = ran("usage", "approve", waiting[:8], *SAY)
    assert done.code == 30, "fitted for the pool before"
    assert "v0002 is in force" in done.err
    assert "`modelpool usage sample" in done.err, "its first members are others, and answered nothing yet"


def test_a_sample_names_requests_and_writes_nothing(
    imported: Example, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    before = files_below(imported.folder / "data" / "usage")
    done = imported("usage", "sample", "--count", "3", "--json")
    assert done.code == 0
    assert isinstance(done.json["requests"], list)
    assert files_below(imported.folder / "data" / "usage") == before
