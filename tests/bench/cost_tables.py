"""What Artificial Analysis really paid, read from the public tables beside the project."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel, TypeAdapter

from pipeline.domain.ids import SourceName, VariantId
from pipeline.domain.score import ListPrice
from pipeline.scoring.cost.partial_pooling import PricingFeatures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LEVELS = ("xhigh", "max", "high", "medium", "minimal", "low")
_EFFORT = re.compile(
    r"\s*\([^)]*(?:reason|think|effort|high|medium|low|minimal|max|adaptive)[^)]*\)", re.IGNORECASE
)
_NOTES = re.compile(r"\(([^)]*)\)")
QUESTIONS = ("ifbench", "gpqa")
"""Evaluations of single questions, the nearest published thing to an operator's everyday task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One variant and the dollars of its index run."""

    trait: PricingFeatures
    usd: float
    tokens: Mapping[str, float] = field(default_factory=dict)
    """Output tokens by evaluation."""
    tokens_in: Mapping[str, float] = field(default_factory=dict)
    """Input tokens by evaluation."""


class _Prices(BaseModel):
    price_1m_input_tokens: float | None
    price_1m_output_tokens: float | None
    intelligence_index_cost_total: float | None = None


class _Tokens(BaseModel):
    inputTokens: float | None = None  # noqa: N815 - the source's own spelling
    outputTokens: float | None = None  # noqa: N815 - the source's own spelling
    reasoningTokens: float | None = None  # noqa: N815 - the source's own spelling


class _Breakdowns(BaseModel):
    eval_token_counts: dict[str, _Tokens | None] | None = None
    intelligence_index_token_counts: _Tokens | None = None


class _Creator(BaseModel):
    slug: str


class _Row(BaseModel):
    id: str
    name: str
    creator: _Creator
    release_date: date | None
    reasoning_model: bool | None = None
    pricing: _Prices
    breakdowns: _Breakdowns


class _Page(BaseModel):
    models: list[_Row]


def effort_of(name: str, *, reasons: bool) -> str:
    """Read the effort from a name's parenthesis; without one, `on` or `none` by the flag."""
    notes = " ".join(_NOTES.findall(name)).lower()
    if "non-reasoning" in notes:
        return "none"
    words = re.split(r"[^a-z]+", notes)
    return next(
        (level for level in _LEVELS if level in words), "on" if reasons or "reasoning" in notes else "none"
    )


def release_of(name: str) -> str:
    """Strip the parenthesis that names an effort."""
    return _EFFORT.sub("", name).strip()


def read_page(path: Path) -> tuple[Spent, ...]:
    """Read the priced rows with dollars of one capture of the leaderboard page, by id."""
    with gzip.open(path) as page:
        rows = TypeAdapter(_Page).validate_json(page.read()).models
    return tuple(spent for row in sorted(rows, key=lambda row: row.id) if (spent := _spent(row)) is not None)


def read_week(path: Path, week: str) -> tuple[Spent, ...]:
    """Read the priced rows with dollars of one week of the history, by slug."""
    with gzip.open(path, "rt", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["week"] == week]
    return tuple(
        Spent(
            trait=_trait(
                (row["slug"], row["name"], row["creator"]),
                date.fromisoformat(row["release_date"]),
                (float(row["input_price"]), float(row["output_price"])),
                reasons=row["reasoning"] == "True",
            ),
            usd=float(row["index_cost_usd"]),
        )
        for row in sorted(rows, key=lambda row: row["slug"])
        if all(_above(row[key]) for key in ("input_price", "output_price", "index_cost_usd"))
        and row["release_date"]
    )


def _above(cell: str) -> bool:
    return cell != "" and float(cell) > 0


def _spent(row: _Row) -> Spent | None:
    usd, prices = row.pricing.intelligence_index_cost_total, row.pricing
    if not (usd and prices.price_1m_input_tokens and prices.price_1m_output_tokens and row.release_date):
        return None
    total = row.breakdowns.intelligence_index_token_counts
    counted = {name: one for name, one in (row.breakdowns.eval_token_counts or {}).items() if one is not None}
    thought = bool(total is not None and total.reasoningTokens)
    return Spent(
        trait=_trait(
            (row.id, row.name, row.creator.slug),
            row.release_date,
            (prices.price_1m_input_tokens, prices.price_1m_output_tokens),
            reasons=thought if row.reasoning_model is None else row.reasoning_model,
        ),
        usd=usd,
        tokens={name: one.outputTokens for name, one in counted.items() if one.outputTokens},
        tokens_in={name: one.inputTokens for name, one in counted.items() if one.inputTokens},
    )


def _trait(
    who: tuple[str, str, str], day: date, usd: tuple[float, float], *, reasons: bool
) -> PricingFeatures:
    key, name, vendor = who
    return PricingFeatures(
        variant=VariantId(key),
        vendor=vendor,
        release=release_of(name),
        effort=effort_of(name, reasons=reasons),
        released_on=day,
        price=ListPrice(
            input_microusd_per_mtok=round(usd[0] * 1e6),
            output_microusd_per_mtok=round(usd[1] * 1e6),
            cache_read_microusd_per_mtok=None,
            sources=(SourceName("artificial-analysis"),),
        ),
    )
