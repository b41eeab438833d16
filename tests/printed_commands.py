"""Executes the commands that are printed in tests: a next step that is refused or not understood fails.

Whatever `CliRunner` prints between backticks, or on an indented line of its own, is a command to paste. The
first of each kind is kept with a copy of its workspace as it was, and is executed there when the test has
ended, after those that the same line names before it: with a name and note where a person has to write them,
the moment that the printing command was given, the sample where it would ask the network, and `--check`
where it would serve.

`PRINTED_COMMANDS=all` keeps one for each message instead of one for each command, for
`make printed-commands`.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
from contextlib import chdir, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.domain.calendar import read_moment, week_of
from pipeline.errors import RefusedError
from pipeline.review.decisions.chain import latest_decision
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.review.proposals.questions import questions_of
from tests.example import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_MESSAGE: Final = os.environ.get("PRINTED_COMMANDS") == "all"
_INLINE: Final = re.compile(r"`(modelpool [^`]+)`")
_OWN_LINE: Final = re.compile(r" +(modelpool [^`|>]+)")
_DATED: Final = {"run", "review", "approve", "reject", "withdraw", "publish", "status", "verify", "sources"}
"""Commands that take `--now`."""
_ASKS: Final = {"verify", "doctor", "status", "replay"}
"""They are named to find out what is wrong: saying so with exit 30 or 1 is their answer."""
_WRITTEN_BY_PEOPLE: Final = {
    "--reviewer": "R. Viewer",
    "--note": "Read the page.",
    "--hold": "",
}
"""What stands in a printed command for a person's own words; without words, the option is left out."""
_AFTER: Final = {"publish": "approve", "whatif": "run"}
"""Which command, printed above it, comes first."""
_MENTIONED: Final = {("why-not",)}
"""Commands that are named without being a next step."""
_CONFIRMED: Final = "--although-expired"
_SPOILED: Final = ("is not a sound database", "has a schema this modelpool does not know")
_HERE: Final = ("--workspace", ".")
_UNDERSTOOD: Final = {0, 10, 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCommand:
    """A command as it was printed, where, and by what."""

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...]
    """The commands that come first."""
    workspace: Path
    """A copy of it."""
    given: Path
    """Where it was."""
    printed_by: tuple[str, ...]
    kind: tuple[str, ...]

    def execute(self) -> str:
        """Execute it in its copy; return what went wrong, empty where nothing did."""
        try:
            with chdir(self.workspace):
                for words in self.before:
                    CliRunner().invoke(app, _completed(words, self))
                done = CliRunner().invoke(app, _completed(self.words, self))
                if any(one in done.stderr for one in _SPOILED):  # by the test; the refusal says what mends it
                    assert CliRunner().invoke(app, ["rebuild", *_HERE]).exit_code == 0
                    done = CliRunner().invoke(app, _completed(self.words, self))
                if _CONFIRMED in done.stderr:  # a person has to say that an old pool is meant
                    done = CliRunner().invoke(app, [*_completed(self.words, self), _CONFIRMED])
        finally:
            shutil.rmtree(self.workspace)
        if self.words[0] == self.printed_by[0] and self.words[0] in _ASKS - {"replay"}:
            return f"modelpool {shlex.join(self.words)} names itself as its next step"
        if done.exit_code in _UNDERSTOOD or (self.words[0] in _ASKS and done.exit_code in {1, 30}):
            return ""
        said = (done.stdout + done.stderr).strip()
        return (
            f"modelpool {shlex.join(self.words)}\n  printed by {shlex.join(self.printed_by)}\n"
            f"  exit {done.exit_code}: {said}"
        )


@dataclass(slots=True)
class PrintedCommands:
    """The commands that were printed in this process."""

    folder: Path
    kinds: set[tuple[str, ...]] = field(default_factory=set)
    waiting: list[PrintedCommand] = field(default_factory=list)
    executing: bool = False
    process: int = field(default_factory=os.getpid)
    """What a child of it prints is not read: children run at once, and end before anything is executed."""
    copies: int = 0

    def read(self, typed: Sequence[str], text: str) -> None:
        """Keep each command of a text, with its workspace, unless one of its kind was kept."""
        if self.executing or os.getpid() != self.process or typed[:1] == ["replay"]:
            return  # a replay quotes a proposal of another moment
        above: list[tuple[str, ...]] = []
        for line in text.splitlines():
            inline = [words for found in _INLINE.findall(line) if (words := _words(found))]
            for place, words in enumerate(inline):
                self._keep(words, tuple(inline[:place]), typed, line)
            own = _OWN_LINE.match(line)
            if own and (words := _words(own[1])):
                first = [one for one in above if one[0] == _AFTER.get(words[0])]
                self._keep(words, tuple(first), typed, line)
                inline.append(words)
            above += inline

    def forget(self) -> None:
        """Execute nothing of what still waits."""
        for one in self.waiting:
            self.kinds.discard(one.kind)
            shutil.rmtree(one.workspace, ignore_errors=True)
        self.waiting = []

    def execute(self) -> list[str]:
        """Execute what waits; return what went wrong."""
        waiting, self.waiting, self.executing = self.waiting, [], True
        try:
            return [said for said in (one.execute() for one in waiting) if said]
        finally:
            self.executing = False

    def _keep(
        self, words: tuple[str, ...], before: tuple[tuple[str, ...], ...], typed: Sequence[str], line: str
    ) -> None:
        workspace, kind = _workspace(words, typed), _kind(words, line if EVERY_MESSAGE else "")
        if workspace is None or kind in self.kinds or words[:-2] in _MENTIONED:
            return
        self.kinds.add(kind)
        self.copies += 1
        copy = self.folder / str(self.copies)
        shutil.copytree(workspace, copy, symlinks=True, copy_function=_copy_file)
        if (shared := copy / "data/policy/shared.toml").is_file():  # paths are written as seen from there
            shared.write_text(shared.read_text().replace("../", f"{workspace.resolve().parent}/"))
        self.waiting.append(
            PrintedCommand(
                words=words,
                before=before,
                workspace=copy,
                given=workspace,
                printed_by=tuple(typed),
                kind=kind,
            )
        )


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text)[1:])
    except ValueError:
        return ()


def _copy_file(source: str, target: str) -> None:
    """Copy a file; a pipe that a test put in the place of one is made anew."""
    if stat.S_ISFIFO(os.lstat(source).st_mode):
        os.mkfifo(target)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


def _workspace(words: Sequence[str], typed: Sequence[str]) -> Path | None:
    """Return the workspace that a printed command is for: the one it names, else the one typed, else this."""
    for each in (words, typed):
        if "--workspace" in each[:-1]:
            found = Path(each[each.index("--workspace") + 1])
            return found if (found / "data").is_dir() else None
    return None


def _kind(words: Sequence[str], line: str) -> tuple[str, ...]:
    options = tuple(sorted(word for word in words if word.startswith("--") and word != "--workspace"))
    verbs = tuple(word for word in words[:2] if word.isalpha())
    return (*verbs, *options, re.sub(r"\d+|'[^']*'|\S*/\S*", "", line))


def _completed(words: Sequence[str], command: PrintedCommand) -> list[str]:
    """Write what a person has to write, and keep a command from the network and from serving."""
    typed = [str(command.workspace) if word == str(command.given) else word for word in words]
    for option, value in {**_WRITTEN_BY_PEOPLE, "--never": _number_to_hold(command.workspace)}.items():
        if option in typed[:-1]:
            place = typed.index(option)
            typed[place : place + 2] = [option, value] if value else []
    if typed[0] in _DATED and "--now" not in typed and (moment := _moment(command)):
        typed += ["--now", moment]
    if typed[0] == "run":
        typed += ["--captures", str(_sample(typed))]
    if "FILE" in typed:
        typed[typed.index("FILE")] = str(_answers(command.workspace))
    if typed[0] == "gateway":
        typed += ["--check"]
    return typed


def _moment(command: PrintedCommand) -> str:
    """Return when it is typed: at the printing command's moment, and not before what was decided since."""
    named = [at for word, at in pairwise(command.printed_by) if word == "--now"]
    with suppress(RefusedError):  # a record that was tampered with says nothing about time
        latest = latest_decision(command.workspace / "reviews") if named else None
        return max(named[-1], latest[0].decided_at) if latest else "".join(named[-1:])
    return named[-1]


def _sample(typed: Sequence[str]) -> Path:
    """Return the newest sample of a week that had begun at the moment of a command; else the oldest."""
    now = read_moment(typed[typed.index("--now") + 1]) if "--now" in typed else datetime.now(UTC)
    samples = sorted((ROOT / "data/sample").glob("*-W*"))
    return max((one for one in samples if one.name <= week_of(now)), default=samples[0])


def _answers(workspace: Path) -> Path:
    """Write a file of answers for `usage import`."""
    line = {"request": "r1", "workload": "review", "time": "2026-08-01T12:00:00Z", "variant": "small@none"}
    file = workspace / "answers.jsonl"
    file.write_text(json.dumps(line) + "\n")
    return file


def _number_to_hold(workspace: Path) -> str:
    """Return the number of the first change of the pending proposal that can be held; empty without one."""
    found = Reviews(workspace / "reviews").pending
    asked = questions_of(found.proposal) if found else ()
    return next((str(one.number) for one in asked if one.direction is not None), "")
