"""What the sites served: bodies in their own shapes, from stored captures or from the embedded sample."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample" / "2026-W33"
SHARED = ROOT.parent / "shared" / "sources"
_DUMPS = "arena/hf-leaderboard-dataset/2026-08-13-mimo-tracker"
_PRICES = "raw.githubusercontent.com/BerriAI/litellm/main"
_PAGE = 200

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Stored:
    """One week as the sites served it."""

    boards: Mapping[str, tuple[Row, ...]]
    """Rows by config of the dataset."""
    published: Mapping[str, str]
    models: tuple[Row, ...]
    """Rows of Artificial Analysis in today's shape, sorted by id."""
    openrouter: bytes
    others: Mapping[str, bytes]
    """Further bodies by `host/path`."""


def from_sample() -> Stored:
    """The embedded second week."""
    boards = {
        "text_style_control": _load(SAMPLE / "2026-08-13-lmarena-text.json"),
        "webdev": _load(SAMPLE / "2026-08-13-lmarena-webdev.json"),
    }
    models = _load(SAMPLE / "2026-08-06-artificial-analysis.json")["data"]
    assert isinstance(models, list)
    return _stored(boards, models, (SAMPLE / "2026-06-15-openrouter.json").read_bytes(), {})


def from_captures() -> Stored:
    """The full captures beside the project."""
    boards = {
        "text_style_control": _load(SHARED / f"{_DUMPS}-text_style_control.json.gz"),
        "webdev": _load(SHARED / f"{_DUMPS}-webdev.json"),
    }
    site = _load(SHARED / "artificial-analysis/site-leaderboard/2026-08-06-samica-aa-leaderboards.json.gz")
    listed = site["models"]
    assert isinstance(listed, list)
    (catalogue,) = (SHARED / "openrouter/api-v1-models").glob("2026-05-31-*.json")
    (prices,) = (SHARED / "litellm/model-prices").glob("*.json")
    models_dev = max((SHARED / "models-dev/api-json").glob("*.json"))
    others = {
        f"{_PRICES}/model_prices_and_context_window.json": prices.read_bytes(),
        "models.dev/api.json": models_dev.read_bytes(),
    }
    return _stored(boards, [_free_row(row) for row in listed], catalogue.read_bytes(), others)


def parquet(rows: Sequence[Row], published: str) -> bytes:
    """The dataset's file: all columns of the dump and the publish date, which the dump keeps apart."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

    columns = {name: [row.get(name) for row in rows] for name in rows[0]}
    columns["leaderboard_publish_date"] = [date.fromisoformat(published)] * len(rows)
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def rows_page(rows: Sequence[Row], published: str, offset: int, length: int) -> bytes:
    """A page of the datasets server."""
    part = rows[offset : offset + length]
    items = [
        {"row_idx": offset + at, "row": {**row, "leaderboard_publish_date": published}, "truncated_cells": []}
        for at, row in enumerate(part)
    ]
    features = [{"feature_idx": at, "name": name} for at, name in enumerate(rows[0])]
    page = {
        "features": features,
        "rows": items,
        "num_rows_total": len(rows),
        "num_rows_per_page": 100,
        "partial": False,
    }
    return json.dumps(page).encode()


def models_page(models: Sequence[Row], number: int, *, tier: str = "free") -> bytes | None:
    """A page of Artificial Analysis; None behind the last one."""
    pages = -(-len(models) // _PAGE)
    if not 1 <= number <= pages:
        return None
    envelope = {
        "tier": tier,
        "intelligence_index_version": 4.1,
        "pagination": {
            "page": number,
            "page_size": _PAGE,
            "total_pages": pages,
            "has_more": number < pages,
        },
        "data": list(models[(number - 1) * _PAGE : number * _PAGE]),
    }
    return json.dumps(envelope).encode()


def board_page(rows: Sequence[Row], slug: str, *, published: str) -> bytes:
    """The site's page of a board: its overall rows in pieces of a flight stream, a plot beside them."""
    overall = [row for row in rows if row["category"] == "overall"]
    entries = [
        {
            "rank": row["rank"],
            "rankUpper": row["rank"],
            "rankLower": row["rank"],
            "modelDisplayName": row["model_name"],
            "rating": row["rating"],
            "ratingUpper": row["rating_upper"],
            "ratingLower": row["rating_lower"],
            "votes": row["vote_count"],
            "modelOrganization": row["organization"],
            "license": row["license"],
        }
        for row in overall
    ]
    board = {
        "leaderboard": {
            "arenaSlug": slug,
            "leaderboardSlug": "overall",
            "params": {"category": "overall", "styleControl": slug == "text"},
            "category": "$19:0:1",
            "entries": entries,
            "voteCutoffISOString": f"{published}T13:00:00.000Z",
            "totalVotes": 1,
            "totalModels": len(entries),
        },
        "plots": [{"type": "bars", "data": {"models": entries[:20]}}],
    }
    stream = f'19:[["overall",{{"name":"overall"}}]]\nb:["$","$L18",null,{json.dumps(board)}]\n'
    pieces = [stream[at : at + 5000] for at in range(0, len(stream), 5000)]
    scripts = "".join(f"<script>self.__next_f.push({json.dumps([1, piece])})</script>" for piece in pieces)
    return f"<!DOCTYPE html><html><title>Leaderboard</title><body>{scripts}</body></html>".encode()


def _stored(
    dumps: Mapping[str, Row], models: Sequence[object], openrouter: bytes, others: Mapping[str, bytes]
) -> Stored:
    boards, published = {}, {}
    for config, dump in dumps.items():
        rows, meta = dump["rows"], dump["meta"]
        assert isinstance(rows, list)
        assert isinstance(meta, dict)
        boards[config], published[config] = tuple(rows), str(meta["leaderboard_publish_date"])
    listed = sorted((row for row in models if isinstance(row, dict)), key=lambda row: str(row["id"]))
    return Stored(boards, published, tuple(listed), openrouter, others)


def _load(path: Path) -> Row:
    body = path.read_bytes()
    document = json.loads(gzip.decompress(body) if path.suffix == ".gz" else body)
    assert isinstance(document, dict)
    return document


def _free_row(row: Row) -> Row:
    """A row of the site's table in the form of the free list; a zero stands for unknown there."""
    creator, evaluations, pricing, speed = (
        row[name] for name in ("creator", "evaluations", "pricing", "speed")
    )
    assert isinstance(creator, dict)
    assert isinstance(evaluations, dict)
    assert isinstance(pricing, dict)
    assert isinstance(speed, dict)
    indices = [f"artificial_analysis_{name}_index" for name in ("intelligence", "coding", "agentic")]
    prices = [f"price_1m_{name}_tokens" for name in ("input", "output", "cache_hit", "cache_write")]
    return {
        **{name: row[name] for name in ("id", "name", "slug", "release_date")},
        "model_creator": {"id": creator["id"], "name": creator["name"]},
        "evaluations": {name: evaluations.get(name) for name in indices},
        "artificial_analysis_intelligence_index_cost": None,
        "pricing": {name: pricing.get(name) or None for name in prices},
        "performance": {"median_output_tokens_per_second": speed.get("output_tokens_per_second") or None},
    }
