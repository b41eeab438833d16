"""Logs what the commands did, for the on-call engineer: one JSON line per event in `data/log.jsonl`.

Only commands that change the record write here, and any command that fails. `MODELPOOL_LOG_FORMAT=json` sends
the same lines to stderr. Every text passes a redactor, and nothing here ever raises: a command must not fail
because its log did.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pipeline.domain.escape import escape_hidden
from pipeline.domain.secrets import secret_forms
from pipeline.regular_file import append_bytes
from pipeline.settings import known_secrets, logs_json
from pipeline.workspace import is_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

_REDACTED: Final = "[secret]"


class CommandLog:
    """The log of one command; its file is made by the first event, if the workspace is there."""

    def __init__(self, file: Path, command: str) -> None:
        """Name the file and the command."""
        self._file = file
        self._command = command
        self._run = secrets.token_hex(4)

    def tell(self, event: str, /, **facts: JsonValue) -> None:
        """Add one line; the moment, the command, its run and the event come first."""
        with contextlib.suppress(Exception):
            self._write(event, facts)

    def fail(self, error: str, hint: str, code: int, kind: str) -> bool:
        """Add a failure of a kind, where there is a workspace; tell whether stderr has it already."""
        if not is_workspace(self._file.parent.parent):
            return False
        self.tell("failed", kind=kind, error=error, hint=hint, exit=code)
        return logs_json()

    def _write(self, event: str, facts: dict[str, JsonValue]) -> None:
        said = {"at": _now(), "command": self._command, "run": self._run, "event": event, **facts}
        line = json.dumps(_clean(said)) + "\n"
        if logs_json():
            sys.stderr.write(line)
        if self._file.parent.is_dir():
            append_bytes(self._file, line.encode("ascii"))


def keep_traceback(file: Path, command: str) -> str:
    """Keep the traceback of the exception being handled for debugging; say where it is.

    Its lines are indented below a heading, so that no message of an exception looks like a second entry.
    """
    lines = redact(traceback.format_exc()).splitlines()
    heading = escape_hidden(redact(f"{_now()} modelpool {command}"))
    text = "".join(f"  {escape_hidden(line)}\n" for line in lines)
    try:
        append_bytes(file, f"{heading}\n{text}".encode(errors="backslashreplace"))
    except OSError:
        return "its traceback could not be kept"
    return f"its traceback is in {file}"


def redact(text: str) -> str:
    """Take every secret of the environment out of a text, in the forms in which libraries print it."""
    forms = {form for secret in known_secrets() for form in secret_forms(secret)}
    for form in sorted(forms, key=len, reverse=True):  # the end of a secret must not hide its beginning
        text = text.replace(form, _REDACTED)
    return text


def _clean(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {redact(name): _clean(each) for name, each in value.items()}
    return value


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
