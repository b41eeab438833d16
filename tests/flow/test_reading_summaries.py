"""A run asks summaries of earlier answers; without them, or with edited ones, it proposes the same."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from pipeline.captures.sealed_cache import SealedCache
from pipeline.checks.reading_stats import summarize
from pipeline.domain.ids import AA_INTELLIGENCE, arena_metric
from pipeline.domain.run_inputs import InputKind, inputs_by_source
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.reading_summaries import ReadingSummaries
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.sources.spec import SourceSpec
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from pipeline.domain.observation import Capture, Reading
    from tests.example import Example

SEAL = 32
WEEK = "2026-W33"
METRICS = (AA_INTELLIGENCE, arena_metric("text", "overall"))


def proposed(example: Example) -> bytes:
    return (example.folder / "reviews" / WEEK / "proposal.json").read_bytes()


def kept(example: Example) -> dict[str, bytes]:
    """Every summary; what a run said of each variant is kept beside them, as an object."""
    folder = Workspace(example.folder).readings
    files = {path.name: path.read_bytes() for path in folder.glob(f"{'?' * 64}.sealed")}
    return {name: body for name, body in files.items() if isinstance(json.loads(body[SEAL:]), list)}


def again(ran: Example) -> bytes:
    """Run the week again as if it had not been run."""
    shutil.rmtree(ran.folder / "reviews" / WEEK)
    assert ran.run().code == 10
    return proposed(ran)


def raised(sealed: bytes) -> bytes:
    """Raise every approved score, as somebody would who wants a poisoned row to pass; the seal stays."""
    names, numbers, asked, rows = json.loads(sealed[SEAL:])
    edited = [[*row[:4], row[4] * 2, None, None, *row[7:]] for row in rows]
    return sealed[:SEAL] + json.dumps([names + 1, numbers, asked, edited]).encode()


def test_an_edited_summary_changes_nothing_and_is_made_again(ran: Example) -> None:
    said, files = proposed(ran), kept(ran)
    assert any(json.loads(body[SEAL:])[3] for body in files.values()), "no row is compared"
    for name, body in files.items():
        (Workspace(ran.folder).readings / name).write_bytes(raised(body))
    assert again(ran) == said
    assert kept(ran) == files


def test_without_summaries_the_same_is_proposed(ran: Example) -> None:
    said, files = proposed(ran), kept(ran)
    shutil.rmtree(Workspace(ran.folder).readings)
    assert again(ran) == said
    assert kept(ran).keys() == files.keys()


def test_a_folder_that_cannot_be_written_changes_nothing(ran: Example) -> None:
    said, place = proposed(ran), Workspace(ran.folder).readings
    shutil.rmtree(place)
    place.write_text("not a folder")
    assert again(ran) == said


def test_a_kept_summary_is_the_one_that_is_worked_out(
    ran: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(ran.folder)
    folder = tmp_path / "summaries"

    def history() -> RunHistory:
        return RunHistory(
            RecordFiles(workspace), CaptureIndex(workspace), ReadingSummaries(SealedCache(folder))
        )

    first = history()
    sources = list(inputs_by_source(first.runs[-1].inputs, InputKind.CAPTURE))
    made = {name: first.uses(name, metrics=METRICS) for name in sources}
    for name, uses in made.items():
        run = next(one for one in first.runs if one.week == uses[-1].week)
        reading = first.reading(run, name)
        assert reading is not None
        assert uses[-1].summary == summarize(reading, METRICS), name
    assert any(use.summary.observations for uses in made.values() for use in uses)

    def never(_source: object, _captures: Sequence[Capture]) -> Reading:
        raise AssertionError

    monkeypatch.setattr(SourceSpec, "parse", never)
    second = history()
    assert {name: second.uses(name, metrics=METRICS) for name in sources} == made
