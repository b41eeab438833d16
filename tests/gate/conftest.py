"""A workspace in which proposals are filed without a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gate.workspace import GateWorkspace, make_workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def gate(tmp_path: Path) -> GateWorkspace:
    """Nothing is proposed here yet."""
    return make_workspace(tmp_path / "gate")
