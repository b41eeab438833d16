"""A run keeps what it said of each variant; without it, or with an edited one, the next proposes the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.captures.sealed_cache import SealedCache
from pipeline.domain.calendar import Week
from pipeline.flow.record.capture_index import CaptureIndex
from pipeline.flow.record.config import read_config
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_history import RunHistory
from pipeline.flow.run import prior_state
from pipeline.flow.run.prior_state import KeptLastScores, read_prior_state
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.domain.ids import VariantId
    from pipeline.domain.run import LastScore
    from tests.example import Example

SEAL = 32


def last_scores(folder: Path, files: Path | None) -> Mapping[VariantId, LastScore]:
    workspace = Workspace(folder)
    history = RunHistory(RecordFiles(workspace), CaptureIndex(workspace))
    kept = KeptLastScores(SealedCache(files) if files else None)
    found = read_prior_state(history, read_config(workspace), kept, before=Week("2026-W34"))
    return dict(found.last_scores)


@pytest.fixture
def published(ran: Example) -> Example:
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    return ran


def never(*_: object, **__: object) -> None:
    raise AssertionError


def test_what_a_run_kept_of_itself_is_what_the_next_one_works_out(
    published: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out = last_scores(published.folder, None)
    assert any(one.values for one in worked_out.values())
    monkeypatch.setattr(prior_state, "score_again", never)
    assert last_scores(published.folder, Workspace(published.folder).readings) == worked_out


def test_an_edited_one_is_worked_out_again(published: Example) -> None:
    worked_out, files = last_scores(published.folder, None), Workspace(published.folder).readings
    edited = 0
    for file in files.glob(f"{'?' * 64}.sealed"):
        sealed = file.read_bytes()
        said = json.loads(sealed[SEAL:])
        if isinstance(said, dict):
            file.write_bytes(sealed[:SEAL] + json.dumps({key: [{}, 1, 1] for key in said}).encode())
            edited += 1
    assert edited
    assert last_scores(published.folder, files) == worked_out


@pytest.mark.parametrize("edited", ["data/crosswalk/judgements.csv", "data/policy/tiers.toml"])
def test_what_people_write_later_does_not_change_what_was_said_then(published: Example, edited: str) -> None:
    worked_out = last_scores(published.folder, None)
    file = published.folder / edited
    file.write_text(f"{file.read_text()}\n" if edited.endswith("toml") else _without_last_line(file))
    assert last_scores(published.folder, Workspace(published.folder).readings) == worked_out


def _without_last_line(file: Path) -> str:
    return "".join(file.read_text().splitlines(keepends=True)[:-1])


def test_a_run_whose_captures_are_gone_said_nothing(published: Example) -> None:
    assert last_scores(published.folder, Workspace(published.folder).readings)
    for file in [
        *(published.folder / "data/raw").glob("*/2026-W33/*.gz"),
        *(published.folder / "data/sample/2026-W33").iterdir(),
    ]:
        file.unlink()
    assert last_scores(published.folder, Workspace(published.folder).readings) == {}
