"""When the categories of one Arena board were published."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from pipeline.sources.body import held
from pipeline.sources.fields import optional_day
from pipeline.sources.lmarena_columns import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.domain.names import MetricName, SourceName
    from pipeline.sources.sieve import Sieve


def day_of(value: object) -> date | None:
    """Read a publish date: parquet holds a date or a moment, a dump its text."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else optional_day({PUBLISHED: value}, PUBLISHED)


def published_days(
    days: Mapping[MetricName, set[date | None]], source: SourceName, sieve: Sieve
) -> Mapping[MetricName, date]:
    """Give the one day of each category: `latest` holds the newest day of each, and they differ by days.

    Raises:
        SourceHeldError: A category has several, as the split with past weeks has.
    """
    for metric, found in sorted(days.items()):
        if len(found) > 1:
            raise held(source, f"{len(found)} publish dates within {metric}, so it is not the split `latest`")
    published = {metric: day for metric, (day,) in sorted(days.items()) if day is not None}
    usual = overall_day(published)
    if other := [f"{metric} {day}" for metric, day in published.items() if day != usual]:
        sieve.note("other-days", source, f"{source}: published on {usual}, except {', '.join(other)}")
    return published


def overall_day(published: Mapping[MetricName, date]) -> date | None:
    """Give the day of the overall category, by which a board is described; None where it has none."""
    return next((day for metric, day in published.items() if metric.endswith("/overall")), None)
