"""Bad input never ends in a traceback, never changes the published pool, never loses a decision."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.run import store_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Answer, Example

SOURCES = ("lmarena-text", "artificial-analysis", "openrouter")


def _body(example: Example, source: str) -> bytes:
    (path,) = (example.folder / "data/sample/2026-W33").glob(f"*-{source}.json")
    return path.read_bytes()


def _with_numbers(body: bytes, number: str) -> bytes:
    """Replace every fraction by a literal; the fault fired when something was replaced."""
    import re

    changed, count = re.subn(rb"\d+\.\d+", number.encode(), body)
    assert count > 50
    return changed


def _doubled(body: bytes) -> bytes:
    document = json.loads(body)
    rows = "rows" if "rows" in document else "data"
    document[rows] = document[rows] * 2
    return json.dumps(document).encode()


def _emptied(body: bytes) -> bytes:
    fields = json.loads(body).items()
    return json.dumps({name: [] if isinstance(value, list) else value for name, value in fields}).encode()


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "html": lambda _: b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
    "empty": lambda _: b"",
    "truncated": lambda body: body[: len(body) // 2],
    "nan": lambda body: _with_numbers(body, "NaN"),
    "doubled": _doubled,
    "other schema": lambda _: b'{"models": {"a": 1}}',
    "no rows": lambda body: json.dumps(
        {k: [] if isinstance(v, list) else v for k, v in json.loads(body).items()}
    ).encode(),
    "not text": lambda _: bytes(range(256)) * 10,
}


def _held(answer: Answer, source: str) -> None:
    assert answer.code == 20, (answer.out, answer.err)
    assert "Traceback" not in answer.out + answer.err
    assert f"{source} is held" in answer.out


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_source_is_held_and_the_pool_stays(
    example: Example, tmp_path: Path, source: str, fault: str
) -> None:
    broken = tmp_path / f"2026-08-14-{source}.json"
    broken.write_bytes(FAULTS[fault](_body(example, source)))
    before = example.pools()
    _held(example.run(f"{source}={broken}"), source)
    assert example.pools() == before


def test_a_new_workspace_proposes_nothing_when_a_board_is_held(example: Example, tmp_path: Path) -> None:
    broken = tmp_path / "2026-08-14-lmarena-text.json"
    broken.write_bytes(b"")
    for name in ("reviews/2026-W22", "data/pools"):
        import shutil

        shutil.rmtree(example.folder / name)
    answer = example.run(f"lmarena-text={broken}")
    _held(answer, "lmarena-text")
    assert not (example.folder / "reviews/2026-W33/proposal.json").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("data/policy/tiers.toml", "k = 3", "k = 0", ("tiers.toml", "k")),
        ("data/policy/tiers.toml", "[", "[[[", ("tiers.toml",)),
        ("data/policy/expectations.toml", "[", "]", ("expectations.toml",)),
        ("data/crosswalk/judgements.csv", "maintainers", "", ("judgements.csv", "2", "decided_by")),
        ("data/crosswalk/variants.csv", "@", "", ("variants.csv", "2")),
    ],
)
def test_a_broken_line_names_file_and_place(
    example: Example, file: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    path = example.folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    before = example.pools()
    answer = example.run()
    assert answer.code == 2, (answer.out, answer.err)
    assert "Traceback" not in answer.err
    assert all(word in answer.err for word in words), answer.err
    assert example.pools() == before


@pytest.mark.parametrize("captures", ["nowhere", "grok=nowhere", "lmarena-text=nowhere"])
def test_a_capture_argument_that_names_nothing(example: Example, captures: str) -> None:
    answer = example.run(captures)
    assert answer.code == 2
    assert " hint: " in answer.err


def test_an_interrupt_leaves_nothing_half_written(
    example: Example, monkeypatch: pytest.MonkeyPatch, files_below: Callable[[Path], dict[str, bytes]]
) -> None:

    fired = []

    def interrupt(*_: object) -> None:
        fired.append(True)
        raise KeyboardInterrupt

    monkeypatch.setattr(store_run, "render_page", interrupt)
    before = files_below(example.folder / "reviews"), example.pools()
    answer = example.run()
    assert fired
    assert answer.code == 130
    assert "Traceback" not in answer.err
    assert (files_below(example.folder / "reviews"), example.pools()) == before
    monkeypatch.undo()
    assert example.run().code == 10
