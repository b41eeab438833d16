"""Help groups the commands, cuts no sentence, and shows an example of each that the command would take."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from pipeline import __version__
from pipeline.cli.app import app
from pipeline.cli.command_help import PANELS
from tests.example import ROOT, invoke

PROGRAM = [sys.executable, "-c", "from pipeline.cli.app import app\napp(prog_name='modelpool')"]


def _all(group: TyperGroup, path: str = "") -> dict[str, TyperCommand | TyperGroup]:
    """Every command and group below another, by its words."""
    found: dict[str, TyperCommand | TyperGroup] = {}
    for name, command in group.commands.items():
        assert isinstance(command, (TyperCommand, TyperGroup))
        found[f"{path} {name}".strip()] = command
        if isinstance(command, TyperGroup):
            found |= _all(command, f"{path} {name}".strip())
    return found


def _root() -> TyperGroup:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    return root


EXAMPLES = {words: line for lines in PANELS.values() for words, line in lines.items()}


def _help(*words: str) -> str:
    done = CliRunner().invoke(app, [*words, "-h"], prog_name="modelpool")
    assert done.exit_code == 0
    return done.output


def test_every_command_has_a_panel_and_an_example_and_nothing_else_has() -> None:
    assert set(EXAMPLES) == set(_all(_root()))


@pytest.mark.parametrize("words", sorted(EXAMPLES))
def test_the_example_ends_the_help_and_is_what_the_command_takes(words: str) -> None:
    example = EXAMPLES[words]
    assert _help(*words.split()).endswith(f"Example:\n    {example}\n")
    program, *typed = shlex.split(example.partition(" > ")[0])
    command: TyperCommand | TyperGroup = _root()
    while isinstance(command, TyperGroup) and typed and typed[0] in command.commands:
        inner = command.commands[typed.pop(0)]
        assert isinstance(inner, (TyperCommand, TyperGroup))
        command = inner
    named = _all(_root())[words]
    assert program == "modelpool"
    assert command.name == named.name or (isinstance(named, TyperGroup) and command.name in named.commands)
    command.make_context(command.name, typed)


@pytest.mark.parametrize("words", ["", *(words for words in EXAMPLES if words in {"sources", "crosswalk"})])
def test_the_list_of_commands_has_whole_sentences_below_their_panels(words: str) -> None:
    shown = _help(*words.split())
    group = _all(_root())[words] if words else _root()
    assert isinstance(group, TyperGroup)
    assert words or [line[:-1] for line in shown.splitlines() if line[:-1] in PANELS] == list(PANELS)
    for command in group.commands.values():
        sentence = (command.help or "").partition("\n")[0]
        assert "".join(sentence.split()) in "".join(shown.split()), "lines may break at a hyphen"


@pytest.mark.parametrize(
    ("typed", "today"),
    [
        ("names", "crosswalk open"),
        ("names --top 3", "crosswalk open --top 3"),
        ("names suggest 'a b'", "crosswalk suggest 'a b'"),
        ("names judge x y@high --reason 'So it is.'", "crosswalk map x y@high --note 'So it is.'"),
        ("names undo x --reason=So.", "crosswalk undo x --note=So."),
        ("sources accept openrouter --reason So.", "sources accept openrouter --note So."),
        ("approve 00000000 --reviewer R --reason So.", "approve 00000000 --reviewer R --note So."),
        ("run --as-of 2026-W30 --workspace w", "replay --as-of 2026-W30 --workspace w"),
        ("whatif --drill", "whatif --vendor-outage"),
    ],
)
def test_a_former_spelling_answers_with_todays(typed: str, today: str) -> None:
    done = CliRunner().invoke(app, [*shlex.split(typed), "--json"])
    assert done.exit_code == 2
    assert f"`modelpool {today} --json`" in json.loads(done.stdout)["hint"]
    assert set(today.split()[:1]) <= set(EXAMPLES)


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"modelpool {__version__}\n")


def test_a_shell_completes_commands_and_options() -> None:
    def complete(typed: str, word: int) -> list[str]:
        asked = {"_MODELPOOL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(word)}
        done = subprocess.run(
            PROGRAM, cwd=ROOT, env={**os.environ, **asked}, capture_output=True, text=True, check=False
        )
        return done.stdout.split()

    assert complete("modelpool cro", 1) == ["crosswalk"]
    assert complete("modelpool whatif --vendor", 2) == ["--vendor-outage"]


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        (["crosswalk", "suggest"], "crosswalk suggest"),
        (["crosswalk", "nothing"], "crosswalk"),
        (["usage", "import", "--nothing"], "usage import"),
        (["approve"], "approve"),
        (["nothing"], ""),
    ],
)
def test_a_mistake_of_typing_names_the_help_of_the_command_that_was_typed(
    typed: list[str], page: str
) -> None:
    said = invoke(typed)
    assert said.code == 2
    assert said.err.splitlines()[1] == f" hint: Read `modelpool {page} --help`.".replace("  --", " --")
