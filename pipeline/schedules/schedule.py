"""Defines what a scheduled job needs, how its values are quoted, and what can start it."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def in_shell(text: str) -> str:
    """Quote a word for a POSIX shell."""
    return shlex.quote(text)


def in_cron(text: str) -> str:
    """Quote a word for a shell inside a crontab, where a percent sign would end the command."""
    return shlex.quote(text).replace("%", "\\%")


def in_systemd(text: str) -> str:
    """Quote a word for a unit file, where `%` and `$` would be replaced."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$") + '"'


def in_yaml(text: str) -> str:
    """Quote a text for YAML."""
    return json.dumps(text, ensure_ascii=False)


_LONGEST_CRON_LINE: Final = 990
_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledJob:
    """One workspace's weekly job; every path is absolute."""

    workspace: Path
    command: tuple[str, ...]
    """The program, as it is started without a PATH."""
    environment_file: Path
    log: Path
    version: str
    """Of the program, for targets that install it."""
    hour: int = 6
    """Monday, UTC where the target has a time zone."""

    @property
    def minute(self) -> int:
        """A minute of this workspace's own: not everybody asks the sources at the full hour."""
        return int.from_bytes(hashlib.sha256(str(self.workspace).encode()).digest()[:4]) % 60

    @property
    def name(self) -> str:
        """What the unit is called, from the name of the workspace's folder."""
        plain = "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in self.workspace.name)
        return f"modelpool-{plain.strip('-').lower() or 'weekly'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    files: tuple[tuple[str, str], ...]
    """The name of each file, `@name@` for the unit's, and its template."""
    quote: Callable[[str], str]


TARGETS: Final[Mapping[str, _Target]] = {
    "cron": _Target(files=(("@name@.cron", "cron.txt"),), quote=in_cron),
    "systemd": _Target(
        files=(("@name@.service", "service.txt"), ("@name@.timer", "timer.txt")), quote=in_systemd
    ),
    "github-actions": _Target(files=(("@name@.yml", "github_actions.txt"),), quote=in_shell),
    "kubernetes": _Target(files=(("@name@.yaml", "kubernetes.txt"),), quote=in_yaml),
}
"""What can start the job."""


def render_schedule(target: str, job: ScheduledJob) -> Mapping[str, str]:
    """Return the files of a target by name.

    Raises:
        UsageError: There is no such target, or a path holds what no unit can say.
    """
    if target not in TARGETS:
        raise UsageError(f"{target!r} starts no job", hint=f"Targets are: {', '.join(TARGETS)}.")
    for path in (job.workspace, job.environment_file, job.log, *job.command):
        if not str(path).isprintable():
            raise UsageError(
                f"{str(path)!r} holds a line end or another control character",
                hint="Move the workspace to a folder with an ordinary name.",
            )
    quote = TARGETS[target].quote
    values = {
        "name": job.name,
        "version": job.version,
        "minute": str(job.minute),
        "hour": str(job.hour),
        "workspace": quote(str(job.workspace)),
        "command": " ".join(quote(word) for word in job.command),
        "environment": quote(str(job.environment_file)),
        "log": quote(str(job.log)),
        "workspace_unit": _in_unit(job.workspace),
        "environment_unit": _in_unit(job.environment_file),
        "log_unit": _in_unit(job.log),
    }
    files = {_fill(name, values): _fill(_template(file), values) for name, file in TARGETS[target].files}
    if target == "cron" and max(map(len, "".join(files.values()).splitlines())) > _LONGEST_CRON_LINE:
        raise UsageError(
            f"the cron line would have more than {_LONGEST_CRON_LINE} characters, which cron does not read",
            hint="Use `modelpool schedule systemd`, or move the workspace to a shorter path.",
        )
    return files


def _in_unit(path: Path) -> str:
    """Write a path where systemd takes the rest of the line, blanks included."""
    return str(path).replace("%", "%%")


def environment_template() -> str:
    """Return the file of variables as it is first written: every one is there, and none is set."""
    return _template("environment.txt")


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
