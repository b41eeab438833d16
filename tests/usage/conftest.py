"""Records of made-up traffic, with losses that are known because they were planted."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from pipeline.domain.usage import UsageRecord
from pipeline.usage.fit import BandMembers

CHEAP = "small@none"
DEFAULT = "middle@high"
STRONG = "large@max"
FIRSTS = BandMembers(tier="balanced", simple=CHEAP, medium=DEFAULT, complex=DEFAULT)


def record(request: str, variant: str, outcome: int | None = None, **changes: object) -> UsageRecord:
    """Make a record; it is graded where an outcome is given."""
    fields: dict[str, object] = {
        "request": request,
        "workload": "review",
        "session": None,
        "time": "2026-08-01T10:00:00Z",
        "variant": variant,
        "tokens_in": 900,
        "tokens_out": 120,
        "usd": "0.01" if variant == DEFAULT else "0.001",
        "outcome": outcome,
        "grader": None if outcome is None else "tests",
        "pair": None,
        "tools": 1,
        "chars": 100,
    }
    return UsageRecord.model_validate(fields | changes)


@dataclass(slots=True)
class Traffic:
    """Makes pairs of answers of which the cheap one is worse by a planted share."""

    random: random.Random
    records: list[UsageRecord] = field(default_factory=list)

    def pair(self, loss: float, **facts: object) -> None:
        """Add one request that both answered; a twentieth more differ either way."""
        number = len(self.records)
        draw = self.random.random()
        cheap, default = (0, 1) if draw < loss + 0.05 else (1, 0) if draw < loss + 0.1 else (1, 1)
        time = f"2026-08-{1 + number // 2400:02}T{number // 100 % 24:02}:{number // 2 % 50:02}:00Z"
        facts = {"time": time} | facts
        self.records.append(record(f"r{number}", DEFAULT, default, **facts))
        self.records.append(record(f"s{number}", CHEAP, cheap, pair=f"r{number}", **facts))


@pytest.fixture
def traffic() -> Traffic:
    return Traffic(random.Random(20260815))  # noqa: S311 - a simulation
