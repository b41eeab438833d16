"""The configuration for vLLM Semantic Router is accepted by its own command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.exporters.vllm_semantic_router import VLLM_SEMANTIC_ROUTER
from pipeline.router.pool_model import read_pool

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.router

COMMAND = Path(sys.executable).with_name("vllm-sr")


def _validate(text: str, path: Path) -> subprocess.CompletedProcess[str]:
    path.write_text(text)
    return subprocess.run(
        [COMMAND, "config", "validate", "--config", str(path)], capture_output=True, text=True, check=False
    )


def test_its_own_command_line_accepts_the_published_pool(
    pools: list[Mapping[str, object]], tmp_path: Path
) -> None:
    view = read_pool(pools[-1])
    text = VLLM_SEMANTIC_ROUTER.render(view)
    said = _validate(text, tmp_path / "pool.yaml")
    assert said.returncode == 0, said.stderr + said.stdout
    assert f"Recipes: {len(view.tiers)}" in said.stdout
    broken = _validate(text.replace("provider_model_id", "provider_model_name"), tmp_path / "broken.yaml")
    assert broken.returncode != 0
