"""What is proposed comes from files and captures: whoever writes to the database changes no proposal."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.flow.run import store_run
from pipeline.review.proposals.proposal_store import RenderedPages
from tests.databases import changed_rows, copy_workspace
from tests.example import Example

if TYPE_CHECKING:
    from pathlib import Path

THIRD: Final = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")

EDITS: Final = {
    "price": "UPDATE price SET input_microusd_per_mtok = 1, output_microusd_per_mtok = 1",
    "score": "UPDATE score SET input_microusd_per_mtok = 1, output_microusd_per_mtok = 1",
    "board": "UPDATE board SET published = published * 2",
    "observation": "UPDATE observation SET value = value * 2, low = NULL, high = NULL",
    "missing": "INSERT INTO missing SELECT run.id, variant FROM pool_member CROSS JOIN run "
    "WHERE true ON CONFLICT DO NOTHING",
    "reading": "UPDATE reading SET held = NOT held",
    "reading_capture": "DELETE FROM reading_capture",
    "proposal": "UPDATE proposal SET run_id = NULL",
    "pool_member": "DELETE FROM pool_member",
}


@dataclass(frozen=True, slots=True)
class ThirdWeek:
    """A workspace before its third week, the captures of that week, and what it proposes untouched."""

    folder: Path
    captures: tuple[str, ...]
    proposal: bytes


@pytest.fixture(scope="module")
def third_week(_after_the_run: Path, tmp_path_factory: pytest.TempPathFactory) -> ThirdWeek:
    place = tmp_path_factory.mktemp("third")
    example = Example(place / "workspace")
    shutil.copytree(_after_the_run, example.folder)
    assert example.approve().code == 0
    assert example("publish").code == 0
    captures = _moved(example, place)
    shutil.copytree(example.folder, place / "untouched")
    untouched = Example(place / "untouched")
    return ThirdWeek(example.folder, captures, _propose(untouched, captures))


@pytest.mark.parametrize("edit", EDITS)
def test_a_row_that_somebody_wrote_into_the_database_changes_no_proposal(
    third_week: ThirdWeek, edit: str, tmp_path: Path
) -> None:
    example = copy_workspace(third_week.folder, tmp_path / "workspace")
    assert changed_rows(example.folder, EDITS[edit]) > 0, "nothing was edited"
    assert _propose(example, third_week.captures) == third_week.proposal


def test_the_third_week_asks_what_earlier_weeks_know(third_week: ThirdWeek) -> None:
    """Otherwise the edits above would change nothing whatever was read."""
    document = json.loads(third_week.proposal)
    assert {"held-row", "price-moved"} <= {line["kind"] for line in document["findings"]}


def _propose(example: Example, captures: tuple[str, ...]) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_run, "render_page", lambda *_: RenderedPages(markdown="", html="", open_names=""))
        answer = example("run", *captures, *THIRD)
    assert answer.code == 10, answer.err
    return (example.folder / "reviews/2026-W34/proposal.json").read_bytes()


def _moved(example: Example, place: Path) -> tuple[str, ...]:
    """The second week's captures, every route a tenth dearer and every score of the index a tenth higher."""
    index, catalogue, text, webdev = (
        next((example.folder / "data/sample/2026-W33").glob(f"*{name}.json"))
        for name in ("artificial-analysis", "openrouter", "lmarena-text", "lmarena-webdev")
    )
    dearer = place / "2026-08-21-openrouter.json"
    dearer.write_text(
        re.sub(
            r'("(?:prompt|completion)": ?")([0-9.e-]+)"',
            lambda found: f'{found[1]}{float(found[2]) * 1.1:.12f}"',
            catalogue.read_text(),
        )
    )
    pairs = {
        "artificial-analysis": index,
        "openrouter": dearer,
        "lmarena-text": text,
        "lmarena-webdev": webdev,
    }
    return tuple(word for name, path in pairs.items() for word in ("--captures", f"{name}={path}"))
