"""Lists all sources, in the order in which they are asked and shown: one line each."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pipeline.sources.artificial_analysis.source import INDEX
from pipeline.sources.lmarena.source import TEXT_BOARD, WEBDEV_BOARD
from pipeline.sources.openrouter import CATALOGUE
from pipeline.sources.price_lists.genai_prices import VENDOR_TABLE
from pipeline.sources.price_lists.litellm import LITELLM_TABLE
from pipeline.sources.price_lists.models_dev import MODELS_DEV_TABLE
from pipeline.sources.spec import SourceAccess, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.ids import SourceName

SPECS: Final[tuple[SourceSpec, ...]] = (
    TEXT_BOARD,
    WEBDEV_BOARD,
    INDEX,
    CATALOGUE,
    VENDOR_TABLE,
    LITELLM_TABLE,
    MODELS_DEV_TABLE,
)

SOURCES: Final[Mapping[SourceName, SourceSpec]] = MappingProxyType({one.name: one for one in SPECS})
"""Without a key: enough for every `parse`."""

ATTRIBUTION: Final = tuple(dict.fromkeys(one.attribution for one in SPECS))
"""Whose figures a pool is made of, in the order of the sources."""


def open_sources(access: SourceAccess | None = None) -> Mapping[SourceName, SourceSpec]:
    """Return all sources by name, with the keys of those that need one."""
    keys = access or SourceAccess()
    return MappingProxyType({name: spec.with_access(keys) for name, spec in SOURCES.items()})
