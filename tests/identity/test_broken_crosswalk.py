"""A broken line of data/crosswalk is refused with file, line, column, the value seen and the form."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.identity.crosswalk.load import load_crosswalk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Write = Callable[..., Path]
    Lines = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

FILES = ("variants.csv", "judgements.csv", "prices.csv")

BROKEN_CELLS = (
    ("variants.csv", "sol-5.6@high,", "sol-5.6@low,", "id", "sol-5.6@high"),
    ("variants.csv", "sol-5.6@high,", ",", "id", "sol-5.6@high"),
    ("variants.csv", ",high,", ",High,", "effort", "one of default, high, low, max"),
    ("variants.csv", ",sol-5.6,high", ",Sol 5.6,high", "release", "lower-case letters"),
    ("variants.csv", ",openai,sol", ",,sol", "vendor", "not an empty cell"),
    ("variants.csv", ",openai,sol", ", openai,sol", "vendor", "no blanks at either end"),
    ("variants.csv", ",openai,sol-5.6,", ",openai,,", "family", "not an empty cell"),
    ("variants.csv", "2026-07-09", "09.07.2026", "released_on", "e.g. 2026-08-15"),
    ("variants.csv", "2026-07-09", "2026-02-30", "released_on", "a day that exists"),
    ("variants.csv", "2026-07-09", "2026-W28-4", "released_on", "e.g. 2026-08-15"),
    ("variants.csv", "2026-07-09", "20260709", "released_on", "e.g. 2026-08-15"),
    ("variants.csv", "2027-01-31", "soon", "retires_on", "e.g. 2026-08-15"),
    ("variants.csv", ",no,", ",false,", "open_weights", "one of no, yes"),
    ("variants.csv", ",no,", ",,", "open_weights", "one of no, yes"),
    ("variants.csv", ",400000,", ",400k,", "context_tokens", "a whole number above 0"),
    ("variants.csv", ",400000,", ",0,", "context_tokens", "a whole number above 0"),
    ("variants.csv", ",400000,", ",-1,", "context_tokens", "a whole number above 0"),
    ("variants.csv", ",400000,", ",4e5,", "context_tokens", "a whole number above 0"),
    ("variants.csv", ",400000,", ",\u0664\u0660,", "context_tokens", "a whole number above 0"),
    ("variants.csv", "openai/s,openai:s", "s,openai:s", "openrouter", "author/model"),
    ("variants.csv", "openai:s,", "s,", "genai_prices", "provider:model"),
    ("variants.csv", ",KEY,", ",sk-123,", "key_env", "OPENAI_API_KEY"),
    ("variants.csv", ",high,high,", ",loud,high,", "litellm_effort", "a thinking budget like 16000"),
    ("variants.csv", ",high,high,", ",high,99,", "openrouter_effort", "a thinking budget like 16000"),
    ("variants.csv", ",high,high,", ',"{""extra_body"": {}}",high,', "litellm_effort", "compact JSON"),
    ("variants.csv", ",high,high,", ',"{""api_base"":""x""}",high,', "litellm_effort", "out of extra_body"),
    ("variants.csv", ",high,high,", ',high,"{""model"":""x""}",', "openrouter_effort", "out of reasoning"),
    ("variants.csv", "openai/sol,openai/s", ",openai/s", "litellm_effort", "the line has no litellm route"),
    ("judgements.csv", "artificial-analysis", "lmarena", "source", "artificial-analysis, lmarena-text"),
    ("judgements.csv", "artificial-analysis", "openrouter", "source", "artificial-analysis, lmarena-text"),
    ("judgements.csv", "0b6f", "", "key", "not an empty cell"),
    ("judgements.csv", "Old Thing", "", "name", "not an empty cell"),
    ("judgements.csv", "Thing,,", "Thing,sol-5.6,", "variant", "an id of variants.csv"),
    ("judgements.csv", "2026-08-01", "", "decided_on", "e.g. 2026-08-15"),
    ("judgements.csv", "Reviewer", "", "decided_by", "the person who decided"),
    ("judgements.csv", "withdrawn", "", "reason", "the reason"),
    ("prices.csv", "sol-5.6", "sol-5", "release", "a release of variants.csv"),
    ("prices.csv", ",5,", ",$5,", "input_usd_per_mtok", "US dollars"),
    ("prices.csv", ",5,", ",-5,", "input_usd_per_mtok", "US dollars"),
    ("prices.csv", ",5,", ",,", "input_usd_per_mtok", "US dollars"),
    ("prices.csv", ",5,", ",NaN,", "input_usd_per_mtok", "US dollars"),
    ("prices.csv", ",5,", ",1e9,", "input_usd_per_mtok", "US dollars"),
    ("prices.csv", ",5,", ",5_0,", "input_usd_per_mtok", "US dollars"),
    ("prices.csv", ",30,", ",30.1234567,", "output_usd_per_mtok", "at most six decimals"),
    ("prices.csv", ",30,", ",9999999,", "output_usd_per_mtok", "US dollars"),
    ("prices.csv", ",0.5,", ",.5,", "cache_read_usd_per_mtok", "US dollars"),
    ("prices.csv", "2026-07-09", "2026-7-9", "valid_from", "e.g. 2026-08-15"),
    ("prices.csv", "https://vendor.example/pricing", "vendor", "source_url", "https://"),
    ("prices.csv", "Reviewer", "", "decided_by", "the person who decided"),
    ("prices.csv", "vendor page", "", "reason", "the reason"),
)


@pytest.mark.parametrize("case", BROKEN_CELLS, ids=lambda case: f"{case[3]}: {case[2]!a}")
def test_a_broken_cell_is_named_by_line_column_value_and_form(
    tmp_path: Path, case: tuple[str, str, str, str, str], right_lines: Lines, write_crosswalk: Write
) -> None:
    name, old, new, column, expected = case
    columns, lines = right_lines[name]
    assert old in lines[-1]
    broken = lines[-1].replace(old, new, 1)
    path = write_crosswalk(tmp_path, **{name.removesuffix(".csv"): (*lines[:-1], broken)}) / name
    seen = dict(zip(columns, next(csv.reader([broken])), strict=True))[column]
    with pytest.raises(UsageError) as caught:
        load_crosswalk(tmp_path)
    place = f"{path}:{len(lines) + 1}"
    assert str(caught.value).startswith(f"{place}: column {column} is {seen!r}; expected ")
    assert expected in str(caught.value)
    assert str(path) in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_variant_id_stands_once(tmp_path: Path, right_lines: Lines, write_crosswalk: Write) -> None:
    lines = right_lines["variants.csv"][1]
    write_crosswalk(tmp_path, variants=(*lines, lines[0]))
    with pytest.raises(UsageError, match=r"variants\.csv:4: column id is 'qwen3\.7@default'.* line 2 "):
        load_crosswalk(tmp_path)


@pytest.mark.parametrize(("sent", "named"), [("high,max", "litellm"), ("max,high", "openrouter")])
def test_two_variants_do_not_make_one_request(
    tmp_path: Path, right_lines: Lines, write_crosswalk: Write, sent: str, named: str
) -> None:
    lines = right_lines["variants.csv"][1]
    twin = lines[-1].replace("sol-5.6@high", "sol-5.6@max").replace(",high,2026", ",max,2026")
    path = write_crosswalk(tmp_path, variants=(*lines, twin.replace(",high,high,", f",{sent},")))
    with pytest.raises(UsageError) as caught:
        load_crosswalk(path)
    assert f"variants.csv:4: column {named}_effort is 'high'; expected another request than line 3" in str(
        caught.value
    )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("body", "line", "found"),
    [
        (b"", 1, "the header is ''"),
        (b"\xff\xfe", 1, "byte 0xff is not UTF-8"),
        (b"HEADER\n\nrest", 2, "0 cells in ''"),
        (b"HEADER\na,b\n", 2, "2 cells in 'a,b'"),
        (b"HEADER\na,b\xe4\n", 2, "byte 0xe4 is not UTF-8"),
        (b"\xef\xbb\xbfHEADER\na\xe4\n", 2, "byte 0xe4 is not UTF-8"),
        (b"HEADER\na\x00b\n", 2, r"character '\x00'"),
        (b"HEADER\na\x1b[31mb\n", 2, r"character '\x1b'"),
        (b"HEADER\na\rb\n", 2, r"character '\r'"),
        (b'HEADER\n"never closed,b\nc\n', 2, "unexpected end of data"),
        (b'HEADER\n"a"b,c\n', 2, "expected after"),
        (b"header,of,something,else\n", 1, "the header is 'header,of,something,else'"),
        (b"HEADER,more\n", 1, "the header is"),
        (b"<!doctype html><html>Just a moment...</html>", 1, "the header is '<!doctype html>"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_line(
    tmp_path: Path, name: str, body: bytes, line: int, found: str
) -> None:
    path = tmp_path / name
    header = path.read_bytes().partition(b"\n")[0]
    path.write_bytes(body.replace(b"HEADER", header))
    with pytest.raises(UsageError) as caught:
        load_crosswalk(tmp_path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert found in str(caught.value)
    assert "; expected " in str(caught.value)


@pytest.fixture(autouse=True)
def _written(tmp_path: Path, write_crosswalk: Write) -> None:
    write_crosswalk(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_says_which_command_writes_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).unlink()
    with pytest.raises(UsageError, match=rf"{name} does not exist") as caught:
        load_crosswalk(tmp_path)
    assert "modelpool init NEW" in caught.value.hint


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").unlink()
    (tmp_path / "prices.csv").mkdir()
    with pytest.raises(UsageError, match=r"prices\.csv cannot be read: Is a directory"):
        load_crosswalk(tmp_path)


def test_a_long_broken_value_is_cut_in_the_message(tmp_path: Path, write_crosswalk: Write) -> None:
    write_crosswalk(tmp_path, judgements=("x" * 5000 + ",k,n,,2026-08-01,Reviewer,reason",))
    with pytest.raises(UsageError) as caught:
        load_crosswalk(tmp_path)
    assert len(str(caught.value)) < len(str(tmp_path)) + 300


@given(noise=st.binary(max_size=200))
def test_no_bytes_whatever_end_in_another_error(
    noise: bytes, tmp_path_factory: pytest.TempPathFactory, write_crosswalk: Write
) -> None:
    folder = write_crosswalk(tmp_path_factory.mktemp("noise"))
    with (folder / "judgements.csv").open("ab") as file:
        file.write(b"?" + noise)
    with pytest.raises(UsageError):
        load_crosswalk(folder)
