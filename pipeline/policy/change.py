"""Builds the policy with other settings, for a question; the file is not written."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

from pydantic import JsonValue, TypeAdapter, ValidationError

from pipeline.domain.policy import Policy, TaskKind
from pipeline.errors import UsageError
from pipeline.policy.load import invalid_keys
from pipeline.toml_fields import expected_at, explain_error
from pipeline.toml_file import KeyPath, dotted_key, read_toml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_SETTING = re.compile(r"\s*([\w-]+(?:\.[\w-]+|\[\d{1,4}\])*)\s*=(.*)", re.DOTALL)
_PART = re.compile(r"([\w-]+)|\[(\d+)\]")
_MIX = TypeAdapter(tuple[TaskKind, ...])
_MISFIT = "the setting does not fit: "
_HINT = "Write it as --set tiers.balanced.lambda_usd=0.1; the keys are those of data/policy/tiers.toml."


class SettingError(UsageError):
    """A setting names no key, or its value does not fit."""

    def __init__(self, found: str, expected: str, *, lead: str) -> None:
        """Keep what was found and what was expected, for whoever names the place another way.

        Args:
            found: The key and what is wrong with it.
            expected: What belongs there.
            lead: What the message begins with.
        """
        super().__init__(f"{lead}{found}; expected {expected}", hint=_HINT)
        self.found = found
        self.expected = expected


def with_settings(policy: Policy, settings: Sequence[str]) -> Policy:
    """Apply `KEY=VALUE` settings, in order; a value is written as in TOML, `none` takes a key away.

    Raises:
        UsageError: A setting is not of this form.
        SettingError: It names no key, or its value does not fit; the message has the dotted key.
    """
    document: JsonValue = json.loads(policy.model_dump_json())
    for setting in settings:
        found = _SETTING.fullmatch(setting)
        if found is None:
            raise UsageError(f"--set {setting!r} is not KEY=VALUE", hint=_HINT)
        _set_value(document, _path(found[1]), _value(found[2].strip()))
    return _validate(document)


def with_task_mix(policy: Policy, path: Path) -> Policy:
    """Replace mixes of tasks by the `[[task_mix]]` and `[[task_mixes.NAME]]` tables of a TOML file.

    Raises:
        UsageError: The file is missing, is not TOML, or its kinds do not make a mix.
    """
    _, _, document = read_toml(path)
    settled: dict[str, JsonValue] = json.loads(policy.model_dump_json())
    named = document.get("task_mixes", {})
    given: dict[KeyPath, object] = {}
    given |= {("task_mix",): document.get("task_mix")} if "task_mix" in document or not named else {}
    if isinstance(named, dict):
        given |= {("task_mixes", name): mix for name, mix in named.items()}
    for place, kinds in given.items():
        mix = _mix(path, place, kinds)
        _set_value(settled, place, mix)
    return _validate(settled)


def _mix(path: Path, place: KeyPath, kinds: object) -> JsonValue:
    try:
        mix = _MIX.validate_json(json.dumps(kinds, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        found, expected = explain_error(Policy, (*place, *first["loc"]), first)
        raise UsageError(f"{path}: {found}; expected {expected}", hint=f"Correct {path}.") from None
    found_kinds: JsonValue = json.loads(_MIX.dump_json(mix))
    return found_kinds


def without_vendors(policy: Policy, vendors: Sequence[str]) -> Policy:
    """Deny vendors in every tier."""
    tiers = {
        name: tier.model_copy(update={"vendors_denied": (*tier.vendors_denied, *vendors)})
        for name, tier in policy.tiers.items()
    }
    return policy.model_copy(update={"tiers": tiers})


def _path(text: str) -> KeyPath:
    return tuple(int(found[2]) if found[2] else found[1] for found in _PART.finditer(text))


def _value(text: str) -> JsonValue:
    """Read a TOML value; a bare word is a text, so that nobody needs quotes inside quotes."""
    if text == "none":
        return None
    try:
        document: dict[str, JsonValue] = json.loads(json.dumps(tomllib.loads(f"value = {text}"), default=str))
    except ValueError:
        return text
    return document["value"]


def _set_value(document: JsonValue, path: KeyPath, value: JsonValue) -> None:
    """Put a value at a path; a key that the document does not have is refused."""
    holder = document
    for number, part in enumerate(path, start=1):
        if not _has_part(holder, part):
            known = _keys(holder, path[: number - 1])
            raise SettingError(f"{dotted_key(path)}: {part!r} is not a key here", known, lead="--set ")
        if number == len(path):
            _write(holder, part, value)
        else:
            holder = _part_of(holder, part)


def _write(holder: JsonValue, part: str | int, value: JsonValue) -> None:
    if isinstance(holder, dict) and isinstance(part, str):
        holder[part] = value
    if isinstance(holder, list) and isinstance(part, int):
        holder[part] = value


def _part_of(holder: JsonValue, part: str | int) -> JsonValue:
    if isinstance(holder, dict):
        return holder.get(str(part))
    return holder[part] if isinstance(holder, list) and isinstance(part, int) else None


def _has_part(holder: JsonValue, part: str | int) -> bool:
    if isinstance(holder, dict):
        return part in holder
    return isinstance(holder, list) and isinstance(part, int) and part < len(holder)


def _keys(holder: JsonValue, path: KeyPath) -> str:
    if isinstance(holder, dict):
        return f"one of {', '.join(sorted(holder))}"
    if isinstance(holder, list):
        return f"an index below {len(holder)}, e.g. {dotted_key((*path, 0))}"
    return f"nothing below it, {dotted_key(path)} is {expected_at(Policy, path)}"


def _validate(document: JsonValue) -> Policy:
    try:
        policy = Policy.model_validate_json(json.dumps(document))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        found, expected = explain_error(Policy, first["loc"], first)
        raise SettingError(found, expected, lead=_MISFIT) from None
    for lack in invalid_keys(policy):
        raise SettingError(f"{dotted_key(lack.path)} {lack.found}", lack.expected, lead=_MISFIT)
    return policy


def with_tiers(policy: Policy, added: Sequence[str], dropped: Sequence[str]) -> Policy:
    """Add tiers that are like others (`NAME=LIKE`), and drop tiers by name; then `with_settings` may differ.

    Raises:
        UsageError: A tier to be like or to drop does not exist, one to add does, or none would be left.
    """
    tiers = dict(policy.tiers)
    for one in added:
        name, _, like = (part.strip() for part in one.partition("="))
        if like not in tiers or not name or name in tiers:
            raise UsageError(
                f"--add-tier {one!r} is not NEW=LIKE with a new name and a tier there is",
                hint=f"Its tiers are {', '.join(sorted(tiers))}, e.g. --add-tier mine={min(tiers)}.",
            )
        tiers[name] = tiers[like]
    for name in dropped:
        if name not in tiers or len(tiers) == 1:
            raise UsageError(
                f"--drop-tier {name!r} is not a tier that can be dropped",
                hint=f"Its tiers are {', '.join(sorted(tiers))}; one must stay.",
            )
        del tiers[name]
    return with_settings(policy.model_copy(update={"tiers": tiers}), ())
