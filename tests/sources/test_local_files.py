"""Capture files in place of requests: which are taken, and what they become."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, GENAI_PRICES, LMARENA_TEXT, LMARENA_WEBDEV, OPENROUTER
from pipeline.errors import SourceHeldError, UsageError
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.ids import SourceName

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


def lay(folder: Path, **files: bytes) -> None:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def test_each_source_gets_the_newest_of_its_files_that_is_not_after_now(tmp_path: Path) -> None:
    lay(
        tmp_path,
        **{
            "a/2026-08-12-x-text_style_control.json": b"old",
            "a/2026-08-15-x-text_style_control.json.gz": gzip.compress(b"new"),
            "a/2026-08-16-x-text_style_control.json": b"future",
            "a/2026-08-15-x-text.json": b"plain text board",
            "hf-leaderboard-dataset/2026-08-13-webdev.json": b"webdev",
            "site/2026-08-13-code-webdev.json": b"another format",
            "2026-08-10-openrouter.json": b"or",
            "2026-08-10-genai-prices.json": b"gp",
            "2026-08-10-artificial-analysis.json": b"aa",
            "artificial-analysis/docs/2026-08-14-docs.json": b"docs",
        },
    )
    found = read_captures([tmp_path], now=NOW, base=tmp_path)
    assert {name: [one.body for one in captures] for name, captures in found.items()} == {
        LMARENA_TEXT: [b"new"],
        LMARENA_WEBDEV: [b"webdev"],
        ARTIFICIAL_ANALYSIS: [b"aa"],
        OPENROUTER: [b"or"],
        GENAI_PRICES: [b"gp"],
    }
    assert list(found) == [LMARENA_TEXT, LMARENA_WEBDEV, ARTIFICIAL_ANALYSIS, OPENROUTER, GENAI_PRICES]
    (text,) = found[LMARENA_TEXT]
    assert text.url == "file:a/2026-08-15-x-text_style_control.json.gz"
    assert text.fetched_at == datetime(2026, 8, 15, tzinfo=UTC)
    assert text.status == 200


def test_the_pages_of_one_day_belong_together(tmp_path: Path) -> None:
    lay(
        tmp_path,
        **{f"api-v2-free/2026-08-{day}-x-page{n}of2.json": b"%d" % n for day in (10, 11) for n in (1, 2)},
    )
    found = read_captures([tmp_path], now=NOW)[ARTIFICIAL_ANALYSIS]
    assert [(one.body, one.fetched_at.day) for one in found] == [(b"1", 11), (b"2", 11)]


def test_of_two_files_of_a_day_the_last_by_name_is_taken(tmp_path: Path) -> None:
    lay(tmp_path, **{"2026-08-10-a-openrouter.json": b"a", "2026-08-10-b-openrouter.json": b"b"})
    assert [one.body for one in read_captures([tmp_path], now=NOW)[OPENROUTER]] == [b"b"]


def test_a_pair_names_the_source_and_goes_before_a_folder(tmp_path: Path) -> None:
    lay(tmp_path, **{"2026-08-10-openrouter.json": b"folder", "mine.json": b"mine"})
    found = read_captures([tmp_path, f"openrouter={tmp_path}/mine.json"], now=NOW, base=tmp_path)
    (one,) = found[OPENROUTER]
    assert (one.body, one.url, one.fetched_at) == (b"mine", "file:mine.json", NOW)


def test_pairs_of_one_source_add_up_and_a_pair_may_name_a_folder(tmp_path: Path) -> None:
    lay(tmp_path, **{"p1.json": b"1", "p2.json": b"2", "or/2026-08-01-openrouter.json": b"or"})
    found = read_captures(
        [
            f"artificial-analysis={tmp_path}/p1.json",
            f"artificial-analysis={tmp_path}/p2.json",
            f"openrouter={tmp_path}/or",
        ],
        now=NOW,
    )
    assert [one.body for one in found[ARTIFICIAL_ANALYSIS]] == [b"1", b"2"]
    assert [one.body for one in found[OPENROUTER]] == [b"or"]


def test_a_path_outside_the_base_is_kept_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, **{"work/x": b"", "shared/2026-08-10-openrouter.json": b"or"})
    monkeypatch.chdir(tmp_path / "work")
    (one,) = read_captures(["../shared"], now=NOW, base=tmp_path / "work")[OPENROUTER]
    assert one.url == "file:../shared/2026-08-10-openrouter.json"


def test_an_empty_or_damaged_file_still_becomes_a_capture(tmp_path: Path) -> None:
    lay(tmp_path, **{"e.json": b"", "cut.json.gz": gzip.compress(b"x" * 900)[:-9], "no.json.gz": b"not gzip"})
    for name, body in {
        "e.json": b"",
        "cut.json.gz": gzip.compress(b"x" * 900)[:-9],
        "no.json.gz": b"not gzip",
    }.items():
        (one,) = read_captures([f"openrouter={tmp_path}/{name}"], now=NOW)[OPENROUTER]
        assert one.body == body


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere", "nowhere does not exist"),
        ("nosuch=x.json", "'nosuch' is not a source"),
        ("openrouter=missing.json", "missing.json does not exist"),
        ("empty", "holds no capture dated up to 2026-08-15"),
        ("openrouter=empty", "holds no file of openrouter dated up to 2026-08-15"),
        ("a-file", "is a file; say which source it is of"),
    ],
)
def test_a_place_that_gives_nothing_is_a_usage_error(
    place: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").write_bytes(b"")
    with pytest.raises(UsageError) as wrong:
        read_captures([place], now=NOW)
    assert message in str(wrong.value)
    assert "openrouter" in wrong.value.hint


def test_a_pipe_or_a_device_is_no_answer_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(UsageError, match=f"{place} is no regular file"):
            read_captures([f"openrouter={place}"], now=NOW)


def test_no_place_at_all_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no capture file or folder"):
        read_captures([], now=NOW)


def test_a_held_source_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lay(tmp_path, **{"2026-08-10-openrouter.json": b"<html><title>Just a moment...</title>"})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    captures = read_captures(["."], now=NOW)[OPENROUTER]
    with pytest.raises(
        SourceHeldError, match=r"openrouter is held: a web page titled 'Just a moment\.\.\.', not JSON"
    ):
        SOURCES[OPENROUTER].parse(captures)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("2026-08-13-lmarena-text.json", LMARENA_TEXT),
        ("2026-08-13-mimo-text_style_control.json.gz", LMARENA_TEXT),
        ("text_style_control/latest-00000-of-00001.parquet", LMARENA_TEXT),
        ("2026-08-13-lmarena-webdev.json", LMARENA_WEBDEV),
        ("webdev/latest-00000-of-00001.parquet", LMARENA_WEBDEV),
        ("api-legacy-v2-data/2026-08-13-x.json", ARTIFICIAL_ANALYSIS),
        ("api-v1-models/2026-08-13-x.json", OPENROUTER),
        ("2026-08-13-genai-prices.json", GENAI_PRICES),
    ],
)
def test_a_file_is_recognised_by_its_name_or_its_folder(
    tmp_path: Path, name: str, source: SourceName
) -> None:
    lay(tmp_path, **{name: b"{}", "text/latest-00000-of-00001.parquet": b"", "2026-08-13-text.json": b""})
    assert list(read_captures([tmp_path], now=NOW)) == [source]
