"""What a body is when it is not the JSON it should be."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from pipeline.domain.ids import OPENROUTER
from pipeline.domain.observation import Capture
from pipeline.errors import SourceHeldError
from pipeline.sources.parsing import json_body as body_module
from pipeline.sources.parsing.json_body import read_json


def capture(body: bytes, status: int = 200) -> Capture:
    return Capture(
        source=OPENROUTER, url="file:x", fetched_at=datetime(2026, 1, 1, tzinfo=UTC), status=status, body=body
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "an empty answer (0 bytes)"),
        (b" \n ", "an empty answer (3 bytes)"),
        (
            b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
            "a web page titled 'Just a moment...', not JSON",
        ),
        (b"  <html><title>\n A &amp; B\n</title>", "a web page titled 'A & B', not JSON"),
        (b"<html><body>app shell</body></html>", "a web page without a title, not JSON"),
        (b'{"data": [{"id": "a"', "JSON that is cut off after 20 bytes"),
        (b'{"data": [{"id": "a', "JSON that is cut off after 19 bytes"),
        (b'{"data": ', "JSON that is cut off after 9 bytes"),
        (b"[1, NaN]", "JSON with NaN in place of a number"),
        (b"[-Infinity]", "JSON with -Infinity in place of a number"),
        (b'{"a": 1, "b": 2, "a": 3}', "JSON in which the key 'a' is given twice"),
        (b"hello", "not JSON: Expecting value at line 1, near 'hello'"),
        (b"[1] trailing", "not JSON: Extra data"),
        (b"\xff\xfe{}", "4 bytes that are not text (byte 0)"),
        (gzip.compress(b"{}", mtime=0)[:-9], "a gzip archive that is cut off or damaged"),
        (b"[" * 200_000, "JSON nested too deeply to be data"),
        (b"[" + b"9" * 5000 + b"]", "JSON with an integer of thousands of digits"),
    ],
)
def test_a_body_is_named_for_what_it_is(body: bytes, message: str) -> None:
    with pytest.raises(SourceHeldError) as held:
        read_json(capture(body))
    assert message in held.value.found
    assert held.value.exit_code == 20
    assert "last good data is used" in held.value.hint


def test_a_bad_status_comes_before_the_body() -> None:
    with pytest.raises(SourceHeldError, match="HTTP status 403"):
        read_json(capture(b"{}", 403))
    with pytest.raises(SourceHeldError, match="its file could not be read"):
        read_json(capture(b"", 0))


def test_a_body_beyond_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "LARGEST_BODY_BYTES", 8)
    with pytest.raises(SourceHeldError, match="9 bytes, more than 8"):
        read_json(capture(b"[1, 2, 3]"))


def test_json_is_read() -> None:
    assert read_json(capture(b'{"a": [1, 2.5, null, "\xc3\xa9"]}')) == {"a": [1, 2.5, None, "é"]}


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_json(capture(b'\xef\xbb\xbf{"a": 1}')) == {"a": 1}


@pytest.mark.parametrize(
    ("one", "padding"),
    [(b"0,", 0), (b"[],", body_module._LARGEST_SEEN_BYTES)],
)
def test_more_values_than_any_source_has_are_not_parsed(
    monkeypatch: pytest.MonkeyPatch, one: bytes, padding: int
) -> None:
    monkeypatch.setattr(body_module, "MOST_VALUES", 1_000)
    most = 999 if padding == 0 else 499
    assert isinstance(read_json(capture(b"[" + one * most + b"0" + b" " * padding + b"]")), list)
    with pytest.raises(SourceHeldError, match=r"JSON of 100[1-3] values, more than 1000"):
        read_json(capture(b"[" + one * (most + 2) + b"0" + b" " * padding + b"]"))
