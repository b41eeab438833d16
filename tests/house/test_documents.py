"""README says what is true: its commands exist, its files exist, its exit codes are those of the code."""

from __future__ import annotations

import re
import subprocess
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
MANUAL = {path.stem: path.read_text() for path in (ROOT / "pipeline/cli/manual/pages").glob("*.md")}


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


def test_every_command_that_a_page_names_exists() -> None:
    known = _commands() | {words.partition(" ")[0] for words in _commands()}
    assert len(MANUAL) > 5
    for text in (README, *MANUAL.values()):
        for first, second in re.findall(r"`modelpool ([a-z][a-z-]*)((?: [a-z-]+)?)", text):
            assert f"{first}{second}" in known or first in known, (first, second)


def test_every_option_that_a_page_types_exists() -> None:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    for line in re.findall(r"^modelpool .+", "\n".join((README, *MANUAL.values())), re.MULTILINE):
        name = line.split()[1]
        command = root.commands[name]
        known = {option for parameter in command.params for option in parameter.opts}
        typed = set(re.findall(r"(--[a-z-]+)", line.partition("#")[0]))
        assert typed <= known, line


def test_the_exit_codes_are_those_of_the_code() -> None:
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", MANUAL["week"], re.MULTILINE)}
    codes = {0, PROPOSAL_WAITS, SOURCE_HELD, RefusedError.exit_code, UsageError.exit_code, UNEXPECTED}
    assert table == codes


def test_every_source_is_in_the_table_of_files() -> None:
    for name, spec in SOURCES.items():
        assert f"| `{name}` | {spec.summary} |" in MANUAL["sources"]


def test_every_linked_file_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_file_that_contributing_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"`((?:pipeline|data|reviews|\.ci)/[\w./-]+|[A-Z]+\.md)`", text))
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_a_walk_of_contributing_has_at_most_15_hops() -> None:
    walks = re.split(r"^## ", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE)[-2:]
    for walk in walks:
        hops = re.findall(r"^(\d+)\. `pipeline/", walk, re.MULTILINE)
        assert hops == [str(number) for number in range(1, len(hops) + 1)]
        assert 10 <= len(hops) <= 15


def test_bytes_with_a_digest_on_record_are_not_text_to_git() -> None:
    places = (
        "data/pools/v0001.json",
        "data/crosswalk/variants.csv",
        "data/policy/tiers.toml",
        "data/raw/x/y.json",
    )
    asked = ["git", "check-attr", "text", "--", *places, "reviews/2026-W22/proposal.json", "README.md"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    said = [line.rpartition(": ")[2] for line in done.stdout.splitlines()]
    assert said == ["unset"] * 5 + ["unspecified"]


def test_the_two_commands_come_first_and_exist() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    first = re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)[:2]
    assert first == ["run", "test"]
    assert set(first) <= set(targets)


def test_every_make_target_has_a_sentence() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: ([a-z-]+)", text, re.MULTILINE)) - {"format-check"}
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
