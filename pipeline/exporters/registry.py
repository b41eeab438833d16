"""Lists the targets of `modelpool export`: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.exporters.litellm import LITELLM
from pipeline.exporters.openrouter import OPENROUTER
from pipeline.exporters.portkey import PORTKEY
from pipeline.exporters.vllm_semantic_router import VLLM_SEMANTIC_ROUTER

if TYPE_CHECKING:
    from pipeline.exporters.exporter import Exporter

EXPORTERS: Final[tuple[Exporter, ...]] = (
    LITELLM,
    OPENROUTER,
    PORTKEY,
    VLLM_SEMANTIC_ROUTER,
)
