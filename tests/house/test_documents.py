"""README says what is true: its commands exist, its files exist, its exit codes are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from typer.core import TyperGroup
from typer.main import get_command

from pipeline.cli.app import app
from pipeline.cli.console import UNEXPECTED
from pipeline.cli.run import PROPOSAL_WAITS, SOURCE_HELD
from pipeline.errors import RefusedError, UsageError
from pipeline.sources.registry import SOURCES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def _commands() -> set[str]:
    """Every command of the command line, with its group."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    found = set()
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {child}" for child in inner} if inner else {name}
        if getattr(command, "invoke_without_command", False):
            found.add(name)
    return found


def test_the_command_table_is_the_command_line() -> None:
    table = set(re.findall(r"^\| `modelpool ([a-z -]+)` \|", README, re.MULTILINE))
    assert table == _commands()


def test_every_option_readme_types_exists() -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for line in re.findall(r"^modelpool .+", README, re.MULTILINE):
        name = line.split()[1]
        command = root.commands[name]
        known = {option for parameter in command.params for option in parameter.opts}
        typed = set(re.findall(r"(--[a-z-]+)", line.partition("#")[0]))
        assert typed <= known, line


def test_the_exit_codes_are_those_of_the_code() -> None:
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    codes = {0, PROPOSAL_WAITS, SOURCE_HELD, RefusedError.exit_code, UsageError.exit_code, UNEXPECTED}
    assert table == codes


def test_every_source_is_in_the_table_of_files() -> None:
    for name, spec in SOURCES.items():
        assert f"| `{name}` | {spec.summary} |" in README


def test_every_linked_file_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_two_commands_come_first_and_exist() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    first = re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)[:2]
    assert first == ["run", "test"]
    assert set(first) <= set(targets)


def test_every_make_target_has_a_sentence() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: ([a-z-]+)", text, re.MULTILINE)) - {"format-check"}
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
