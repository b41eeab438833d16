"""A pipe or a huge file in the place of a file of the record is told in words; nothing waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from pipeline.errors import UsageError
from pipeline.gateway.operator_config import read_operator_config
from pipeline.regular_file import append_bytes, first_bytes, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

PLACES: Final = (
    "data/crosswalk/judgements.csv",
    "data/crosswalk/prices.csv",
    "data/crosswalk/variants.csv",
    "data/policy/tiers.toml",
    "data/policy/expectations.toml",
    "data/pools/latest.json",
    "data/pools/v0001.json",
    "data/raw/openrouter/2026-W33/*.meta.json",
    "data/readings/key",
    "data/log.jsonl",
    "reviews/2026-W33/proposal.json",
    "reviews/2026-W22/decision.json",
)
BY_THE_WAY: Final = {"data/readings/key", "data/log.jsonl"}
"""Without these a command does its work."""


@pytest.mark.timeout(400)  # two commands at each place, each a process of its own that may be stopped
def test_no_command_waits_for_a_pipe(ran: Example) -> None:
    for place in PLACES:
        file = next(ran.folder.glob(place))
        aside = file.rename(file.with_name("aside"))
        os.mkfifo(file)
        told = ""
        for command in ("status", "verify"):
            words = (sys.executable, "-m", "pipeline.cli", command, "--now", "2026-08-15T14:00:00Z")
            done = subprocess.run(
                words, cwd=ran.folder, capture_output=True, text=True, timeout=60, check=False
            )
            told += " ".join((done.stdout + done.stderr).split())
            assert done.returncode in {0, 2, 30}, (place, told)
        assert place in BY_THE_WAY or "regular file" in told, (place, told)
        assert not (ran.folder / "data/errors.log").exists(), place
        file.unlink()
        aside.rename(file)


def test_a_backup_does_not_wait_for_a_pipe(ran: Example, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    assert ran("backup", str(place)).code == 0
    for name in ("data/policy/tiers.toml", "reviews/2026-W22/decision.json"):
        file = place / name
        aside = file.rename(file.with_name("aside"))
        os.mkfifo(file)
        told = ran("backup", str(place))
        assert (told.code, "is no regular file" in told.err) == (30, True), told
        file.unlink()
        aside.rename(file)


def test_a_gateway_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(UsageError, match="it is no regular file"):
        read_operator_config(tmp_path / "config.yaml")


def test_a_pipe_is_neither_read_nor_written(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for touch in (read_file, lambda path: first_bytes(path, 1), lambda path: append_bytes(path, b"x")):
        with pytest.raises(OSError, match=r"no regular file|No such device"):
            touch(tmp_path / "pipe")


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(3 * 2**30)  # takes no space
    with pytest.raises(OSError, match="larger than 268,435,456 bytes"):
        read_file(tmp_path / "huge")
    assert first_bytes(tmp_path / "huge", 3) == bytes(3)
