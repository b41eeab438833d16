"""Defines typed identifiers: a source's name for a model and our id of a variant cannot be confused."""

from __future__ import annotations

from typing import Final, NewType

SourceName = NewType("SourceName", str)
"""`lmarena-text`, `artificial-analysis`, `openrouter`, ...: the constants below."""

SourceKey = NewType("SourceKey", str)
"""What a source itself calls stable: the uuid at Artificial Analysis, else the published name."""

SourceModelName = NewType("SourceModelName", str)
"""A model's name as a source publishes it, verbatim."""

VariantId = NewType("VariantId", str)
"""Our id of what is scored, priced and routed: `release@effort`, e.g. `gpt-5.6-sol@high`."""

TierName = NewType("TierName", str)
"""`frugal`, `balanced`, `premium`, or what the policy file adds."""

MetricName = NewType("MetricName", str)
"""`<board>/<category>`; the unit belongs to the metric, not to the row."""

Sha256 = NewType("Sha256", str)
"""64 lower-case hex digits."""

LMARENA_TEXT: Final = SourceName("lmarena-text")
LMARENA_WEBDEV: Final = SourceName("lmarena-webdev")
ARTIFICIAL_ANALYSIS: Final = SourceName("artificial-analysis")
OPENROUTER: Final = SourceName("openrouter")
GENAI_PRICES: Final = SourceName("genai-prices")
LITELLM_PRICES: Final = SourceName("litellm-prices")
MODELS_DEV: Final = SourceName("models-dev")

AA_INTELLIGENCE: Final = MetricName("aa/intelligence")
"""Artificial Analysis intelligence index, 0 to 100, comparable within one index version only."""
AA_CODING: Final = MetricName("aa/coding")
AA_AGENTIC: Final = MetricName("aa/agentic")
AA_USD_PER_TASK: Final = MetricName("aa/usd_per_task")
"""US dollars Artificial Analysis spent per task of its own index."""
AA_TOKENS_PER_SECOND: Final = MetricName("aa/tokens_per_second")


def arena_metric(board: str, category: str) -> MetricName:
    """Name an LMArena category, e.g. `arena-text/overall`: Elo-scale points, 400 are odds of 10:1."""
    return MetricName(f"arena-{board}/{category}")


def source_of(metric: str) -> SourceName:
    """Name the source that publishes a score metric.

    Raises:
        ValueError: No source publishes it.
    """
    board = metric.partition("/")[0]
    sources = {"arena-text": LMARENA_TEXT, "arena-webdev": LMARENA_WEBDEV, "aa": ARTIFICIAL_ANALYSIS}
    if board not in sources:
        raise ValueError(f"no source publishes {metric!r}; boards are {sorted(sources)}")
    return sources[board]
