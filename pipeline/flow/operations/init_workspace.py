"""Creates an operator's own, empty workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pipeline
from pipeline import atomic_files
from pipeline.errors import UsageError
from pipeline.policy.load import load_policy

if TYPE_CHECKING:
    from pipeline.workspace import Workspace

_USD_PER_SECOND: Final = 30 / 3600
"""The rate at which the shipped policy tells what an answer is worth: $30 an hour."""

STARTER = (
    ".gitattributes",
    "data/.gitignore",
    "data/policy",
    "data/crosswalk",
    "data/pools/FORMAT.md",
    "data/pools/pool.schema.json",
)
"""What people start from: policy, crosswalk, the contract with routers, what is not text to git."""
SAMPLE: Final = ("data/sample",)
"""Two weeks of real figures and a table of past weeks, to try everything without a key or a network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPrice:
    """What a tier pays for one more acceptable answer."""

    tier: str
    usd: float
    seconds: float
    """The time of a person at $30 an hour that costs as much."""


def prices_of_answers(workspace: Workspace) -> tuple[AnswerPrice, ...]:
    """List what the tiers of a policy pay for an answer, the cheapest first.

    Raises:
        UsageError: The policy file is not of the written form.
    """
    policy, _ = load_policy(workspace.policy)
    return tuple(
        AnswerPrice(tier=name, usd=tier.lambda_usd, seconds=round(tier.lambda_usd / _USD_PER_SECOND, 1))
        for name, tier in sorted(policy.tiers.items(), key=lambda one: (one[1].lambda_usd, one[0]))
    )


def init_workspace(workspace: Workspace, *, sample: bool = False) -> tuple[Path, ...]:
    """Write the starting files of a workspace, on request with the sample; returns what was written.

    Raises:
        UsageError: The folder already holds a policy.
    """
    if workspace.policy.exists():
        raise UsageError(
            f"{workspace.root} is a workspace already: {workspace.policy} exists",
            hint=f"Run `{workspace.command('status')}`, or name an empty folder.",
        )
    written = []
    for source, relative in _starting_files((*STARTER, *SAMPLE) if sample else STARTER):
        atomic_files.create_file(workspace.root / relative, source.read_bytes())
        written.append(relative)
    workspace.reviews.mkdir(parents=True, exist_ok=True)
    return tuple(written)


def starting_text(name: str) -> str:
    """Return the text of one starting file, by its place in a workspace."""
    files = {relative: source for source, relative in _starting_files(STARTER)}
    return files[Path(name)].read_text(encoding="utf-8")


def _starting_files(names: tuple[str, ...]) -> list[tuple[Path, Path]]:
    """Find the starting files: packed beside the code, or in the checkout the code runs from."""
    package = Path(pipeline.__file__).parent
    packed = package / "starter"
    root = packed if packed.is_dir() else package.parent
    found: list[tuple[Path, Path]] = []
    for name in names:
        place = root / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        found.extend((file, file.relative_to(root)) for file in files if file.is_file())
    return found
