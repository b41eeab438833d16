"""A policy file that is no policy at all ends in a sentence with its place, never in a traceback."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.policy.load import load_policy
from pipeline.toml_file import dotted_key, line_of

TEXT = (Path(__file__).resolve().parents[2] / "data" / "policy" / "tiers.toml").read_text()


@pytest.mark.parametrize(
    ("body", "place", "found"),
    [
        (b"format = 1\nseed = \n", ":2: ", "Invalid value"),
        (b"format = 1\nformat = 2\n", ":2: ", "Cannot overwrite a value"),
        (b"<!doctype html>\n<p>Just a moment...</p>", ":1: ", "Invalid statement"),
        (b'name = "never closed', ":1: ", "Unterminated string"),
        (b"a = 1\nb = [1,\n", ":3: ", "Invalid value"),
        (b"a = 1\n\xff\n", ":2: ", "byte 0xff is not UTF-8"),
        (b'a = 1\nb = "\x00"\n', ":2: ", "Illegal character"),
        (b"seed = " + b"9" * 5000, ": ", "Exceeds the limit"),
        (b"a = " + b"[" * 50_000, ": ", "recursion"),
        (b"", ": ", "format is missing"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_is_no_policy_is_refused_with_its_place(
    tmp_path: Path, body: bytes, place: str, found: str
) -> None:
    path = tmp_path / "tiers.toml"
    path.write_bytes(body)
    with pytest.raises(UsageError) as caught:
        load_policy(path)
    assert str(caught.value).startswith(f"{path}{place}")
    assert found in str(caught.value)
    assert "; expected " in str(caught.value)


def test_tables_nested_beyond_reason_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiers.toml"
    path.write_text("[" + ".".join("a" * 5000) + "]\n")
    with pytest.raises(UsageError):
        load_policy(path)


NUMBERS = [
    (found[1], found.span(2)) for found in re.finditer(r"^(\w+) = ([0-9][0-9._]*)", TEXT, re.MULTILINE)
]


@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775808", "1e300"])
def test_no_number_of_the_policy_may_be_beyond_reason(tmp_path: Path, number: str) -> None:
    path = tmp_path / "tiers.toml"
    assert len(NUMBERS) > 50
    for name, (begin, end) in NUMBERS:
        path.write_text(TEXT[:begin] + number + TEXT[end:])
        with pytest.raises(UsageError) as caught:
            load_policy(path)
        line = TEXT[:begin].count("\n") + 1
        assert str(caught.value).startswith(f"{path}:{line}: "), name
        assert f"{name} is {number[:2]}" in str(caught.value), name


@pytest.mark.parametrize("name", ["pool_valid_days", "retirement_days", "cooldown_weeks", "draws"])
def test_what_is_counted_from_a_run_ends_within_the_calendar(tmp_path: Path, name: str) -> None:
    path = tmp_path / "tiers.toml"
    path.write_text(re.sub(rf"^{name} = \d+", f"{name} = 5000000", TEXT, count=1, flags=re.MULTILINE))
    with pytest.raises(UsageError, match=rf"{name} is 5000000; expected "):
        load_policy(path)


@pytest.mark.parametrize("name", ["3b", "own_log_sd", "newcomer_log_sd"])
def test_no_scatter_makes_a_cost_infinite(tmp_path: Path, name: str) -> None:
    path = tmp_path / "tiers.toml"
    path.write_text(re.sub(rf"^{name} = [\d.]+", f"{name} = 11", TEXT, count=1, flags=re.MULTILINE))
    with pytest.raises(UsageError, match=rf"{name} is 11(\.0)?; expected "):
        load_policy(path)


def test_a_missing_file_says_which_command_writes_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tiers\.toml does not exist") as caught:
        load_policy(tmp_path / "tiers.toml")
    assert "modelpool init NEW" in caught.value.hint


def test_a_pipe_in_place_of_the_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tiers.toml")
    with pytest.raises(UsageError, match="is no regular file"):
        load_policy(tmp_path / "tiers.toml")


def test_a_file_larger_than_people_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tiers.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(UsageError, match=r"is larger than 1,000,000 bytes"):
        load_policy(tmp_path / "tiers.toml")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load_policy(tmp_path)


@given(cut=st.integers(0, len(TEXT)))
def test_a_policy_cut_anywhere_is_refused_unless_whole_tiers_are_left(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.toml"
    path.write_text(TEXT)
    tiers = load_policy(path)[0].tiers
    path.write_text(TEXT[:cut])
    with contextlib.suppress(UsageError):
        kept = load_policy(path)[0].tiers
        assert list(kept) == list(tiers)[: len(kept)]
        assert {name: tier.lambda_usd for name, tier in kept.items()}.items() <= {
            name: tier.lambda_usd for name, tier in tiers.items()
        }.items()
        assert cut > TEXT.index("[tiers.frugal]")


@given(noise=st.binary(max_size=60), at=st.integers(0, len(TEXT)))
def test_noise_anywhere_never_ends_in_another_error(
    noise: bytes, at: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.toml"
    path.write_bytes(TEXT[:at].encode() + noise + TEXT[at:].encode())
    with contextlib.suppress(UsageError):
        assert load_policy(path)[0].tiers


def test_a_key_is_found_by_its_table_and_not_by_its_name_alone() -> None:
    text = "[a]\nk = 1\n[b.c]  # words\n'k' = 2\nd . e = 3\n[[f]]\nk = 4\n[[f]]\nk = 5\n"
    places = {
        ("a", "k"): 2,
        ("b", "c", "k"): 4,
        ("b", "c", "d", "e"): 5,
        ("b", "c", "missing"): 3,
        ("f", 0, "k"): 7,
        ("f", 1, "k"): 9,
        ("f", 1, "missing"): 8,
        ("nowhere",): None,
    }
    assert {path: line_of(text, path) for path in places} == places


def test_a_path_is_written_as_people_do() -> None:
    assert dotted_key(("task_mix", 1, "share")) == "task_mix[1].share"
