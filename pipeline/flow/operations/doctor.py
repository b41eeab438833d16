"""Checks everything that a weekly run and its routers need, and says what to do where something is wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from pipeline.flow.operations import machine_checks, record_checks
from pipeline.flow.operations.health_check import Check, Examination, HealthCheck, outcome
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pipeline.workspace import Workspace

CHECKS: Final[Mapping[str, Check]] = {
    "variables": machine_checks.check_variables,
    "keys": machine_checks.check_keys,
    "clock": machine_checks.check_clock,
    "disk": machine_checks.check_disk,
    "rights": machine_checks.check_rights,
    "lock": machine_checks.check_lock,
    "policy and crosswalk": record_checks.check_words,
    "database": record_checks.check_schema,
    "record": record_checks.check_record,
    "runs": record_checks.check_runs,
    "reviews": record_checks.check_reviews,
    "sources": record_checks.check_sources,
    "pool": record_checks.check_pool,
    "router access": record_checks.check_router_access,
}
"""By name, in the order in which they are shown: a cause comes before what follows from it."""


def examine_workspace(workspace: Workspace, *, now: datetime) -> tuple[HealthCheck, ...]:
    """Check a workspace; nothing is written, and no source is asked.

    Where the variables cannot be read, nothing else is checked: what they set decides what is looked at.
    """
    found: list[Settings] = []

    def read() -> str:
        found.append(Settings.from_environment())
        return ""

    settings = outcome("variables", read)
    if not found:
        return (settings,)
    place = Examination(workspace=workspace, settings=found[0], now=now)
    return tuple(outcome(name, partial(check, place)) for name, check in CHECKS.items())
