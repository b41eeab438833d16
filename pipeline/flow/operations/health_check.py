"""Defines one check of a workspace, and what it is asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The workspace that is checked, and when."""

    workspace: Workspace
    settings: Settings
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One thing that must hold, and what to do where it does not."""

    name: str
    passed: bool
    found: str
    next_step: str
    """Empty where it holds."""


Check = Callable[[Examination], str]
"""Says what it found; raises a `PipelineError` with the next step where something is wrong."""


def outcome(name: str, check: Callable[[], str]) -> HealthCheck:
    """Run one check; a failure is a value, so that the other checks run too."""
    try:
        found = check()
    except PipelineError as error:
        return HealthCheck(name=name, passed=False, found=str(error), next_step=error.hint)
    except OSError as error:
        hint = "Check what is there with `ls -ld`, and who may read it."
        return HealthCheck(name=name, passed=False, found=str(error), next_step=hint)
    return HealthCheck(name=name, passed=True, found=found, next_step="")
