"""A line is read completely or rejected by number; no word of a request is ever kept."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.usage import UsageRecord
from pipeline.errors import RefusedError, UsageError
from pipeline.usage import record_file
from pipeline.usage.record_file import (
    RejectedLine,
    keep_records,
    lines_of,
    read_lines,
    read_records,
    sort_lines,
)

if TYPE_CHECKING:
    from pathlib import Path

LINE: dict[str, object] = {
    "request": "r1",
    "workload": "review",
    "time": "2026-08-01T12:00:00+02:00",
    "variant": "small@none",
    "usd": 0.00012,
    "outcome": True,
    "grader": "tests",
}
SPEND: dict[str, object] = {
    "request_id": "chatcmpl-1",
    "startTime": "2026-08-01 10:00:00.250",
    "status": "success",
    "spend": 1.5e-05,
    "prompt_tokens": 900,
    "completion_tokens": 40,
    "model_id": "balanced#simple@v0007|1|small@none",
    "session_id": "s1",
    "api_key": "hashed",
    "cache_hit": "False",
    "messages": [{"role": "user", "content": "SECRET WORDS"}],
    "response": {"choices": ["SECRET WORDS"]},
    "metadata": json.dumps(
        {"user_api_key_alias": "team-a", "spend_logs_metadata": {"tools": 2, "chars": 50}}
    ),
}
VARIANTS = {"balanced.1.maker/small@none": "small@none"}


def _read(*lines: dict[str, object] | str) -> list[UsageRecord | RejectedLine]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [found for _, found in read_lines(texts, VARIANTS)]


def _one(line: dict[str, object]) -> UsageRecord:
    (found,) = _read(line)
    assert isinstance(found, UsageRecord), found
    return found


def test_a_documented_line_is_read_into_its_one_form() -> None:
    found = _one(LINE)
    assert (found.time, found.usd, found.outcome) == ("2026-08-01T10:00:00Z", "0.00012", 1)
    assert (found.session, found.pair, found.chars) == (None, None, None)


def test_an_id_of_litellm_that_is_too_long_for_a_name_is_known_by_its_digest() -> None:
    long = "resp_" + "x" * 300
    again = {"pair": long, "workload": "titles"}
    first = _one(SPEND | {"request_id": long})
    second = _one(SPEND | {"request_id": "r2", "metadata": {"spend_logs_metadata": again}})
    assert first.request == second.pair
    assert str(second.pair).startswith("sha256-")
    assert _one(SPEND | {"request_id": "x" * 200}).request == "x" * 200


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"messages": "SECRET WORDS"}, "`messages`: Extra inputs are not permitted"),
        ({"time": "2026-08-01T12:00:00"}, "no moment with a time zone"),
        ({"time": 5}, "no moment"),
        ({"usd": "NaN"}, "not from 0 to 10000"),
        ({"usd": -1}, "not from 0 to 10000"),
        ({"usd": []}, "are no number"),
        ({"outcome": 2}, "`outcome`"),
        ({"grader": None}, "stand together"),
        ({"workload": "\x1b[2J"}, "`workload`"),
        ({"chars": 1.5}, "`chars`"),
        ({"request": None}, "`request`"),
    ],
)
def test_a_bad_field_rejects_its_line_with_the_reason(change: dict[str, object], complaint: str) -> None:
    good, bad = _read(LINE, LINE | change)
    assert isinstance(good, UsageRecord)
    assert isinstance(bad, RejectedLine)
    assert bad.line == 2
    assert complaint in bad.reason
    assert "SECRET" not in bad.reason


@pytest.mark.parametrize("text", ["nonsense", "[1]", "3", '{"usd": NaN}', "[" * 5000, "{}"])
def test_what_is_no_answer_is_rejected(text: str) -> None:
    (found,) = _read(text)
    assert isinstance(found, RejectedLine)


def test_a_spend_log_keeps_cost_and_variant_and_no_words(tmp_path: Path) -> None:
    found = _one(SPEND)
    assert (found.variant, found.workload, found.usd) == ("small@none", "team-a", "0.000015")
    assert (found.tools, found.chars, found.session) == (2, 50, "s1")
    file = keep_records(tmp_path, [found])
    assert file is not None
    assert b"SECRET" not in file.read_bytes()


def test_a_deployment_of_the_exported_fragment_is_known_by_its_id() -> None:
    assert _one(SPEND | {"model_id": "balanced.1.maker/small@none"}).variant == "small@none"


def test_a_key_is_never_a_workload_s_name() -> None:
    found = _one(SPEND | {"metadata": {}, "api_key": "sk-1234"})
    assert found.workload.startswith("key-")
    assert "1234" not in found.workload


def test_a_declared_workload_goes_before_a_key_s_alias() -> None:
    metadata = {"user_api_key_alias": "team-a", "spend_logs_metadata": {"workload": "titles"}}
    assert _one(SPEND | {"metadata": metadata}).workload == "titles"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"status": "failure"}, "ended as 'failure'"),
        ({"cache_hit": "True"}, "from a cache"),
        ({"model_id": "other"}, "'other' is no member of a published pool"),
        ({"model_id": None}, "is no member"),
        ({"api_key": "", "metadata": "{"}, "neither a workload"),
        ({"spend": None}, "are no number"),
        ({"startTime": ""}, "no moment"),
    ],
)
def test_a_spend_log_that_no_member_answered_is_rejected(change: dict[str, object], complaint: str) -> None:
    (found,) = _read(SPEND | change)
    assert isinstance(found, RejectedLine)
    assert complaint in found.reason


@pytest.mark.parametrize("form", ["lines", "array", "gz"])
def test_a_file_may_be_lines_or_an_array_plain_or_packed(tmp_path: Path, form: str) -> None:
    rows = [LINE, LINE | {"request": "r2"}]
    text = json.dumps(rows, indent=1) if form == "array" else "\n\n".join(map(json.dumps, rows))
    file = tmp_path / ("u.jsonl.gz" if form == "gz" else "u.jsonl")
    file.write_bytes(gzip.compress(text.encode()) if form == "gz" else text.encode())
    found = [record for _, record in read_lines(lines_of(file), {})]
    assert [record.request for record in found if isinstance(record, UsageRecord)] == ["r1", "r2"]


@pytest.mark.parametrize("body", [None, b"\xff\xfe", b"[1"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, body: bytes | None) -> None:
    file = tmp_path / "u.jsonl"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(UsageError, match="cannot be read"):
        list(lines_of(file))


def test_a_packed_file_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    body = bytearray(gzip.compress(os.urandom(400).hex().encode()))
    body[12:40] = b"\xff" * 28
    (tmp_path / "u.gz").write_bytes(body)
    with pytest.raises(UsageError, match="cannot be read"):
        list(lines_of(tmp_path / "u.gz"))


@pytest.mark.parametrize("name", ["u.jsonl", "u.jsonl.gz"])
def test_neither_a_pipe_nor_a_device_is_read(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "zero").symlink_to("/dev/zero")
    for file in (tmp_path / name, tmp_path / "zero"):
        with pytest.raises(UsageError, match="no regular file") as refused:
            list(lines_of(file))
        assert "4 GiB" in refused.value.hint


@pytest.mark.parametrize("name", ["u.jsonl", "u.jsonl.gz"])
def test_a_line_that_is_too_long_is_rejected_and_never_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(record_file, "_LONGEST_LINE", 300)
    text = "\n".join([json.dumps(LINE | {"request": "x" * 5000}), json.dumps(LINE)]).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    assert [len(line) for line in lines_of(tmp_path / name)] == [301, len(json.dumps(LINE))]
    first, second = (found for _, found in read_lines(lines_of(tmp_path / name), {}))
    assert first == RejectedLine(line=1, reason="the line has more than 300 characters")
    assert isinstance(second, UsageRecord)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}\n" * 400, r"more than 1,000 characters"),
        ("x" * 2000, r"more than 1,000 characters"),
        ("[" + "1," * 400 + "1]", r"a JSON array of more than 500 characters"),
    ],
)
def test_a_file_beyond_its_bound_is_refused_with_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    for name, bound in (("LONGEST_LINE", 300), ("LARGEST_FILE", 1000), ("LARGEST_ARRAY", 500)):
        monkeypatch.setattr(record_file, f"_{name}", bound)
    (tmp_path / "u.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(UsageError, match=rf"u\.jsonl\.gz cannot be read \({told}\)"):
        list(lines_of(tmp_path / "u.jsonl.gz"))


def test_the_same_answer_again_is_passed_over_and_another_statement_of_it_is_rejected() -> None:
    lines = [LINE, LINE, LINE | {"outcome": False}, LINE | {"outcome": False, "grader": "else"}]
    found = sort_lines(read_lines(map(json.dumps, lines), {}), known=[])
    assert (len(found.new), found.known, [one.line for one in found.rejected]) == (2, 1, [3])
    again = sort_lines(read_lines(map(json.dumps, lines), {}), known=found.new)
    assert (again.new, again.known, len(again.rejected)) == ((), 3, 1)


def test_records_are_kept_once_and_an_edit_is_noticed(tmp_path: Path) -> None:
    record = _one(LINE)
    file = keep_records(tmp_path, [record])
    assert file == keep_records(tmp_path, [record])
    assert keep_records(tmp_path, []) is None
    assert read_records(tmp_path) == (record,)
    assert file is not None
    file.write_bytes(file.read_bytes().replace(b'"outcome":1', b'"outcome":0'))
    with pytest.raises(RefusedError, match="was changed after it was written"):
        read_records(tmp_path)
