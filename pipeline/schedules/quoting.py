"""Quotes a path for the language of one unit."""

from __future__ import annotations

import json
import shlex


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
