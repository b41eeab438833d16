"""Reads LMArena through its official dataset on Hugging Face (CC-BY-4.0, no key).

Quirks: the config `text` is without style control and ranks differently (up to 139 points), so it is refused;
vote counts are floats; about 50 organisations are empty strings; one webdev name really occurs twice; a
faulty publish once held 182 rows for 32 models. Publishing is irregular, 1 to 15 days apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from pipeline.domain.ids import LMARENA_TEXT, LMARENA_WEBDEV, Sha256, SourceKey, SourceModelName, SourceName
from pipeline.domain.observation import ARENA_ATTRIBUTION, Capture, Entry, Observation, PriceRole, Reading
from pipeline.sources.lmarena.fetch import FILE, fetch_board
from pipeline.sources.lmarena.rows import Rating, Rows, read_rows
from pipeline.sources.lmarena.table import Table, are_pages, read_pages, read_table
from pipeline.sources.lmarena.website import WebsiteBoard, is_page, read_page
from pipeline.sources.parsing.fields import is_plain, plain_or_none, value_text
from pipeline.sources.parsing.json_body import CaptureOrigin, held_error, only_capture
from pipeline.sources.parsing.row_issues import RowIssues
from pipeline.sources.spec import SourceSpec, parse_bounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.sources.http.session import SourceSession

_OTHER_CONFIGS = {
    "text",
    "vision",
    "vision_style_control",
    "search",
    "search_style_control",
    "document",
    "agent",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LMArena:
    """One board of the dataset."""

    name: SourceName
    config: str
    """Config of the dataset, e.g. `text_style_control`."""
    board: str
    """The word in our metric names, e.g. `text` in `arena-text/overall`."""
    scale: str
    shown: WebsiteBoard
    """The same board on the site."""
    patterns: tuple[str, ...]

    def fetch(self, session: SourceSession) -> tuple[Capture, ...]:
        """Ask for the parquet file of the split `latest`; failing that for its rows, then for the page.

        Raises:
            SourceHeldError: None of them is the complete board.
        """
        return (fetch_board(session, self.config, self.shown.slug, lambda one: parse_bounded(self, (one,))),)

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read all categories of the board; one row is one model in one category.

        Raises:
            SourceHeldError: Not this board's complete table.
        """
        capture = only_capture(self.name, captures)
        table = self._table(capture)
        issues = RowIssues(self.name)
        if table.by:
            issues.tell("other-way", f"{self.name} was read by {table.by}, not from the official file")
        issues.drift(set(table.unknown_meta), "meta.")
        read = read_rows(table.rows, source=self.name, board=self.board, issues=issues)
        stamp = CaptureOrigin.of(capture)
        published = read.published_on or table.published_on
        return Reading(
            source=self.name,
            scale=self.scale,
            published_on=published,
            fetched_at=capture.fetched_at,
            captures=(stamp.capture,),
            observations=self._observations(read, stamp.capture, published or stamp.observed_on),
            entries=tuple(self._entry(rating) for rating in read.listed),
            findings=issues.findings(),
        )

    def _observations(self, read: Rows, digest: Sha256, on: date) -> tuple[Observation, ...]:
        """Give each row the day of its category, or that of the board where the rows do not say."""
        source, scale, published = self.name, self.scale, read.published
        return tuple(
            [
                Observation(
                    source=source,
                    key=SourceKey(row.name),
                    name=SourceModelName(row.name),
                    metric=row.metric,
                    scale=scale,
                    value=row.rating,
                    low=row.low,
                    high=row.high,
                    votes=row.votes,
                    estimated=row.preliminary,
                    observed_on=published.get(row.metric, on),
                    capture=digest,
                )
                for row in read.ratings
            ]
        )

    def _entry(self, rating: Rating) -> Entry:
        return Entry(
            source=self.name,
            key=SourceKey(rating.name),
            name=SourceModelName(rating.name),
            organization=plain_or_none(rating.organization),
            licence=plain_or_none(rating.licence),
        )

    def _table(self, capture: Capture) -> Table:
        if is_page(capture.body):
            return read_page(capture, self.shown)
        table = read_pages(capture) if are_pages(capture.body) else read_table(capture)
        self._check_board(capture, table)
        return table

    def _check_board(self, capture: Capture, table: Table) -> None:
        """Refuse another board of the same dataset: its rows look the same and mean something else."""
        parts = urlsplit(capture.url)
        folders = set(parts.path.split("/"))
        subset = table.subset or parse_qs(parts.query).get("config", [None])[0]
        if subset is None and self.config not in folders and folders & _OTHER_CONFIGS and FILE in folders:
            subset = min(folders & _OTHER_CONFIGS)
        if subset is not None and subset != self.config:
            stated = subset if is_plain(subset) else value_text(subset)
            raise held_error(self.name, f"the table `{stated}`, where `{self.config}` is expected")


TEXT = LMArena(
    name=LMARENA_TEXT,
    config="text_style_control",
    board="text",
    scale="arena-text-style-control",
    shown=WebsiteBoard(slug="text", style_control=True),
    patterns=(
        "*text_style_control*.json",
        "*text_style_control*.json.gz",
        "*text_style_control*.parquet",
        "text_style_control/*.parquet",
        "*lmarena-text.json",
        "*lmarena-text.json.gz",
        "*lmarena-text.parquet",
        "*lmarena-text*.json",
        "*lmarena-text*.json.gz",
        "*lmarena-text*.parquet",
    ),
)

WEBDEV = LMArena(
    name=LMARENA_WEBDEV,
    config="webdev",
    board="webdev",
    scale="arena-webdev",
    shown=WebsiteBoard(slug="code", style_control=False),
    patterns=(
        "hf-leaderboard-dataset/*webdev*.json",
        "hf-leaderboard-dataset/*webdev*.json.gz",
        "*lmarena-webdev*.json",
        "*lmarena-webdev*.json.gz",
        "*lmarena-webdev*.parquet",
        "webdev/*.parquet",
    ),
)


TEXT_BOARD = SourceSpec(
    source=TEXT,
    summary="LMArena dataset, config `text_style_control` (parquet or its rows as JSON)",
    attribution=ARENA_ATTRIBUTION,
    price_role=PriceRole.NONE,
)

WEBDEV_BOARD = SourceSpec(
    source=WEBDEV,
    summary="the same, config `webdev`",
    attribution=ARENA_ATTRIBUTION,
    price_role=PriceRole.NONE,
)
