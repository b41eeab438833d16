"""`verify` and `status` name what was altered in the record, by the same words and the same exit code."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.domain.document import canonical_json
from pipeline.publish.versions import pointer_bytes
from tests.databases import changed_rows, copy_workspace
from tests.example import Example

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW: Final = ("--now", "2026-08-15T14:00:00Z")


@pytest.fixture(scope="module")
def second_version(_after_the_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped record after the second week was approved and published."""
    example = Example(tmp_path_factory.mktemp("altered") / "workspace")
    shutil.copytree(_after_the_run, example.folder)
    assert example.approve().code == 0
    assert example("publish").code == 0
    return example.folder


@pytest.fixture
def published(second_version: Path, tmp_path: Path) -> Example:
    return copy_workspace(second_version, tmp_path / "workspace")


def _without_reviews(folder: Path) -> None:
    shutil.rmtree(folder / "reviews")


def _without_the_newest_review(folder: Path) -> None:
    shutil.rmtree(folder / "reviews/2026-W33")


def _pointer_moved_back(folder: Path) -> None:
    first = (folder / "data/pools/v0001.json").read_bytes()
    (folder / "data/pools/latest.json").write_bytes(pointer_bytes(1, first))


def _pointer_removed(folder: Path) -> None:
    (folder / "data/pools/latest.json").unlink()


def _newest_version_removed(folder: Path) -> None:
    _pointer_moved_back(folder)
    (folder / "data/pools/v0002.json").unlink()


def _changed(field: str) -> Callable[[Path], None]:
    """Change one field of the newest decision, in the form in which it is written."""

    def change(folder: Path) -> None:
        file = folder / "reviews/2026-W33/decision.json"
        document = json.loads(file.read_bytes())
        assert document[field] != "S. Omebody"
        file.write_bytes(canonical_json({**document, field: "S. Omebody"}) + b"\n")

    return change


def _decision_removed(folder: Path) -> None:
    (folder / "reviews/2026-W33/decision.json").unlink()


ALTERED: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    "reviews gone": (_without_reviews, "a published pool or a filed proposal follows"),
    "newest review gone": (_without_the_newest_review, "v0002 has no matching approval in reviews/"),
    "pointer moved back": (_pointer_moved_back, "latest.json names v0001, but v0002.json lies beside it"),
    "pointer removed": (_pointer_removed, "latest.json is missing, but"),
    "newest version removed": (_newest_version_removed, "pool 000002 is there in the database, not"),
    "reviewer": (_changed("reviewer"), "reviewer is R. Viewer, the files say S. Omebody"),
    "note": (_changed("note"), "the files say S. Omebody"),
    "decision removed": (_decision_removed, "v0002 has no matching approval in reviews/"),
}


@pytest.mark.parametrize("kind", ALTERED)
def test_both_commands_name_what_was_altered(published: Example, kind: str) -> None:
    alter, words = ALTERED[kind]
    before = published("status", *NOW)
    assert before.code == 0, before.err
    alter(published.folder)
    said = [published(command, *NOW) for command in ("verify", "status")]
    assert [one.code for one in said] == [30, 30]
    assert said[0].err == said[1].err
    assert words in " ".join(said[0].err.split())


_PRICE_MORE: Final = (
    "INSERT INTO price SELECT run_id, source, 'x/y' || key, note, name, 1, 1, 1, observed_on, capture_id "
    "FROM price"
)
ROWS: Final = {
    "price": ("UPDATE price SET input_microusd_per_mtok = 1", "price of 2026-W22", "is 1, the files say"),
    "observation": ("UPDATE observation SET votes = 7", "observation of 2026-W22", "votes is 7"),
    "variant": ("UPDATE observation SET variant = 'x@high'", "observation of 2026-W22", "variant is x@high"),
    "a price more": (_PRICE_MORE, "x/y", "is there in the database, not in the files"),
    "a price less": (
        "DELETE FROM price WHERE run_id = 1 AND key = (SELECT min(key) FROM price WHERE run_id = 1)",
        "price of 2026-W22",
        "is not in the database, there in the files",
    ),
    "quality": ("UPDATE score SET quality = .9 WHERE quality > .1", "score of 2026-W22", "quality is 0.9"),
    "cost": ("UPDATE score SET usd_per_task = usd_per_task / 2", "score of 2026-W22", "usd_per_task is"),
    "unscored": (
        "UPDATE score SET theta = 0, quality = 0, unscored = NULL, unpriced = 'x' WHERE theta IS NULL",
        "score of 2026-W22",
        "quality is 0.0, the files say None",
    ),
    "board": (
        "UPDATE board SET published = published + 1",
        "board of 2026-W",
        "the files say no such figure",
    ),
    "finding": ("UPDATE finding SET message = 'fine'", "finding of 2026-W", "message is fine"),
    "no finding": ("DELETE FROM finding WHERE position = 1", "finding of 2026-W", "is not in the database"),
    "judgement": ("UPDATE judgement SET decided_by = 'S. Omebody'", "judgement", "decided_by is S. Omebody"),
    "route": ("UPDATE variant SET litellm = 'evil/model'", "variant", "litellm is evil/model"),
    "reading": ("UPDATE reading SET scale = 'x'", "reading of 2026-W22", "scale is x"),
    "reading_capture": ("DELETE FROM reading_capture", "reading_capture of 2026-W22", "not in the database"),
    "missing": ("INSERT INTO missing SELECT id, 'x@high' FROM run", "missing of 2026-W22 x@high", "is there"),
    "decision": ("UPDATE decision SET reviewer = 'S. Omebody'", "decision", "reviewer is S. Omebody"),
    "pool": ("UPDATE pool SET expires_on = '2030-01-01'", "pool 000001", "expires_on is 2030-01-01"),
    "pool_member": ("UPDATE pool_member SET variant = variant || 'x'", "pool_member 000001", "variant is"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_both_commands_name_the_row_that_somebody_wrote(published: Example, kind: str) -> None:
    statement, row, words = ROWS[kind]
    assert changed_rows(published.folder, statement) > 0, "nothing was edited"
    checked, shown = published("verify", *NOW), published("status", *NOW)
    said = " ".join(checked.err.split())
    assert (checked.code, row in said, words in said) == (30, True, True), checked.err
    assert (shown.code, shown.err) == (30, checked.err)


def test_what_was_rebuilt_is_what_the_files_say(published: Example) -> None:
    assert changed_rows(published.folder, "UPDATE price SET input_microusd_per_mtok = 1") > 0
    assert published("rebuild").code == 0
    checked = published("verify", *NOW)
    assert checked.code == 0, checked.err


def test_a_version_that_was_not_recorded_yet_is_no_difference(published: Example) -> None:
    """As after a kill between the files and the database: the next run fills it."""
    assert changed_rows(published.folder, "DELETE FROM pool_member WHERE version = 2") > 0
    assert changed_rows(published.folder, "DELETE FROM pool WHERE version = 2") == 1
    checked = published("verify", *NOW)
    assert checked.code == 0, checked.err


@pytest.mark.usefixtures("_sqlite_file")
def test_status_tells_the_state_where_the_database_cannot_be_read(published: Example) -> None:
    (published.folder / "data/pipeline.sqlite").write_bytes(b"broken" * 1000)
    said = published("status", *NOW)
    assert said.code == 0
    assert "In force: v0002" in said.out
    assert "is not a sound database" in said.out
    assert published("verify", *NOW).code == 30
