"""Checks what the whole policy must hold that no single key can say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.domain.ids import AA_AGENTIC, AA_CODING, AA_INTELLIGENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pipeline.domain.policy import Policy
    from pipeline.toml_file import KeyPath

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max", "on", "default")
"""Every effort a variant may have; a ladder without one could not price it."""
GRADES: Final = ("1", "2a", "2b", "3a", "3b")
"""How a verbosity may be known (method section 4)."""
ROUTES: Final = ("litellm", "openrouter")
INDICES: Final = (AA_INTELLIGENCE, AA_CODING, AA_AGENTIC)

_TIER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_ARENA = re.compile(r"arena-[a-z]+/[a-z_-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPart:
    """A key whose value does not fit the rest."""

    path: KeyPath
    found: str
    expected: str


def missing_parts(policy: Policy) -> Iterator[MissingPart]:
    """Yield every key that would fail later, in the order of the file's sections."""
    yield from _routes(policy)
    yield from _evidence(policy)
    yield from _same_keys(("cost", "effort_ladder"), policy.cost.effort_ladder, EFFORTS)
    yield from _same_keys(("cost", "log_sd"), policy.cost.log_sd, GRADES)
    yield from _mixes(policy)
    yield from _tiers(policy)


def _mixes(policy: Policy) -> Iterator[MissingPart]:
    for place, mix in policy.mixes.items():
        names = [kind.name for kind in mix]
        if len(set(names)) < len(names):
            path = tuple(place.split("."))
            yield MissingPart(path=path, found=f"names {names}", expected="a name of its own for each kind")


def _routes(policy: Policy) -> Iterator[MissingPart]:
    routes = policy.routes
    if not routes or len(set(routes)) < len(routes) or not set(routes) <= set(ROUTES):
        yield MissingPart(
            path=("routes",), found=f"is {list(routes)}", expected=f"one or both of {', '.join(ROUTES)}, once"
        )


def _evidence(policy: Policy) -> Iterator[MissingPart]:
    for name, evidence in sorted(policy.evidence.items()):
        path = ("evidence", name)
        if _ARENA.fullmatch(evidence.arena) is None:
            yield MissingPart(
                path=(*path, "arena"), found=f"is {evidence.arena!r}", expected="e.g. 'arena-text/overall'"
            )
        if evidence.index not in INDICES:
            yield MissingPart(
                path=(*path, "index"), found=f"is {evidence.index!r}", expected=f"one of {', '.join(INDICES)}"
            )


def _same_keys(path: KeyPath, seen: Collection[str], wanted: tuple[str, ...]) -> Iterator[MissingPart]:
    if set(seen) != set(wanted):
        yield MissingPart(
            path=path, found=f"has the keys {sorted(seen)}", expected=f"exactly {', '.join(wanted)}"
        )


def _tiers(policy: Policy) -> Iterator[MissingPart]:
    if not policy.tiers:
        yield MissingPart(path=("tiers",), found="is empty", expected="at least one tier")
    for name in policy.tiers:
        if _TIER.fullmatch(name) is None:
            yield MissingPart(
                path=("tiers", name),
                found="is not a tier's name",
                expected="lower-case letters, digits and -",
            )
