"""Reads a grid file and expands it into policies: a base policy and lists of values for some constants."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from pipeline.backtest.history_adapter import answerable_policy, judgeable_tiers
from pipeline.backtest.tuning.folds import TUNABLE
from pipeline.backtest.tuning.walk_forward import AT_LEAST, Objective
from pipeline.domain.calendar import Week, read_week
from pipeline.domain.document import Document, sha256_hex
from pipeline.domain.policy import Positive
from pipeline.errors import UsageError
from pipeline.policy.change import SettingError, with_settings
from pipeline.policy.load import load_policy
from pipeline.toml_file import KeyPath, broken_at, dotted_key, line_of, read_toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from pipeline.domain.ids import Sha256
    from pipeline.domain.policy import Policy


_WEIGHED: Final = tuple(name for name in TUNABLE if name not in AT_LEAST)
"""Measures of which less is better."""


class GridDocument(Document):
    """The keys of a grid file."""

    model_config = ConfigDict(serialize_by_alias=True)

    format: Annotated[int, Field(ge=1, le=1)]
    policy: str
    """The policy file whose constants are varied, beside the grid file."""
    history: str | None = None
    """A weekly table, from the grid file's folder."""
    backfilled_prices: bool = False
    """Use prices that became known only later, too."""
    first: Annotated[str | None, Field(alias="from")] = None
    last: Annotated[str | None, Field(alias="to")] = None
    splits: Annotated[tuple[str, ...], Field(min_length=1)]
    """Weeks up to which a policy is chosen; it is reported from the week after each to the next one."""
    horizon: Annotated[int, Field(ge=1)] = 12
    """Weeks after a pick at which it is judged."""
    frontier: Annotated[tuple[str, ...], Field(min_length=2)]
    """Measures whose trade-off is shown."""
    values: dict[str, JsonValue]
    """Lists of values below dotted keys of the policy."""
    limits: dict[str, float | dict[str, float]] = Field(default={})
    """By measure: what must not be passed, in every tier or by tier."""
    minimise: Annotated[dict[str, Positive], Field(min_length=1)]
    """Weight by measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFile:
    """A grid file that is well formed, and where its keys stand."""

    path: Path
    text: str
    sha256: Sha256
    document: GridDocument
    values: Mapping[KeyPath, Sequence[JsonValue]]
    """Values by key of the policy, in the order of the file."""
    first: Week | None
    last: Week | None
    splits: tuple[Week, ...]

    def form_error(self, key: KeyPath, found: str, expected: str) -> UsageError:
        """Say what is wrong at a key, and what was expected."""
        return broken_at(self.path, line_of(self.text, key), found, expected)


def read_grid_file(path: Path) -> GridFile:
    """Read a grid file.

    Raises:
        UsageError: The file is missing, is not TOML, or a key is missing, unknown or not of its form.
    """
    body, text, raw = read_toml(path)
    try:
        document = GridDocument.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key, found, expected = _describe(problem)
        raise broken_at(path, line_of(text, key), found, expected) from None
    for place, found, expected in _lacks(document):
        raise broken_at(path, line_of(text, place), found, expected)
    return GridFile(
        path=path,
        text=text,
        sha256=sha256_hex(body),
        document=document,
        values=dict(_lists((), document.values)),  # type: ignore[arg-type]  # _lacks has seen that each is a list
        first=None if document.first is None else Week(document.first),
        last=None if document.last is None else Week(document.last),
        splits=tuple(Week(split) for split in document.splits),
    )


def _describe(problem: ErrorDetails) -> tuple[KeyPath, str, str]:
    key: KeyPath = tuple(part for part in problem["loc"] if part not in {"float", "dict[str,float]"})
    name = dotted_key(key)
    if problem["type"] == "missing":
        return key, f"{name} is missing", f"a value for {name}"
    if problem["type"] == "extra_forbidden":
        known = (field.alias or name for name, field in GridDocument.model_fields.items())
        return key, f"{name} is not a key of a grid", f"one of {', '.join(known)}"
    return key, f"{name} is {problem['input']!r}", problem["msg"].removeprefix("Input should be ")


def _lacks(document: GridDocument) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield what no single key can say, in the order of the file's sections."""
    yield from _weeks(document)
    asked = (("frontier", _WEIGHED), ("limits", TUNABLE), ("minimise", _WEIGHED))
    for section, known in asked:
        for name in getattr(document, section):
            if name not in known:
                place = (section,) if section == "frontier" else (section, name)
                yield place, f"{section} names {name!r}", f"one of {', '.join(known)}"
    lists = dict(_lists((), document.values))
    if not lists:
        yield ("values",), "values is empty", "at least one key of the policy with a list of values"
    for key, values in lists.items():
        if not isinstance(values, list) or not values:
            yield ("values", *key), f"values.{dotted_key(key)} is {values!r}", "a list of values to try"


def _weeks(document: GridDocument) -> Iterator[tuple[KeyPath, str, str]]:
    named = (
        ("from", document.first),
        ("to", document.last),
        *(("splits", split) for split in document.splits),
    )
    for key, week in named:
        try:
            read_week(week or "2026-W01")
        except UsageError as error:
            yield (key,), f"{key}: {error}", "a week as 2026-W33"
    if list(document.splits) != sorted(set(document.splits)):
        yield ("splits",), f"splits are {list(document.splits)}", "weeks in order, each once"


def _lists(above: KeyPath, table: Mapping[str, JsonValue]) -> Iterator[tuple[KeyPath, JsonValue]]:
    """Go down to the lists; `change.reach_elo` and `[values.change] reach_elo` are the same key."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _lists((*above, name), value)
        else:
            yield (*above, name), value


MOST_CELLS: Final = 2000
"""Beyond this the best is luck, and at two seconds a cell the sweep takes more than an hour."""

Settings = tuple[tuple["KeyPath", str], ...]
"""Key and value, the value as a setting writes it."""

SHIPPED: Final = "as shipped"
"""The name of the cell whose constants are those of the policy file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One policy of a grid."""

    policy: Policy
    shipped: bool
    """Whether it says what the policy file says."""
    changed: tuple[str, ...]
    """`key=value` where it says something else."""

    @property
    def name(self) -> str:
        """What differs from the policy file."""
        return ", ".join(self.changed) or SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What to try, on which weeks, and what is asked of it."""

    base: Policy
    base_file: Path
    sha256: Sha256
    """Of the grid file's bytes."""
    cells: tuple[Cell, ...]
    """In the order of the file, the last key fastest; one of them is the policy as shipped."""
    history: Path | None
    backfilled_prices: bool
    first: Week | None
    last: Week | None
    splits: tuple[Week, ...]
    horizon: int
    objective: Objective
    frontier: tuple[str, ...]
    """The measures whose trade-off is shown."""


def read_grid(path: Path) -> Grid:
    """Read a grid file and build every policy of it.

    Raises:
        UsageError: The grid or its base policy is not of the written form, or a cell is no policy.
    """
    file = read_grid_file(path)
    document = file.document
    base_file = path.parent / document.policy
    base = answerable_policy(load_policy(base_file)[0])
    judgeable_tiers(base)
    return Grid(
        base=base,
        base_file=base_file,
        sha256=file.sha256,
        cells=_cells(file, base),
        history=None if document.history is None else path.parent / document.history,
        backfilled_prices=document.backfilled_prices,
        first=file.first,
        last=file.last,
        splits=file.splits,
        horizon=document.horizon,
        objective=Objective(limits=_limits(file, base), minimise=document.minimise),
        frontier=document.frontier,
    )


def _cells(file: GridFile, base: Policy) -> tuple[Cell, ...]:
    count = math.prod(len(values) for values in file.values.values())
    if count > MOST_CELLS:
        raise file.form_error(("values",), f"values make {count} policies", f"at most {MOST_CELLS}")
    same = {
        (key, text)
        for key in file.values
        for text in _texts(file, key)
        if _with_value(base, key, text) == base
    }
    cells: dict[str, Cell] = {}
    for texts in product(*(_texts(file, key) for key in file.values)):
        settings = tuple(zip(file.values, texts, strict=True))
        policy = _policy(file, base, settings)
        changed = tuple(f"{dotted_key(key)}={text}" for key, text in settings if (key, text) not in same)
        cell = Cell(policy=policy, shipped=policy == base, changed=changed)
        if (twin := cells.setdefault(policy.model_dump_json(), cell)) is not cell:
            raise file.form_error(("values",), f"values hold `{twin.name}` twice", "each policy once")
    if not any(cell.shipped for cell in cells.values()):
        cells[""] = Cell(policy=base, shipped=True, changed=())
    return tuple(cells.values())


def _texts(file: GridFile, key: KeyPath) -> tuple[str, ...]:
    """The values of a key as a setting writes them."""
    return tuple(json.dumps(value) for value in file.values[key])


def _with_value(base: Policy, key: KeyPath, text: str) -> Policy | None:
    """The policy with one other value; None where that is none, be it only without the others."""
    try:
        policy = with_settings(base, [f"{dotted_key(key)}={text}"])
        judgeable_tiers(policy)
    except UsageError:
        return None
    return policy


def _policy(file: GridFile, base: Policy, settings: Settings) -> Policy:
    """Build one policy; what does not fit is refused at its line of the grid."""
    try:
        policy = with_settings(base, [f"{dotted_key(key)}={text}" for key, text in settings])
        judgeable_tiers(policy)
    except UsageError as error:
        wrong = (key for key, text in settings if _with_value(base, key, text) is None)
        found, expected = (
            (error.found, error.expected)
            if isinstance(error, SettingError)
            else (str(error), "boards that a history holds")
        )
        raise file.form_error(("values", *next(wrong, ())), found, expected) from None
    return policy


def _limits(file: GridFile, base: Policy) -> Mapping[str, Mapping[str, float]]:
    """One limit for all tiers, or one for each that is named."""
    limits = {}
    for measure, limit in file.document.limits.items():
        by_tier = limit if isinstance(limit, dict) else dict.fromkeys(base.tiers, limit)
        for tier in by_tier:
            if tier not in base.tiers:
                path = ("limits", measure, tier)
                raise file.form_error(
                    path, f"{dotted_key(path)} is no tier", f"one of {', '.join(base.tiers)}"
                )
        limits[measure] = by_tier
    return limits
