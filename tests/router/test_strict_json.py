"""Bytes are read bounded and canonical, or refused in words."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RefusedError
from pipeline.router.strict_json import parse_canonical, read_bounded, show_value

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from tests.router.conftest import Shelf

SIGNS = 'az09"\\/\n\x00\x7fé☃\u2028\ufeff😀'
"""A quote, a backslash, controls, a line separator, a byte order mark, beyond the basic plane."""

values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.sampled_from(SIGNS)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc_", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(value=st.dictionaries(st.text("xyz", max_size=3), values, max_size=4))
def test_what_is_in_canonical_form_is_read_as_it_was_written(
    shelf: Shelf, value: dict[str, JsonValue]
) -> None:
    assert parse_canonical(shelf.canonical(value), "it") == value


@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_but_never_crash(body: bytes) -> None:
    try:
        read = parse_canonical(body, "it")
    except RefusedError as error:
        assert str(error).startswith("it: ")  # noqa: PT017 - both outcomes are fine, a third is not
    else:
        assert isinstance(read, dict)


HOSTILE = {
    "nothing": b"",
    "not json": b"<html>Just a moment</html>\n",
    "not utf-8": b'{"a":"\xff"}\n',
    "a byte order mark": b'\xef\xbb\xbf{"a":1}\n',
    "NaN": b'{"a":NaN}\n',
    "infinity": b'{"a":-Infinity}\n',
    "a float": b'{"a":1.0}\n',
    "an exponent": b'{"a":1e3}\n',
    "minus zero": b'{"a":-0}\n',
    "an integer beyond 2**53": b'{"a":9007199254740993}\n',
    "an integer of 10,000 digits": b'{"a":' + b"9" * 10_000 + b"}\n",
    "a repeated key": b'{"a":1,"a":1}\n',
    "unsorted keys": b'{"b":1,"a":1}\n',
    "a space": b'{"a": 1}\n',
    "no newline": b'{"a":1}',
    "two newlines": b'{"a":1}\n\n',
    "an escape that is not needed": b'{"\\u0061":1}\n',
    "half a surrogate pair": b'{"a":"\\ud800"}\n',
    "an array": b"[1]\n",
    "null": b"null\n",
    "cut off": b'{"a":{"b":"c',
    "depth 100,000": b"[" * 100_000 + b"]" * 100_000 + b"\n",
    "depth 100,000 of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
    "depth 17": b'{"a":' * 17 + b"1" + b"}" * 17 + b"\n",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused_in_words(body: bytes) -> None:
    with pytest.raises(RefusedError, match=r"^it: ") as caught:
        parse_canonical(body, "it")
    assert len(str(caught.value)) < 300
    assert "modelpool verify" in caught.value.hint


def test_a_long_integer_is_refused_by_its_length_before_it_is_computed() -> None:
    with pytest.raises(RefusedError, match=r"beyond 2\*\*53"):
        parse_canonical(HOSTILE["an integer of 10,000 digits"], "it")


def test_sixteen_levels_are_read_and_brackets_in_text_are_not_levels(shelf: Shelf) -> None:
    deep = b'{"a":' * 16 + b"1" + b"}" * 16 + b"\n"
    assert parse_canonical(deep, "it")
    assert parse_canonical(shelf.canonical({"a": '"[{\\"' * 40}), "it")


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"\\", b'"\\'])
def test_the_depth_of_a_body_is_found_in_linear_time(piece: bytes) -> None:
    body = (b'{"' + piece * 2**20)[: 2**20]
    started = time.perf_counter()
    with pytest.raises(RefusedError):
        parse_canonical(body, "it")
    assert time.perf_counter() - started < 5


def test_a_file_is_read_up_to_its_limit_and_not_beyond(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100)
    assert read_bounded(file, 100) == b"x" * 100
    with pytest.raises(RefusedError, match="larger than 99 bytes"):
        read_bounded(file, 99)


def test_a_missing_file_a_folder_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(RefusedError, match=r"cannot be read|not a regular file"):
            read_bounded(path, 10)


@pytest.mark.timeout(10)
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RefusedError, match="not a regular file"):
        read_bounded(tmp_path / "pipe", 10)


def test_a_link_is_followed_because_mounted_folders_are_made_of_links(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read_bounded(tmp_path / "link", 10) == b"x"


def test_a_value_of_any_size_is_shown_short_and_without_control_characters() -> None:
    assert len(show_value({"\x1b[31m" * 50: ["x" * 10_000] * 10_000})) <= 80
    assert "\x1b" not in show_value("\x1b[31m")
