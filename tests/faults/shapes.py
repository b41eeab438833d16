"""Third parties' copies in the shape a source serves, so that the real parser reads what really happened."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, LMARENA_TEXT
from pipeline.domain.observation import Capture
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Reading

_PAGE = 200
_MEASURES = (
    "artificial_analysis_intelligence_index",
    "artificial_analysis_coding_index",
    "artificial_analysis_agentic_index",
)
_TIMES = (
    "median_output_tokens_per_second",
    "median_time_to_first_token_seconds",
    "median_time_to_first_answer_token_seconds",
    "median_end_to_end_response_time_seconds",
)


def load(path: Path) -> object:
    """Read a JSON file, packed or not."""
    body = path.read_bytes()
    return json.loads(gzip.decompress(body) if path.suffix == ".gz" else body)


def day_of(path: Path) -> datetime:
    """Return the day in a file's name."""
    return datetime.combine(date.fromisoformat(path.name[:10]), datetime.min.time(), tzinfo=UTC)


def site_as_v2(path: Path, *, version: float, price: Mapping[str, str]) -> Reading:
    """Read a copy of the leaderboard page as pages of the free API.

    Args:
        path: The copy.
        version: The index version that the pages state.
        price: API field to the field of the copy that it is taken from.
    """
    document = load(path)
    assert isinstance(document, dict)
    rows = [
        {
            "id": row["id"],
            "name": row["name"],
            "slug": row["slug"],
            "release_date": row["release_date"],
            "model_creator": {"id": row["creator"]["id"], "name": row["creator"]["name"]},
            "evaluations": {name: row["evaluations"][name] for name in _MEASURES},
            "artificial_analysis_intelligence_index_cost": None,
            "pricing": {api: row["pricing"][field] for api, field in price.items()}
            | {"price_1m_cache_hit_tokens": None, "price_1m_cache_write_tokens": None},
            "performance": dict.fromkeys(_TIMES),
        }
        for row in document["models"]
    ]
    return _parsed(ARTIFICIAL_ANALYSIS, _pages(rows, version, day_of(path)))


def _pages(rows: Sequence[object], version: float, at: datetime) -> tuple[Capture, ...]:
    total = -(-len(rows) // _PAGE)
    return tuple(
        Capture(
            source=ARTIFICIAL_ANALYSIS,
            url=f"https://artificialanalysis.ai/api/v2/language/models/free?page={page}",
            fetched_at=at,
            status=200,
            body=json.dumps(
                {
                    "tier": "free",
                    "intelligence_index_version": version,
                    "pagination": {
                        "page": page,
                        "page_size": _PAGE,
                        "total_pages": total,
                        "has_more": page < total,
                    },
                    "data": rows[(page - 1) * _PAGE : page * _PAGE],
                }
            ).encode(),
        )
        for page in range(1, total + 1)
    )


def table_as_board(path: Path) -> Reading:
    """Read a parsed leaderboard table as rows of the official dataset."""
    document = load(path)
    assert isinstance(document, dict)
    published = datetime.strptime(document["meta"]["last_updated"] or _fetched(path), "%b %d, %Y")  # noqa: DTZ007 - a day
    rows = [
        {
            "category": "overall",
            "rank": row["rank"],
            "model_name": row["model"],
            "organization": (row["vendor"] or "").lower(),
            "license": row["license"],
            "rating": row["score"],
            "rating_lower": row["score"] - (row["ci"] if "ci" in row else row["ci_low"]),
            "rating_upper": row["score"] + (row["ci"] if "ci" in row else row["ci_high"]),
            "variance": None,
            "vote_count": row["votes"],
            "leaderboard_publish_date": published.date().isoformat(),
        }
        for row in document["models"]
        if row["score"] is not None and row.get("ci", row.get("ci_low")) is not None
    ]
    return board(rows, at=day_of(path))


def _fetched(path: Path) -> str:
    return day_of(path).strftime("%b %d, %Y")


def board(rows: Sequence[object], *, at: datetime) -> Reading:
    """Read rows as the text board."""
    body = json.dumps({"meta": {"subset": "text_style_control", "n_rows": len(rows)}, "rows": rows}).encode()
    url = f"file:{at.date()}-lmarena-text.json"
    capture = Capture(source=LMARENA_TEXT, url=url, fetched_at=at, status=200, body=body)
    return _parsed(LMARENA_TEXT, (capture,))


def _parsed(source: SourceName, captures: tuple[Capture, ...]) -> Reading:
    return SOURCES[source].parse(captures)
