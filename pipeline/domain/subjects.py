"""Writes the subjects of findings that have parts, a source's row or a tier's member, and reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from pipeline.domain.ids import SourceKey, SourceName, TierName, VariantId

PRICE_METRIC: Final = "price"
"""Stands where a row's metric does, when the row is a price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSubject:
    """One number of a source, as findings and acceptances name it, e.g. `openrouter:price:openai/gpt-5`."""

    source: SourceName
    metric: str
    """`PRICE_METRIC`, or the metric of a score."""
    key: SourceKey
    """Ends with ` (note)` where a price has one."""

    def __str__(self) -> str:
        """Write it as documents hold it."""
        return f"{self.source}:{self.metric}:{self.key}"

    @classmethod
    def read(cls, subject: str) -> Self | None:
        """Read a subject; None where it is not of this form."""
        source, _, rest = subject.partition(":")
        metric, separator, key = rest.partition(":")
        if not separator:
            return None
        return cls(source=SourceName(source), metric=metric, key=SourceKey(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSubject:
    """One variant in one tier, e.g. `premium/gpt-5.6-sol@high`."""

    tier: TierName
    variant: VariantId

    def __str__(self) -> str:
        """Write it as documents hold it."""
        return f"{self.tier}/{self.variant}"

    @classmethod
    def read(cls, subject: str) -> Self | None:
        """Read a subject; None where it is not of this form, as when it is a tier alone."""
        tier, separator, variant = subject.partition("/")
        return cls(tier=TierName(tier), variant=VariantId(variant)) if separator else None


def member_subject(tier: str, variant: str) -> str:
    """Write one variant in one tier as the subject of a finding."""
    return str(MemberSubject(tier=TierName(tier), variant=VariantId(variant)))
