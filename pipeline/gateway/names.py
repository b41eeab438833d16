"""Builds the names of a pool in LiteLLM's registry: aliases for clients, groups, deployment ids.

Everything an answer tells about its origin is read from the deployment id, so that a header cannot
disagree with the member that answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipeline.router.pick import ALIAS_PREFIX

_HIDDEN: Final = "#"
_ID: Final = re.compile(
    r"(?P<tier>[A-Za-z0-9._-]+)#(?P<band>[a-z]+)@v(?P<version>\d+)\|(?P<order>\d+)\|(?P<variant>.+)"
)


def tier_of(model: object) -> str | None:
    """Return the tier a client asks for; None where the model is none of ours."""
    if not isinstance(model, str) or not model.startswith(ALIAS_PREFIX) or _HIDDEN in model:
        return None
    return model.removeprefix(ALIAS_PREFIX)


def group_of(tier: str, band: str, version: int) -> str:
    """Return the hidden model group that holds a tier's members in the order of one band."""
    return f"{ALIAS_PREFIX}{tier}{_HIDDEN}{band}@v{version:04}"


def is_hidden(name: str) -> bool:
    """Return whether a model name is one of the groups that clients do not see."""
    return name.startswith(ALIAS_PREFIX) and _HIDDEN in name


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentId:
    """One member, in one band of one tier of one pool version."""

    tier: str
    band: str
    version: int
    order: int
    """Place in the band, from 1."""
    variant: str

    def __str__(self) -> str:
        return f"{self.tier}#{self.band}@v{self.version:04}|{self.order}|{self.variant}"

    @property
    def group(self) -> str:
        """The hidden model group it belongs to."""
        return group_of(self.tier, self.band, self.version)


def read_id(text: object) -> DeploymentId | None:
    """Read a deployment id; None where it is none of ours."""
    found = _ID.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    return DeploymentId(
        tier=found["tier"],
        band=found["band"],
        version=int(found["version"]),
        order=int(found["order"]),
        variant=found["variant"],
    )
