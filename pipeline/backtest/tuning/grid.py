"""Expands a grid into policies: a base policy and lists of values for some of its constants."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from pipeline.backtest.history_adapter import answerable_policy, judgeable_tiers
from pipeline.backtest.tuning.grid_file import GridFile, read_grid_file, value_text
from pipeline.backtest.tuning.objective import Objective
from pipeline.errors import UsageError
from pipeline.policy.change import with_settings
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.domain.calendar import Week
    from pipeline.domain.ids import Sha256
    from pipeline.domain.policy import Policy
    from pipeline.toml_file import KeyPath

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
        raise file.broken(("values",), f"values make {count} policies", f"at most {MOST_CELLS}")
    same = {
        (key, text) for key in file.values for text in _texts(file, key) if _alone(base, key, text) == base
    }
    cells: dict[str, Cell] = {}
    for texts in product(*(_texts(file, key) for key in file.values)):
        settings = tuple(zip(file.values, texts, strict=True))
        policy = _policy(file, base, settings)
        changed = tuple(f"{value_text(key)}={text}" for key, text in settings if (key, text) not in same)
        cell = Cell(policy=policy, shipped=policy == base, changed=changed)
        if (twin := cells.setdefault(policy.model_dump_json(), cell)) is not cell:
            raise file.broken(("values",), f"values hold `{twin.name}` twice", "each policy once")
    if not any(cell.shipped for cell in cells.values()):
        cells[""] = Cell(policy=base, shipped=True, changed=())
    return tuple(cells.values())


def _texts(file: GridFile, key: KeyPath) -> tuple[str, ...]:
    """The values of a key as a setting writes them."""
    return tuple(json.dumps(value) for value in file.values[key])


def _alone(base: Policy, key: KeyPath, text: str) -> Policy | None:
    """The policy with one other value; None where that is none, be it only without the others."""
    try:
        policy = with_settings(base, [f"{value_text(key)}={text}"])
        judgeable_tiers(policy)
    except UsageError:
        return None
    return policy


def _policy(file: GridFile, base: Policy, settings: Settings) -> Policy:
    """Build one policy; what does not fit is refused at its line of the grid."""
    try:
        policy = with_settings(base, [f"{value_text(key)}={text}" for key, text in settings])
        judgeable_tiers(policy)
    except UsageError as error:
        wrong = (key for key, text in settings if _alone(base, key, text) is None)
        found, _, expected = str(error).removeprefix("--set ").partition("; expected ")
        raise file.broken(
            ("values", *next(wrong, ())), found, expected or "boards that a history holds"
        ) from None
    return policy


def _limits(file: GridFile, base: Policy) -> Mapping[str, Mapping[str, float]]:
    """One limit for all tiers, or one for each that is named."""
    limits = {}
    for measure, limit in file.document.limits.items():
        by_tier = limit if isinstance(limit, dict) else dict.fromkeys(base.tiers, limit)
        for tier in by_tier:
            if tier not in base.tiers:
                path = ("limits", measure, tier)
                raise file.broken(path, f"{value_text(path)} is no tier", f"one of {', '.join(base.tiers)}")
        limits[measure] = by_tier
    return limits
