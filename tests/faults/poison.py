"""The second embedded week as bodies that can be poisoned in one field of one row, and what they select."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from pipeline.domain.calendar import Week
from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LITELLM_PRICES,
    LMARENA_TEXT,
    LMARENA_WEBDEV,
    MODELS_DEV,
    OPENROUTER,
    SourceName,
)
from pipeline.domain.observation import Capture, Reading
from pipeline.domain.run import PriorState
from pipeline.identity.crosswalk.load import load_crosswalk, valid_on
from pipeline.identity.resolve.resolve import resolve_names
from pipeline.policy.load import load_policy
from pipeline.pools.select import select_fast
from pipeline.pools.selection_input import SelectionInput
from pipeline.scoring.scoreboard import score
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import ATTRIBUTION, SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Resolution
    from pipeline.domain.policy import Policy

ROOT: Final = Path(__file__).resolve().parents[2]
NOW: Final = datetime(2026, 8, 15, 12, tzinfo=UTC)
LEGACY: Final = "artificial-analysis (legacy)"
"""The shape Artificial Analysis served until November 2026, beside today's."""

Row = dict[str, object]
Slots = frozenset[tuple[str, str]]
"""Pairs of tier and variant."""


@dataclass(frozen=True)
class SampleWeek:
    """Sources of one week, their clean readings, and what people decided."""

    crosswalk: Crosswalk
    policy: Policy
    documents: Mapping[str, object]
    """By kind: a source's name, or `LEGACY`."""
    clean: Mapping[str, Reading]
    chosen: dict[object, Slots] = field(default_factory=dict)
    """Slots by what was read: most poisoned rows are refused, and then all weeks read alike."""

    def readings(self, kind: str, reading: Reading) -> tuple[Reading, ...]:
        """Return the week with one kind's reading in place of the clean one."""
        others: tuple[SourceName, ...] = (
            LMARENA_TEXT,
            LMARENA_WEBDEV,
            ARTIFICIAL_ANALYSIS,
            OPENROUTER,
            GENAI_PRICES,
        )
        if kind in {LITELLM_PRICES, MODELS_DEV}:
            others = (*others, LITELLM_PRICES, MODELS_DEV)
        return (reading, *(self.clean[name] for name in others if name != reading.source))

    def slots(self, kind: str, reading: Reading) -> Slots:
        """Return who wins which tier when one source says this."""
        said = (kind, reading.observations, reading.prices, reading.entries)
        if said not in self.chosen:
            self.chosen[said] = self.select(self.readings(kind, reading))
        return self.chosen[said]

    def select(self, readings: Sequence[Reading]) -> Slots:
        """Choose the first pools from these readings: without a pool in force nothing slows a newcomer."""
        return self.choose(resolve_names(readings, self.crosswalk))

    def choose(self, resolution: Resolution) -> Slots:
        """Choose the first pools from resolved numbers."""
        evidence = sorted({tier.evidence for tier in self.policy.tiers.values()})
        inputs = SelectionInput(
            week=Week("2026-W33"),
            as_of=NOW,
            policy=self.policy,
            policy_sha256=self.crosswalk.sha256,
            scoreboards={name: score(name, resolution, self.crosswalk, self.policy) for name in evidence},
            variants=self.crosswalk.variants,
            profiles=resolution.profiles,
            published=None,
            published_sha256=None,
            audit_head=None,
            memory=PriorState(),
            attribution=ATTRIBUTION,
        )
        tiers = select_fast(inputs).tiers
        return frozenset((name, member.variant) for name, tier in tiers.items() for member in tier.members)


def parse(kind: str, body: bytes) -> Reading:
    """Read one body of a kind, fetched on the day of the sample's file."""
    source = SourceName(ARTIFICIAL_ANALYSIS if kind == LEGACY else kind)
    fetched = datetime(2026, 8, 13, tzinfo=UTC)
    return SOURCES[source].parse(
        [Capture(source=source, url=f"file:{kind}", fetched_at=fetched, status=200, body=body)]
    )


def rows_of(kind: str, document: object) -> dict[str, Row]:
    """Return a document's rows, themselves and not copies, by the key the source has for them."""
    assert isinstance(document, dict)
    if kind in {LMARENA_TEXT, LMARENA_WEBDEV}:
        return {row["model_name"]: row for row in document["rows"] if row["category"] == "overall"}
    if kind in {ARTIFICIAL_ANALYSIS, LEGACY, OPENROUTER}:
        return {row["id"]: row for row in document["data"]}
    if kind == GENAI_PRICES:
        return {f"{row['provider']}:{row['model']}": row for row in document["prices"]}
    if kind == LITELLM_PRICES:
        return document
    return {
        f"{name}/{key}": row for name, provider in document.items() for key, row in provider["models"].items()
    }


def value_at(row: Row, path: Sequence[str]) -> object:
    """Return what stands in a field; None where it, or what holds it, is missing or null."""
    value: object = row
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def poisoned(kind: str, document: object, key: str, path: Sequence[str], value: object) -> bytes:
    """Return the body with one field of one row replaced; a value may be a literal that JSON cannot hold."""
    holder = value_at(rows_of(kind, document)[key], path[:-1])
    assert isinstance(holder, dict)
    clean = holder[path[-1]]
    holder[path[-1]] = "@poison@"
    text = json.dumps(document)
    holder[path[-1]] = (
        clean  # a copy of the whole document for each of 2,000 cases would cost more than they do
    )
    literal = value.text if isinstance(value, Literal) else json.dumps(value)
    return text.replace('"@poison@"', literal).encode()


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes to stand in a JSON text as they are, e.g. `1e999`."""

    text: str


def parquet(document: object, key: str, column: str, number: float) -> bytes:
    """Return a board's rows as the parquet file the site serves, with one number replaced."""
    assert isinstance(document, dict)
    numbers = ("rating", "rating_lower", "rating_upper", "vote_count")
    rows = [dict(row, **{name: float(row[name]) for name in numbers}) for row in document["rows"]]
    (target,) = (row for row in rows if (row["model_name"], row["category"]) == (key, "overall"))
    target[column] = number
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def load_week() -> SampleWeek:
    """Read the embedded week, and write the shapes it has no file of."""
    crosswalk = valid_on(load_crosswalk(ROOT / "data" / "crosswalk"), NOW.date())
    policy, _ = load_policy(ROOT / "data" / "policy" / "tiers.toml")
    captures = read_captures([ROOT / "data" / "sample" / "2026-W33"], now=NOW)
    documents: dict[str, object] = {name: json.loads(files[0].body) for name, files in captures.items()}
    for row in rows_of(ARTIFICIAL_ANALYSIS, documents[ARTIFICIAL_ANALYSIS]).values():
        pricing = row["pricing"]
        assert isinstance(pricing, dict)
        pricing["price_1m_cache_hit_tokens"] = pricing["price_1m_input_tokens"]  # the sample states none
    documents[LEGACY] = _legacy(documents[ARTIFICIAL_ANALYSIS])
    documents[LITELLM_PRICES], documents[MODELS_DEV] = _third_opinions(crosswalk, documents[GENAI_PRICES])
    clean = {kind: parse(kind, json.dumps(document).encode()) for kind, document in documents.items()}
    return SampleWeek(crosswalk=crosswalk, policy=policy, documents=documents, clean=clean)


def _legacy(document: object) -> object:
    rows = []
    for row in rows_of(ARTIFICIAL_ANALYSIS, document).values():
        evaluations, pricing, performance = row["evaluations"], row["pricing"], row["performance"]
        assert isinstance(evaluations, dict)
        assert isinstance(pricing, dict)
        assert isinstance(performance, dict)
        indices = [f"artificial_analysis_{name}_index" for name in ("intelligence", "coding")]
        prices = [f"price_1m_{name}_tokens" for name in ("input", "output")]
        speed = "median_output_tokens_per_second"
        rows.append(
            {
                **{name: row[name] for name in ("id", "name", "slug", "release_date", "model_creator")},
                "evaluations": {name: evaluations[name] for name in indices},
                "pricing": {name: pricing[name] or 0 for name in prices},
                speed: performance[speed] or 0,
            }
        )
    return {"status": 200, "prompt_options": {"parallel_queries": 1, "prompt_length": 1000}, "data": rows}


def _third_opinions(crosswalk: Crosswalk, table: object) -> tuple[object, object]:
    """Write the price table once more, as LiteLLM and as models.dev write theirs."""
    listed = rows_of(GENAI_PRICES, table)
    routes = {
        variant.litellm: listed[variant.genai_prices]
        for variant in crosswalk.variants.values()
        if variant.litellm and variant.genai_prices in listed
    }
    litellm: dict[str, Row] = {"sample_spec": {"mode": "one of: chat", "input_cost_per_token": 0.0}}
    catalogue: dict[str, dict[str, dict[str, Row]]] = {}
    for route, row in sorted(routes.items()):
        provider, _, model = route.partition("/")
        usd = [float(str(row[f"usd_per_{axis}_mtok"] or 0)) for axis in ("input", "output", "cache_read")]
        litellm[model if provider in {"openai", "anthropic"} else route] = {
            "litellm_provider": provider,
            "mode": "chat",
            "max_input_tokens": 200000,
            "input_cost_per_token": usd[0] / 1e6,
            "output_cost_per_token": usd[1] / 1e6,
            "cache_read_input_token_cost": usd[2] / 1e6,
        }
        provider, _, model = f"{row['provider']}:{row['model']}".partition(":")
        catalogue.setdefault(provider, {"models": {}})["models"][model] = {
            "name": model,
            "modalities": {"input": ["text"], "output": ["text"]},
            "limit": {"context": 200000, "output": 8000},
            "cost": dict(zip(("input", "output", "cache_read"), usd, strict=True)),
        }
    return litellm, catalogue
