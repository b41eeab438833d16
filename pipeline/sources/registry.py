"""All sources, in the order in which they are asked and shown."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.sources.artificial_analysis.source import ArtificialAnalysis
from pipeline.sources.bounded_source import BoundedSource
from pipeline.sources.lmarena.source import TEXT, WEBDEV
from pipeline.sources.openrouter.source import OpenRouter
from pipeline.sources.price_lists.genai_prices import GenaiPrices
from pipeline.sources.price_lists.litellm import LiteLLMPrices
from pipeline.sources.price_lists.models_dev import ModelsDev

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from pipeline.domain.ids import SourceName
    from pipeline.sources.spec import Source


def open_sources(
    *, artificial_analysis_key: SecretStr | None = None, artificial_analysis_tier: str = "free"
) -> Mapping[SourceName, Source]:
    """Return all sources by name; the key is needed to fetch from Artificial Analysis, not to parse."""
    sources: tuple[Source, ...] = (
        TEXT,
        WEBDEV,
        ArtificialAnalysis(key=artificial_analysis_key, tier=artificial_analysis_tier),
        OpenRouter(),
        GenaiPrices(),
        LiteLLMPrices(),
        ModelsDev(),
    )
    return MappingProxyType({source.name: BoundedSource(source=source) for source in sources})


SOURCES: Mapping[SourceName, Source] = open_sources()
"""Without a key: enough for every `parse`."""
