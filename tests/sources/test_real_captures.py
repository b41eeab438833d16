"""Every stored real capture is read, or refused for the right reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import SourceName
from pipeline.errors import SourceHeldError
from pipeline.sources.local_files import read_captures
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.observation import Reading

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
HF = "arena/hf-leaderboard-dataset"
OLD = "artificial-analysis/api-legacy-v2-data"
OR = "openrouter/api-v1-models"


def read(folder: Path, source: str, *files: str) -> Reading:
    name = SourceName(source)
    paths = [path for file in files for path in sorted(folder.glob(file))]
    return SOURCES[name].parse(read_captures([f"{source}={path}" for path in paths], now=NOW)[name])


@pytest.mark.parametrize(
    ("source", "file", "names", "observations", "scale"),
    [
        (
            "lmarena-text",
            f"{HF}/2026-06-30-mimo-tracker-text_style_control.json.gz",
            368,
            9124,
            "arena-text-style-control",
        ),
        (
            "lmarena-text",
            f"{HF}/2026-07-17-mimo-tracker-text_style_control.json.gz",
            376,
            9889,
            "arena-text-style-control",
        ),
        (
            "lmarena-text",
            f"{HF}/2026-07-30-mimo-tracker-text_style_control.json.gz",
            381,
            10027,
            "arena-text-style-control",
        ),
        (
            "lmarena-text",
            f"{HF}/2026-08-12-mimo-tracker-text_style_control.json.gz",
            388,
            10241,
            "arena-text-style-control",
        ),
        (
            "lmarena-text",
            f"{HF}/2026-08-13-mimo-tracker-text_style_control.json.gz",
            389,
            10262,
            "arena-text-style-control",
        ),
        ("lmarena-webdev", f"{HF}/2026-06-30-mimo-tracker-webdev.json", 89, 357, "arena-webdev"),
        ("lmarena-webdev", f"{HF}/2026-08-13-mimo-tracker-webdev.json", 115, 468, "arena-webdev"),
        ("artificial-analysis", f"{OLD}/2026-02-27-induction-vs-instruction.json", 412, 963, "aa-4.0"),
        ("artificial-analysis", f"{OLD}/2026-03-25-infer-explore.json", 450, 1070, "aa-4.0"),
        ("artificial-analysis", f"{OLD}/2026-05-27-whatcanirun.json", 525, 1240, "aa-4.0"),
        ("artificial-analysis", f"{OLD}/2026-06-15-model-market-comparison.json", 538, 1272, "aa-4.0"),
        ("artificial-analysis", f"{OLD}/2026-06-16-model-market-comparison.json", 538, 1270, "aa-4.1"),
        ("artificial-analysis", f"{OLD}/2026-06-22-model-market-comparison.json", 540, 913, "aa-4.1"),
        ("artificial-analysis", f"{OLD}/2026-07-09-artificialanalysis-at-home.json", 551, 981, "aa-4.1"),
        ("artificial-analysis", f"{OLD}/2026-07-13-artificialanalysis-at-home.json", 572, 1039, "aa-4.1"),
        ("artificial-analysis", f"{OLD}/2026-07-20-nvidia-nim-benchmarks.json", 576, 1048, "aa-4.1"),
        ("artificial-analysis", f"{OLD}/2026-07-22-model-market-comparison.json", 579, 1060, "aa-4.1"),
    ],
)
def test_a_real_leaderboard_is_read_whole(  # noqa: PLR0913, PLR0917 - the columns of the table above
    real_captures: Path, source: str, file: str, names: int, observations: int, scale: str
) -> None:
    reading = read(real_captures, source, file)
    assert (len(reading.entries), len(reading.observations), reading.scale) == (names, observations, scale)
    expected = ["duplicate-name"] if source == "lmarena-webdev" else ["drift"] if "07-22" in file else []
    assert [finding.kind for finding in reading.findings] == expected


@pytest.mark.parametrize(
    ("file", "entries", "prices", "kinds"),
    [
        ("2025-12-02-chess-llm-benchmark.json", 335, 305, []),
        ("2025-12-18-openrouter-free-api.json", 349, 313, []),
        ("2026-01-29-openrouter-free-api.json", 347, 314, []),
        ("2026-02-27-gptel-openrouter-models.json", 343, 318, []),
        ("2026-04-04-llm-leaderboard-aggregate.json", 350, 325, []),
        ("2026-05-31-models-dev.json", 364, 331, ["bad-value"]),
        ("2026-06-15-model-market-comparison.json", 337, 306, []),
    ],
)
def test_a_real_catalogue_is_read_whole(
    real_captures: Path, file: str, entries: int, prices: int, kinds: list[str]
) -> None:
    reading = read(real_captures, "openrouter", f"{OR}/{file}")
    assert (len(reading.entries), len(reading.prices)) == (entries, prices)
    assert [finding.kind for finding in reading.findings] == kinds
    assert not any(price.key.endswith((":free", ":batch")) or price.key[0] == "~" for price in reading.prices)


def test_unknown_prices_of_the_old_shape_are_not_zero(real_captures: Path) -> None:
    reading = read(real_captures, "artificial-analysis", f"{OLD}/2026-02-27-induction-vs-instruction.json")
    assert sum(price.input_microusd_per_mtok is None for price in reading.prices) == 135
    assert all(price.input_microusd_per_mtok != 0 for price in reading.prices)


@pytest.mark.parametrize(
    ("source", "file", "message"),
    [
        ("lmarena-text", f"{HF}/2026-06-30-mimo-tracker-text.json.gz", "the table `text`"),
        ("lmarena-text", f"{HF}/2026-06-30-mimo-tracker-vision.json", "the table `vision`"),
        ("lmarena-webdev", f"{HF}/2026-07-30-mimo-tracker-search.json", "the table `search`"),
        (
            "lmarena-text",
            "arena/html/2026-01-03-showdown-cloudflare-challenge.html",
            "a challenge page that asks for a person",
        ),
        ("lmarena-text", "arena/html/2026-02-08-rakium-wrong-url-homepage.html", "a web page"),
        (
            "lmarena-text",
            "arena/site-parsed-tables/2026-05-05-aabao-arena-text.json",
            "no list of leaderboard rows",
        ),
        (
            "lmarena-text",
            "arena/arena-catalog/2025-11-06-arena-catalog-text.json",
            "no list of leaderboard rows",
        ),
        ("lmarena-text", "arena/csv/2025-08-04-llm-leaderboard-csv-text.csv", "not JSON"),
        (
            "artificial-analysis",
            "artificial-analysis/api-v2-free/2026-06-27-ciri-page1of3.json",
            "page 1 only of 3",
        ),
        (
            "artificial-analysis",
            "artificial-analysis/site-leaderboard/2026-05-03-oolong-aa-leaderboards.json.gz",
            "is missing",
        ),
        (
            "artificial-analysis",
            "artificial-analysis/api-v2-docs/2026-07-10-artificialanalysis-mcp-llm-detail.json",
            "should be a list",
        ),
        ("openrouter", f"{OR}/2026-03-11-*.json", "`prompt` is missing"),
        ("openrouter", "models-dev/api-json/2025-06-22-ui-models-dev.json", "no list of models"),
        ("openrouter", "arena/html/2026-01-03-showdown-cloudflare-challenge.html", "Just a moment"),
    ],
)
def test_a_real_answer_of_another_kind_is_refused_in_words(
    real_captures: Path, source: str, file: str, message: str
) -> None:
    with pytest.raises(SourceHeldError) as held:
        read(real_captures, source, file)
    assert message in held.value.found


def test_the_documented_pages_make_one_answer(real_captures: Path) -> None:
    stem = "artificial-analysis/api-v2-docs/2026-07-10-artificialanalysis-mcp-llm-free-page"
    reading = read(real_captures, "artificial-analysis", f"{stem}1.json", f"{stem}2.json")
    assert (len(reading.entries), reading.scale) == (6, "aa-4.1")


def test_the_folder_of_real_captures_gives_the_right_files(real_captures: Path) -> None:
    found = read_captures([real_captures], now=NOW, base=real_captures)
    assert {name: [one.url for one in captures] for name, captures in found.items()} == {
        "lmarena-text": [f"file:{HF}/2026-08-13-mimo-tracker-text_style_control.json.gz"],
        "lmarena-webdev": [f"file:{HF}/2026-08-13-mimo-tracker-webdev.json"],
        "artificial-analysis": [f"file:{OLD}/2026-07-22-model-market-comparison.json"],
        "openrouter": [f"file:{OR}/2026-06-15-model-market-comparison.json"],
        "litellm-prices": ["file:litellm/model-prices/2026-03-14-llm-leaderboard-aggregate.json"],
        "models-dev": ["file:models-dev/api-json/2026-03-14-llm-leaderboard-aggregate.json"],
    }
    earlier = read_captures([real_captures], now=datetime(2026, 6, 28, tzinfo=UTC), base=real_captures)
    (page,) = earlier[SourceName("artificial-analysis")]
    assert page.url.endswith("page1of3.json")
