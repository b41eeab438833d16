"""What holds for every command: help, JSON, exit codes, plain text where nobody watches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from typer.core import TyperArgument, TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.console import print_text
from tests.example import ROOT
from tests.faults.hostile import on_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")
READS = (("status",), ("history",), ("verify",), ("review",), ("export", "litellm"), ("sources",))
FAILS = (
    ("approve", "00000000", *SAY),
    ("reject", "00000000", *SAY),
    ("publish",),
    ("run", "--captures", "nowhere"),
    ("run", "--week", "2026-W99"),
    ("run", "--now", "yesterday"),
    ("run", "--nope"),
    ("verify", "--now", "today"),
    ("approve",),
    ("export", "nothing"),
    ("nothing",),
    ("sources", "check"),
    ("gateway", "--pools", "nowhere"),
    ("doctor", "gateway"),
)


def leaves(group: TyperGroup, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    """Every command that does something, with its words."""
    found: dict[tuple[str, ...], object] = {}
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        found |= (
            leaves(command, (*path, name))
            if inner and isinstance(command, TyperGroup)
            else {(*path, name): command}
        )
    return found


def root() -> TyperGroup:
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    return command


COMMANDS = sorted(leaves(root()))
WITHOUT_WORKSPACE = (("init",), ("restore",), ("help",))
"""Commands that work on none: they make one, or print a page."""


def modelpool(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments],
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_of_this_test_are_all() -> None:
    assert {("run",), ("approve",), ("export",), ("rebuild",), ("init",)} <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_explains_every_option_in_a_sentence(words: tuple[str, ...]) -> None:
    command = leaves(root())[words]
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    options = [each for each in getattr(command, "params", ()) if each.name != "help"]
    assert "--json" in {name for each in options for name in each.opts}
    assert words in WITHOUT_WORKSPACE or "--workspace" in {name for each in options for name in each.opts}
    for each in options:
        assert each.help, (words, each.name)
        assert each.help.endswith((".", ")")), (words, each.name)
        shown = each.metavar if isinstance(each, TyperArgument) else each.opts[0]
        assert str(shown) in done.output
    sentence = getattr(command, "help", "")
    assert sentence
    assert sentence.split("\n")[0].endswith((".", "premium."))


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_json_is_one_document_in_ascii_and_nothing_else(ran: Example, words: tuple[str, ...]) -> None:
    said = ran(*words, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.out.isascii()
    json.loads(said.out)


@pytest.mark.parametrize("words", FAILS, ids=" ".join)
def test_a_failure_is_one_json_document_with_a_next_step(ran: Example, words: tuple[str, ...]) -> None:
    said = ran(*words, "--json")
    assert said.err == ""
    assert set(said.json) == {"error", "hint", "exit_code"}
    assert said.json["exit_code"] == said.code
    assert said.code in {2, 30}
    assert said.json["hint"]


@pytest.mark.parametrize("words", FAILS, ids=" ".join)
def test_a_failure_is_two_lines_on_stderr_for_a_person(ran: Example, words: tuple[str, ...]) -> None:
    said = ran(*words)
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 2
    assert "\n hint: " in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("approve",),
        ("publish", "--although-expired"),
        ("verify",),
        ("status",),
        ("history",),
        ("reject",),
        ("review",),
    ],
    ids=" ".join,
)
def test_a_decision_loads_no_table_library_and_no_network(ran: Example, words: tuple[str, ...]) -> None:
    """They must be quick, and whoever approves runs as little code as possible."""
    digest = ran.digest()
    if words[0] == "publish":
        assert ran.approve().code == 0
    more = (digest, *SAY) if words[0] in {"approve", "reject"} else ()
    program = (
        "import sys\nfrom pipeline.cli.app import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'pandas', 'numpy', 'pyarrow', 'httpx', 'bs4', 'jinja2', 'genai_prices'}\n"
        "heavy |= {'sqlalchemy'} if sys.argv[1] == 'review' else set()\n"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words, *more, "--workspace", str(ran.folder)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "0 []", done.stderr


def test_a_run_from_files_loads_no_network_no_page_reader_and_no_migrations(tmp_path: Path) -> None:
    """Each costs .1 s that a run needs only where it asks, reads a page or upgrades a database."""
    place, captures = str(tmp_path / "fresh"), str(ROOT / "data" / "sample" / "2026-W33")
    assert modelpool("init", place).returncode == 0
    program = (
        "import sys\nfrom pipeline.cli.app import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'httpx', 'stamina', 'bs4', 'alembic', 'genai_prices'}\n"
        "print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    words = ["run", "--captures", captures, "--week", "2026-W33", "--now", "2026-08-15T12:00:00Z"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "--workspace", place],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "10 []", done.stderr


def test_help_loads_nothing_that_a_command_needs() -> None:
    program = (
        "import sys\nfrom pipeline.cli.app import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "slow = {'joblib', 'sqlalchemy', 'pandas', 'pydantic_settings', 'httpx', 'jinja2'}\n"
        "print(sorted(slow & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "words", [("review",), ("history",), ("verify",), ("approve", "0" * 8, *SAY)], ids=" ".join
)
def test_no_escape_sequence_where_nobody_watches(ran: Example, words: tuple[str, ...]) -> None:
    done = modelpool(*words, "--workspace", str(ran.folder), TERM="xterm-256color")
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_go_off_with_no_color(more: dict[str, str], coloured: bool) -> None:  # noqa: FBT001 - a parameter
    from rich.text import Text

    def print_red() -> None:
        with mock.patch.dict(os.environ, more):
            print_text(Text("red", style="red"))

    assert (b"\x1b[31m" in on_a_terminal(print_red)) is coloured


def test_a_terminal_of_another_encoding_is_no_failure(ran: Example) -> None:
    said = modelpool("review", "--workspace", str(ran.folder), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert said.returncode == 0, said.stderr
    assert said.stdout.isascii()


def test_a_reader_that_goes_away_is_no_bug(ran: Example) -> None:
    command = f"{sys.executable} -m pipeline.cli review --workspace {ran.folder} | true"
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - the shell of the machine
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert not (ran.folder / "data/errors.log").exists()


def test_without_a_command_the_help_is_shown() -> None:
    done = modelpool()
    assert done.returncode == 2
    assert "The week:" in done.stderr
    assert "error:" not in done.stderr
    assert modelpool("--help").returncode == 0


@pytest.mark.parametrize(
    "words", [words for words in COMMANDS if words not in WITHOUT_WORKSPACE], ids=" ".join
)
def test_a_workspace_that_is_not_there_is_told_and_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = tmp_path / "nowhere"
    done = CliRunner().invoke(app, [*words, *needed(words), "--workspace", str(folder), "--json"])
    assert done.exit_code == 2
    assert "modelpool init" in json.loads(done.stdout)["hint"]
    assert not folder.exists()


def needed(words: tuple[str, ...]) -> list[str]:
    """Something for everything a command asks for."""
    typed = ["--live"] if words == ("sources", "check") else []
    for each in getattr(leaves(root())[words], "params", ()):
        if isinstance(each, TyperArgument):
            typed.append("x@high")
        elif each.required:
            typed += [each.opts[0], "x"]
    return typed
