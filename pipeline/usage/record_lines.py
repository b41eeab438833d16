"""Reads answers from the documented JSONL or from LiteLLM's spend logs; a bad line is rejected by number.

What a line holds of a request's or answer's text is never looked at, so it cannot be kept.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NoReturn

from pydantic import ValidationError

from pipeline.domain.usage import UsageRecord
from pipeline.errors import UsageError
from pipeline.usage.fields import decimal_of, moment_of
from pipeline.usage.spend_log import fields_of_spend_log, is_spend_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LONGEST_LINE: Final = 32 * 2**20
"""Characters; a spend log with its prompts stays far below."""
_OPTIONAL: Final = (
    "session",
    "tokens_in",
    "tokens_out",
    "usd",
    "outcome",
    "grader",
    "pair",
    "tools",
    "chars",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A line that was not taken, and why."""

    line: int
    reason: str


def read_lines(
    lines: Iterable[str], variants: Mapping[str, str]
) -> Iterator[tuple[int, UsageRecord | RejectedLine]]:
    """Read one answer a line; blank lines are passed over.

    Args:
        lines: JSON objects, one a line.
        variants: Our variant by the deployment id of a spend log, for ids that do not name it themselves.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, _record(line, variants)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "the line"
            silent = first["type"] in {"missing", "extra_forbidden"}  # what is no field may be a prompt
            given = "" if silent else f" (it is {str(first['input'])[:60]!r})"
            yield number, RejectedLine(line=number, reason=f"`{where}`: {first['msg']}{given}")
        except (ValueError, ArithmeticError, RecursionError) as error:
            yield number, RejectedLine(line=number, reason=str(error)[:200] or type(error).__name__)


def lines_of(file: Path) -> Iterator[str]:
    """Read the lines of a file, plain or gzipped; the objects of a JSON array count as lines.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8") as text
        ):
            first = text.readline()
            if not first.lstrip().startswith("["):
                yield first
                yield from text
                return
            array: object = json.loads(first + text.read(), parse_constant=_no_number)
    except (OSError, EOFError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{file} cannot be read ({getattr(error, 'strerror', None) or error})",
            hint="Give a file of JSON lines or a JSON array in UTF-8, plain or as .gz.",
        ) from None
    yield from map(json.dumps, array if isinstance(array, list) else [])


def _record(line: str, variants: Mapping[str, str]) -> UsageRecord:
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"the line has {len(line)} characters; {_LONGEST_LINE} are read")
    try:
        value: object = json.loads(line, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON ({error.msg}, column {error.colno})") from None
    if not isinstance(value, dict):
        raise ValueError("the line is no JSON object")  # noqa: TRY004 - one error type for a bad line
    fields = fields_of_spend_log(value, variants) if is_spend_log(value) else _documented(value)
    return UsageRecord.model_validate(dict.fromkeys(_OPTIONAL) | fields)


def _documented(value: dict[str, object]) -> dict[str, object]:
    fields = dict(value)
    fields["time"] = moment_of(value.get("time"), naive_is_utc=False)
    if value.get("usd") is not None:
        fields["usd"] = decimal_of(value["usd"])
    if isinstance(value.get("outcome"), bool):
        fields["outcome"] = int(bool(value["outcome"]))
    return fields


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
