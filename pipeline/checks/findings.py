"""Builds the findings of the checks: one sentence with the values seen, about one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.observation import Finding, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence


_SHOWN = 5


def finding(reading: Reading, kind: str, severity: Severity, message: str) -> Finding:
    """Say something about a whole source."""
    return Finding(
        kind=kind, severity=severity, subject=reading.source, message=f"{reading.source}: {message}"
    )


def name_some(names: Sequence[str]) -> str:
    """Name the first five and count the rest."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def usd(microusd: float) -> str:
    """Show micro-dollars per million tokens as dollars."""
    return f"${microusd / 1e6:.6g}"
