"""Bad proposals, seeded into the embedded week, and the words that must tell at first sight what is wrong.

Each seed changes one thing about a quiet week: the pool of 2026-W33 in force, every source dated today, and
one price of a member moved by a tenth of a percent, so that there is a proposal. The pipeline runs whole.
`python -m tests.flow.bad_proposals` tries all of them, about 2.5 seconds of processor time each.
"""

from __future__ import annotations

import copy
import csv
import json
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.example import Example, copy_record

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, "object"]
AA, TEXT, WEBDEV, OPENROUTER, GENAI = (
    "artificial-analysis",
    "lmarena-text",
    "lmarena-webdev",
    "openrouter",
    "genai-prices",
)
_PRICES: Final = frozenset(
    ("price_1m_input_tokens", "price_1m_output_tokens", "prompt", "completion", "input_cache_read")
) | frozenset(("usd_per_input_mtok", "usd_per_output_mtok", "usd_per_cache_read_mtok"))
"""Fields that state a price, in whatever unit."""
DAY: Final = date(2026, 8, 22)
APPROVED: Final = "2026-08-15T13:00:00Z"


@dataclass(slots=True)
class SeededWeek:
    """A week's captures and what people wrote, before the run; a seed changes it."""

    folder: Path
    sources: dict[str, Json]
    """Parsed captures by source; one that is removed is not asked."""
    day: date = DAY
    dated: dict[str, date] = field(default_factory=dict)
    """Sources whose capture is of another day than the run."""
    broken: set[str] = field(default_factory=set)
    """Sources that answer with a page that says nothing."""

    def rows(self, source: str) -> list[Json]:
        """The rows of a source."""
        rows = self.sources[source][
            "prices" if source == GENAI else "rows" if source in {TEXT, WEBDEV} else "data"
        ]
        assert isinstance(rows, list)
        return rows

    def replace(self, source: str, rows: list[Json]) -> None:
        """Give a source other rows."""
        body = self.sources[source]
        if source == AA:
            body["pagination"] = {"page": 1, "page_size": len(rows), "total_pages": 1, "has_more": False}
        body["prices" if source == GENAI else "rows" if source in {TEXT, WEBDEV} else "data"] = rows
        if source in {TEXT, WEBDEV}:
            meta = body["meta"]
            assert isinstance(meta, dict)
            meta |= {"n_rows": len(rows), "n_models": len({row["model_name"] for row in rows})}

    def named(self, source: str, name: str) -> list[Json]:
        """The rows of one name, which must be there."""
        found = [
            row
            for row in self.rows(source)
            if name in {row.get("name"), row.get("model_name"), row.get("id"), row.get("model")}
        ]
        assert found, f"{source} has no {name}"
        return found

    def edit(self, file: str, old: str, new: str) -> None:
        """Change what people wrote; the old text must be there."""
        path = self.folder / "data" / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def append(self, file: str, line: str) -> None:
        """Add a line to what people wrote."""
        path = self.folder / "data" / file
        path.write_text(f"{path.read_text()}{line}\n")

    def captures(self) -> Path:
        """Write the files that the run reads."""
        folder = self.folder / "seeded"
        folder.mkdir()
        for source, body in self.sources.items():
            text = "<html>Just a moment...</html>" if source in self.broken else json.dumps(body)
            (folder / f"{self.dated.get(source, self.day)}-{source}.json").write_text(text)
        return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One bad proposal."""

    name: str
    plant: Callable[[SeededWeek], None]
    told: tuple[str, ...]
    """Words that the first screen must hold, on the page and in the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstScreen:
    """What a reader sees without unfolding or scrolling, as one line of words each."""

    page: str
    terminal: str
    code: int
    """Of the run."""

    def missing(self, told: tuple[str, ...]) -> list[str]:
        """The words that one of both does not hold."""
        return [word for word in told if word not in self.page or word not in self.terminal]


class _Visible(HTMLParser):
    """The words of the first screen of a page: inside `.first`, outside `<details>`, no hidden paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.folded = 0
        self.hidden = False
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div":
            self.depth += 1 if self.depth or ("class", "first") in attrs else 0
        self.folded += tag == "details"
        if tag == "p":
            self.hidden = "hidden" in dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self.depth:
            self.depth -= 1
        self.folded -= tag == "details"
        self.hidden = self.hidden and tag != "p"

    def handle_data(self, data: str) -> None:
        if self.depth and not self.folded and not self.hidden:
            self.words.append(data)


def first_screen_of(page: str) -> str:
    """The words on the first screen of a page."""
    seen = _Visible()
    seen.feed(page)
    return " ".join("".join(seen.words).split())


def quiet_workspace(folder: Path) -> None:
    """Make the workspace in which the embedded second week is approved and published."""
    copy_record(folder)
    example = Example(folder)
    assert example.run().code == 10
    answer = example(
        "approve", example.digest()[:16], "--reviewer", "R. Viewer", "--note", "Read.", "--now", APPROVED
    )
    assert answer.code == 0, answer.err
    assert example("publish", "--now", APPROVED).code == 0


def seeded(quiet: Path, folder: Path, seed: Seed) -> FirstScreen:
    """Run a seed in a copy of the quiet workspace, and read the first screen of page and terminal."""
    shutil.copytree(quiet, folder)
    sample = folder / "data" / "sample" / "2026-W33"
    sources = {
        re.sub(r"^\d{4}-\d\d-\d\d-|\.json$", "", file.name): json.loads(file.read_text())
        for file in sorted(sample.iterdir())
    }
    week = SeededWeek(folder=folder, sources=sources)
    week.edit(
        "crosswalk/prices.csv", "deepseek-v4-flash-0424,0.14,0.28,", "deepseek-v4-flash-0424,0.1401,0.28,"
    )
    seed.plant(week)
    example, now = Example(folder), f"{week.day}T12:00:00Z"
    ran = example("run", "--captures", str(week.captures()), "--week", f"{week.day:%G-W%V}", "--now", now)
    reviews = sorted((folder / "reviews").glob(f"{week.day:%G-W%V}*/report.html"))
    assert reviews, f"{seed.name}: no proposal: {ran.out[-800:]} {ran.err[-500:]}"
    terminal = example("review", "--now", now).out
    first, _, _ = terminal.partition("To approve exactly this")
    return FirstScreen(
        page=first_screen_of(reviews[-1].read_text()), terminal=" ".join(first.split()), code=ran.code
    )


def _half_board(week: SeededWeek) -> None:
    names = sorted({str(row["model_name"]) for row in week.rows(TEXT)})
    kept = set(names[::2])
    week.replace(TEXT, [row for row in week.rows(TEXT) if row["model_name"] in kept])


def _reversed_board(week: SeededWeek) -> None:
    for row in week.rows(TEXT):
        for key in ("rating", "rating_lower", "rating_upper"):
            row[key] = round(2800 - float(str(row[key])), 2)
        row["rating_lower"], row["rating_upper"] = row["rating_upper"], row["rating_lower"]


def _scale_break(week: SeededWeek) -> None:
    for row in week.rows(TEXT):
        for key in ("rating", "rating_lower", "rating_upper"):
            row[key] = round(float(str(row[key])) + 40, 2)


def _unit_slip(week: SeededWeek) -> None:
    for row in week.rows(OPENROUTER):
        prices = row["pricing"]
        assert isinstance(prices, dict)
        for key in ("prompt", "completion"):
            prices[key] = f"{float(prices[key]) * 1000:.9f}"


def _swapped_slugs(week: SeededWeek) -> None:
    rows = week.rows(AA)
    names = [row["name"] for row in rows]
    for row, name in zip(rows, names[1:] + names[:1], strict=True):
        row["name"] = name


def _held_source(week: SeededWeek) -> None:
    week.broken.add(WEBDEV)


def _old_data(week: SeededWeek) -> None:
    week.dated[AA] = DAY - timedelta(days=20)


def _stale_prices(week: SeededWeek) -> None:
    week.dated[OPENROUTER] = DAY - timedelta(days=45)


def _wrong_mapping(week: SeededWeek) -> None:
    row = week.named(AA, "Muse Spark 1.2 (xhigh)")[0]
    week.append(
        "crosswalk/judgements.csv",
        f"{AA},{row['id']},{row['name']},muse-spark-1.1@default,2026-08-20,someone,looks alike",
    )


def _effort_mismatch(week: SeededWeek) -> None:
    row = week.named(AA, "GPT-5.6 Luna (max)")[0]
    week.append(
        "crosswalk/judgements.csv", f"{AA},{row['id']},{row['name']},gpt-5.6-luna@low,2026-08-20,someone,Luna"
    )


def _cheaper(week: SeededWeek, release: str, aa_names: tuple[str, ...], factor: float) -> None:
    """Multiply what every source states as the price of a release."""
    stated = [one["pricing"] for name in aa_names for one in week.named(AA, name)]
    stated += [one for one in week.rows(GENAI) if one["model"] == release]
    stated += [one["pricing"] for one in week.rows(OPENROUTER) if str(one["id"]).endswith(f"/{release}")]
    assert stated
    for prices in stated:
        assert isinstance(prices, dict)
        for key, value in prices.items():
            if key in _PRICES and value is not None:
                moved = float(str(value)) * factor
                prices[key] = f"{moved:.12f}" if isinstance(value, str) else moved


def _vendor_concentration(week: SeededWeek) -> None:
    _cheaper(week, "kimi-k3", ("Kimi K3 (low)", "Kimi K3 (max)"), 0.2)


def _ten_times(week: SeededWeek) -> None:
    _cheaper(week, "mimo-v2.5-pro", ("MiMo-V2.5-Pro", "MiMo-V2.5-Pro (Non-reasoning)"), 10)


def _tenth(week: SeededWeek) -> None:
    for row in week.named(OPENROUTER, "xiaomi/mimo-v2.5-pro"):
        row["pricing"] = {"prompt": "0.0000000435", "completion": "0.000000087"}


def _expired(week: SeededWeek) -> None:
    week.day = date(2026, 9, 12)


def _retired(week: SeededWeek) -> None:
    path = week.folder / "data/crosswalk/variants.csv"
    lines = path.read_text().splitlines()
    at = lines[0].split(",").index("retires_on")
    for place, line in enumerate(lines):
        if line.startswith("mimo-v2.5-pro@default,"):
            cells = line.split(",")
            cells[at] = "2026-08-20"
            lines[place] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


def _comes_back(week: SeededWeek) -> None:
    week.edit("policy/tiers.toml", "cooldown_weeks = ", "cooldown_weeks = 0 # ")
    week.edit(
        "crosswalk/prices.csv", "deepseek-v4-flash-0424,0.1401,0.28,", "deepseek-v4-flash-0424,0.0701,0.14,"
    )


def _open_name(week: SeededWeek) -> None:
    """A model that nobody judged is as good as the best and as cheap as the cheapest of them."""
    row = copy.deepcopy(week.named(AA, "GPT-5.6 Luna (max)")[0])
    best = week.named(AA, "Claude Opus 5 (Adaptive Reasoning, Max Effort)")[0]
    row |= {
        "id": "5eed0000-0000-4000-8000-000000000001",
        "name": "Nova Ultra 9 (high)",
        "slug": "nova-ultra-9",
    }
    row["evaluations"] = best["evaluations"]
    week.replace(AA, [*week.rows(AA), row])


def _phantom(week: SeededWeek) -> None:
    row = copy.deepcopy(week.named(TEXT, "claude-fable-5")[0])
    row |= {"model_name": "kimi-k3-low", "rank": 1, "organization": "moonshot"}
    week.replace(TEXT, [*week.rows(TEXT), row])


def _left_out(week: SeededWeek) -> None:
    week.edit("policy/tiers.toml", "[tiers.premium]\n", '[tiers.premium]\nvendors_denied = ["meta"]\n')


def _tier_removed(week: SeededWeek) -> None:
    path = week.folder / "data/policy/tiers.toml"
    text = path.read_text()
    start = text.index("[tiers.premium-coding]")
    path.write_text(text[:start])


def _two_names(week: SeededWeek) -> None:
    row = week.named(AA, "Muse Spark 1.1 (xhigh)")[0]
    week.append(
        "crosswalk/judgements.csv",
        f"{AA},{row['id']},{row['name']},muse-spark-1.2@xhigh,2026-08-20,someone,the same",
    )


def _missing(week: SeededWeek) -> None:
    """No board lists the default of the tier premium any more."""
    lines = csv.DictReader((week.folder / "data/crosswalk/judgements.csv").read_text().splitlines())
    gone = {line["name"] for line in lines if line["variant"] == "muse-spark-1.2@xhigh"}
    for source in (AA, TEXT, WEBDEV):
        kept = [row for row in week.rows(source) if not gone & {row.get("name"), row.get("model_name")}]
        week.replace(source, kept)


def _thin(week: SeededWeek) -> None:
    _cheaper(
        week,
        "gpt-5.6-luna",
        tuple(f"GPT-5.6 Luna ({one})" for one in ("low", "medium", "high", "xhigh", "max", "Non-reasoning")),
        0.3,
    )


def _row_moved(week: SeededWeek) -> None:
    for row in week.named(TEXT, "mimo-v2.5-pro"):
        for key in ("rating", "rating_lower", "rating_upper"):
            row[key] = round(float(str(row[key])) + 60, 2)


SEEDS: Final = (
    Seed(name="half a board", plant=_half_board, told=("Held back", "lmarena-text", "names")),
    Seed(name="a reversed board", plant=_reversed_board, told=("Held back", "lmarena-text")),
    Seed(name="a silent scale break", plant=_scale_break, told=("Held back", "lmarena-text")),
    Seed(name="a unit slip", plant=_unit_slip, told=("Held back", "openrouter")),
    Seed(name="swapped names", plant=_swapped_slugs, told=("Held back", AA)),
    Seed(name="a held source", plant=_held_source, told=("Held back", WEBDEV)),
    Seed(name="old data", plant=_old_data, told=("Old data", AA, "16 characters")),
    Seed(name="a stale price source", plant=_stale_prices, told=("Old data", OPENROUTER)),
    Seed(
        name="a name moved to a sibling", plant=_wrong_mapping, told=("Name judged", "muse-spark-1.1@default")
    ),
    Seed(
        name="an effort mismatch",
        plant=_effort_mismatch,
        told=("Name judged", "GPT-5.6 Luna (max)", "gpt-5.6-luna@low"),
    ),
    Seed(
        name="one vendor, several defaults",
        plant=_vendor_concentration,
        told=("moonshot serves the default",),
    ),
    Seed(name="a price ten times", plant=_ten_times, told=("mimo-v2.5-pro@default", "price")),
    Seed(name="a price a tenth", plant=_tenth, told=("Which price counts", "mimo-v2.5-pro")),
    Seed(name="an expired pool", plant=_expired, told=("the pool in force, expired on 2026-09-05",)),
    Seed(
        name="a retired member", plant=_retired, told=("Member ends", "mimo-v2.5-pro@default", "2026-08-20")
    ),
    Seed(name="a model that comes back", plant=_comes_back, told=("Comes back",)),
    Seed(name="an open name that would enter", plant=_open_name, told=("Open name", "Nova Ultra 9 (high)")),
    Seed(name="a phantom variant", plant=_phantom, told=("Name taken by its spelling",)),
    Seed(name="a better one left out", plant=_left_out, told=("Better one left out", "muse-spark-1.2@xhigh")),
    Seed(name="a removed tier", plant=_tier_removed, told=("Tier removed", "premium-coding")),
    Seed(name="two names of one variant", plant=_two_names, told=("Two names", "Muse Spark 1.1 (xhigh)")),
    Seed(name="a member nobody names", plant=_missing, told=("Member in no data", "muse-spark-1.2@xhigh")),
    Seed(name="thin evidence", plant=_thin, told=("Thin evidence",)),
    Seed(
        name="one row moved", plant=_row_moved, told=("Rows that keep their approved values", "mimo-v2.5-pro")
    ),
)


def main() -> int:
    """Try all seeds, or those whose name holds an argument, and say which are named on the first screen."""
    wanted = [seed for seed in SEEDS if not sys.argv[1:] or any(word in seed.name for word in sys.argv[1:])]
    named = 0
    with tempfile.TemporaryDirectory(prefix="modelpool-seeds-") as place:
        quiet = Path(place) / "quiet"
        quiet_workspace(quiet)
        for number, seed in enumerate(wanted):
            missing = seeded(quiet, Path(place) / str(number), seed).missing(seed.told)
            named += not missing
            sys.stdout.write(f"{'named' if not missing else f'not told: {missing}'}: {seed.name}\n")
    sys.stdout.write(f"{named} of {len(wanted)} named\n")
    return 0 if named == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
