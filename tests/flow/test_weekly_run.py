"""The week end to end on the embedded example."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.databases import remove_database
from tests.example import Example, copy_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_run_ends_at_a_pending_proposal_and_publishes_nothing(example: Example) -> None:
    before = example.pools()
    answer = example.run()
    assert answer.code == 10
    assert "modelpool approve" in answer.out
    assert "report.html" in answer.out
    assert example.pools() == before
    assert not (example.folder / "reviews/2026-W33/decision.json").exists()


def test_the_diff_of_the_example_is_real_and_every_change_says_why(ran: Example) -> None:
    changes = ran("review", "--json").json["changes"]
    assert isinstance(changes, list)
    assert {change["cause"] for change in changes} - {"order"}
    assert all(len(change["reason"]) > 20 for change in changes)


def test_approved_bytes_become_the_next_version(ran: Example) -> None:
    digest = ran.digest()
    assert ran.approve().code == 0
    published = ran("publish")
    assert published.code == 0, published.err
    envelope = json.loads((ran.folder / "data/pools/v0002.json").read_bytes())
    assert envelope["signed"] == ran_pool(ran)
    assert json.loads((ran.folder / "data/pools/latest.json").read_bytes())["version"] == 2
    verified = ran("verify", "--json", "--now", "2026-08-16T00:00:00Z").json
    assert (verified["version"], verified["sha256"], verified["reviewer"]) == (2, digest, "R. Viewer")
    assert "v0002" in ran("history").out
    assert "v0002" in ran("status", "--now", "2026-08-16T00:00:00Z").out


def ran_pool(example: Example) -> object:
    return json.loads((example.folder / "reviews/2026-W33/proposal.json").read_bytes())["pool"]


def test_the_same_run_again_changes_nothing(
    ran: Example, files_below: Callable[[Path], dict[str, bytes]]
) -> None:
    before = files_below(ran.folder / "reviews")
    assert ran.run().code == 10
    assert files_below(ran.folder / "reviews") == before


def test_the_same_data_after_publishing_proposes_nothing(ran: Example) -> None:
    ran.approve()
    assert ran("publish").code == 0
    again = ran.run()
    assert again.code == 0, again.out
    assert "nothing to review" in again.out


def test_another_workspace_gives_the_same_bytes(ran: Example, tmp_path: Path) -> None:
    other = Example(tmp_path / "other")
    copy_record(other.folder)
    assert other.run().code == 10
    for name in ("proposal.json", "proposal.md", "open-names.csv"):
        ours, theirs = (
            re.sub(r" --workspace \S+", "", (e.folder / "reviews/2026-W33" / name).read_text())
            for e in (ran, other)
        )
        assert ours == theirs


def test_the_desk_is_rebuilt_from_the_files(ran: Example) -> None:
    first = (ran.folder / "reviews/2026-W33/proposal.json").read_bytes()
    remove_database(ran.folder)
    rebuilt = ran("rebuild", "--json")
    assert rebuilt.code == 0, rebuilt.err
    assert rebuilt.json == {
        "runs": 2,
        "without_bytes": [],
        "pruned": [],
        "damaged": [],
        "decisions": 1,
        "pools": 1,
    }
    shutil.rmtree(ran.folder / "reviews/2026-W33")
    assert ran.run().code == 10
    assert (ran.folder / "reviews/2026-W33/proposal.json").read_bytes() == first


def test_a_rejected_proposal_leaves_the_pool_and_the_next_run_is_a_new_attempt(ran: Example) -> None:
    before = ran.pools()
    answer = ran("reject", ran.digest()[:8], "--reviewer", "R. Viewer", "--note", "Not this week.")
    assert answer.code == 0, answer.err
    assert ran("publish").code == 30
    assert ran.run().code == 10
    assert (ran.folder / "reviews/2026-W33.2/proposal.json").exists()
    assert ran.pools() == before


@pytest.mark.usefixtures("_sqlite_file")
def test_a_corrupt_database_is_refused_and_rebuilt(ran: Example) -> None:
    database = ran.folder / "data/pipeline.sqlite"
    database.write_bytes(b"not a database" * 1000)
    refused = ran.run()
    assert refused.code == 30
    assert "modelpool rebuild" in refused.err
    assert ran("rebuild").code == 0
    assert ran.run().code == 10
