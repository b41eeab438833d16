"""A full disk means the same to every command that writes: exit 30, what is full, and what to do."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Answer, Example

SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")
ON_A_PENDING_PROPOSAL: Final[tuple[tuple[str, ...], ...]] = (
    ("approve", "DIGEST", *SAY),
    ("reject", "DIGEST", *SAY),
    ("answer", "DIGEST", "--never", "1", *SAY),
    ("crosswalk", "map", "Command A+", "--not-routed", *SAY),
    ("backup", "ELSEWHERE"),
    ("run", "--captures", "data/sample/2026-W33", "--week", "2026-W34", "--now", "2026-08-22T12:00:00Z"),
)
ON_AN_APPROVED_ONE: Final[tuple[tuple[str, ...], ...]] = (("publish",), ("withdraw", "DIGEST", *SAY))


@pytest.fixture
def typed_on_a_full_disk(
    ran: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Callable[[tuple[str, ...]], Answer]:
    """Type a command while no byte reaches the disk; the fault fired."""
    number: int = request.param
    monkeypatch.chdir(ran.folder)
    digest = ran.digest()
    words_of = {"DIGEST": digest[:16], "ELSEWHERE": str(tmp_path / "elsewhere")}

    def answer(command: tuple[str, ...]) -> Answer:
        fired = []

        def refuse(_: int) -> None:
            fired.append(True)
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            said = ran(*(words_of.get(word, word) for word in command))
        assert fired, command
        return said

    return answer


@pytest.mark.parametrize("typed_on_a_full_disk", [errno.ENOSPC, errno.EDQUOT], indirect=True, ids=os.strerror)
def test_every_command_says_that_the_disk_is_full_and_changes_nothing(
    ran: Example,
    typed_on_a_full_disk: Callable[[tuple[str, ...]], Answer],
    files_below: Callable[[Path], dict[str, bytes]],
) -> None:
    def record() -> tuple[dict[str, bytes], dict[str, bytes], dict[str, bytes]]:
        return files_below(ran.folder / "reviews"), files_below(ran.folder / "data/crosswalk"), ran.pools()

    def refused(command: tuple[str, ...]) -> None:
        before = record()
        said = typed_on_a_full_disk(command)
        assert said.code == 30, (command, said.out, said.err)
        assert "No space left" in said.err or "Disk quota exceeded" in said.err, command
        assert " hint: " in said.err
        assert "disk" in said.err.partition(" hint: ")[2], command
        assert record() == before, command
        assert not (ran.folder / "data/errors.log").exists(), command

    for command in ON_A_PENDING_PROPOSAL:
        refused(command)
    assert ran.approve().code == 0
    for command in ON_AN_APPROVED_ONE:
        refused(command)
    assert ran("publish").code == 0
