"""Reads `data/policy/tiers.toml`, or says which key is wrong, where, and what was expected."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import AA_AGENTIC, AA_CODING, AA_INTELLIGENCE, Sha256
from pipeline.domain.policy import Lateness, Policy
from pipeline.errors import UsageError
from pipeline.policy.upgrade import CURRENT
from pipeline.toml_fields import explain_error
from pipeline.toml_file import KeyPath, broken_at, dotted_key, line_of, parse_toml, read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max", "on", "default")
"""Every effort a variant may have; a ladder without one could not price it."""
GRADES: Final = ("1", "2a", "2b", "3a", "3b")
"""How a verbosity may be known (method section 4)."""
ROUTES: Final = ("litellm", "openrouter")
INDICES: Final = (AA_INTELLIGENCE, AA_CODING, AA_AGENTIC)

_TIER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_ARENA = re.compile(r"arena-[a-z]+/[a-z_-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidKey:
    """A key whose value does not fit the rest."""

    path: KeyPath
    found: str
    expected: str


def invalid_keys(policy: Policy) -> Iterator[InvalidKey]:
    """Yield every key that would fail later, in the order of the file's sections."""
    yield from _routes(policy)
    yield from _evidence(policy)
    yield from _same_keys(("cost", "effort_ladder"), policy.cost.effort_ladder, EFFORTS)
    yield from _same_keys(("cost", "log_sd"), policy.cost.log_sd, GRADES)
    yield from _mixes(policy)
    yield from _tiers(policy)


def _mixes(policy: Policy) -> Iterator[InvalidKey]:
    for place, mix in policy.mixes.items():
        names = [kind.name for kind in mix]
        if len(set(names)) < len(names):
            path = tuple(place.split("."))
            yield InvalidKey(path=path, found=f"names {names}", expected="a name of its own for each kind")


def _routes(policy: Policy) -> Iterator[InvalidKey]:
    routes = policy.routes
    if not routes or len(set(routes)) < len(routes) or not set(routes) <= set(ROUTES):
        yield InvalidKey(
            path=("routes",), found=f"is {list(routes)}", expected=f"one or both of {', '.join(ROUTES)}, once"
        )


def _evidence(policy: Policy) -> Iterator[InvalidKey]:
    for name, evidence in sorted(policy.evidence.items()):
        path = ("evidence", name)
        if _ARENA.fullmatch(evidence.arena) is None:
            yield InvalidKey(
                path=(*path, "arena"), found=f"is {evidence.arena!r}", expected="e.g. 'arena-text/overall'"
            )
        if evidence.index not in INDICES:
            yield InvalidKey(
                path=(*path, "index"), found=f"is {evidence.index!r}", expected=f"one of {', '.join(INDICES)}"
            )


def _same_keys(path: KeyPath, seen: Collection[str], wanted: tuple[str, ...]) -> Iterator[InvalidKey]:
    if set(seen) != set(wanted):
        yield InvalidKey(
            path=path, found=f"has the keys {sorted(seen)}", expected=f"exactly {', '.join(wanted)}"
        )


def _tiers(policy: Policy) -> Iterator[InvalidKey]:
    if not policy.tiers:
        yield InvalidKey(path=("tiers",), found="is empty", expected="at least one tier")
    for name in policy.tiers:
        if _TIER.fullmatch(name) is None:
            yield InvalidKey(
                path=("tiers", name),
                found="is not a tier's name",
                expected="lower-case letters, digits and -",
            )


_DOTTED = re.compile(r"[a-z_]+(?:\.[\w-]+)*")
_QUOTED = re.compile(r"'([^']*)'")


def load_policy(path: Path) -> tuple[Policy, Sha256]:
    """Read the policy file; the digest is that of the file's bytes.

    Raises:
        UsageError: The file is missing, is not TOML, or a key is missing, unknown or not of its form.
    """
    body, text, document = read_toml(path)
    return _policy(path, text, document), sha256_hex(body)


def check_policy(path: Path, text: str) -> None:
    """Check that a text would be read as the policy at a path.

    Raises:
        UsageError: It is not TOML, or a key is missing, unknown or not of its form.
    """
    _policy(path, text, parse_toml(path, text))


def _policy(path: Path, text: str, document: dict[str, object]) -> Policy:
    _check_format(path, document)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        policy = Policy.model_validate_json(json.dumps(document, default=_moment))
    except ValidationError as error:
        raise _broken_key(path, text, document, error) from None
    except RecursionError:
        raise broken_at(path, None, "tables are nested too deeply", "at most three levels") from None
    for part in invalid_keys(policy):
        raise broken_at(
            path, line_of(text, part.path), f"{dotted_key(part.path)} {part.found}", part.expected
        )
    return policy


def _check_format(path: Path, document: dict[str, object]) -> None:
    """Refuse a file of another form as a whole, before a single key of it is found wrong."""
    check_format_is_known(path, document)
    number = document.get("format")
    if isinstance(number, int) and 0 < number < CURRENT:
        raise UsageError(
            f"{path} is of format {number}; this version reads format {CURRENT}",
            hint="`modelpool policy upgrade` rewrites it and shows the difference.",
        )


def check_format_is_known(path: Path, document: dict[str, object]) -> None:
    """Refuse a file of a later form than this version knows.

    Raises:
        UsageError: It is of one.
    """
    number = document.get("format")
    if isinstance(number, int) and number > CURRENT:
        raise UsageError(
            f"{path}: this file is of format {number}, newer than this modelpool reads ({CURRENT})",
            hint="Use the modelpool that wrote it, or take the file before it: "
            f"`git log -p -- {shlex.quote(str(path))}`.",
        )


def _moment(value: object) -> dict[str, str]:
    """Stand in for a TOML date, which no key takes; an object fits neither text nor number."""
    return {"date": str(value)}


def _broken_key(path: Path, text: str, document: dict[str, object], error: ValidationError) -> UsageError:
    problems = error.errors(include_url=False)
    first = problems[0]
    key: KeyPath = first["loc"] or _mentioned_key(first["msg"], document)
    more = f" ({len(problems) - 1} more after this one)" if len(problems) > 1 else ""
    found, expected = explain_error(Policy, key, first)
    return broken_at(path, line_of(text, key), found, f"{expected}{more}")


def _mentioned_key(message: str, document: dict[str, object]) -> KeyPath:
    """Find the key that a rule over several keys speaks of."""
    for word in _DOTTED.findall(message):
        parts = tuple(word.split("."))
        if parts[0] in document:
            return parts
    quoted = _QUOTED.search(message)
    return () if quoted is None else _holder(document, quoted[1])


def _holder(value: object, sought: str) -> KeyPath:
    """Find the first key whose value is this text; () where none is."""
    if not isinstance(value, dict):
        return ()
    for key, inner in value.items():
        below = (key,) if inner == sought else _holder(inner, sought)
        if below:
            return below if inner == sought else (key, *below)
    return ()


def load_lateness(path: Path) -> Lateness | None:
    """Read what a late approval costs; None where the workspace holds no such file.

    Raises:
        UsageError: The file is not TOML, or a key is missing, unknown or not of its form.
    """
    if not path.exists():
        return None
    _, text, document = read_toml(path)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        return Lateness.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = first["loc"]
        found = f"{dotted_key(key)}: {first['msg']}" if key else first["msg"].removeprefix("Value error, ")
        raise broken_at(path, line_of(text, key), found, "ages and one list as long for each tier") from None
    except RecursionError:
        raise broken_at(path, None, "tables are nested too deeply", "at most one level") from None
