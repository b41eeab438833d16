"""A new source is one file and one line: it is read, checked, shown, named and may confirm a price."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.domain.ids import GENAI_PRICES, LITELLM_PRICES, MODELS_DEV
from pipeline.domain.observation import PriceRole
from pipeline.domain.price import PriceRecord
from pipeline.flow.record.config import built_in_expectations
from pipeline.sources.registry import ATTRIBUTION, SOURCES, open_sources
from tests.extension import Extension, extend

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

ACME = Extension(
    file="sources/price_lists/acme.py",
    text='''"""Fetches and parses a made price list: from `vendor/model` to input and output price."""

import json

from pipeline.domain.ids import SourceKey, SourceModelName, SourceName
from pipeline.domain.observation import Entry, Price, PriceRole, Reading
from pipeline.sources.http.request import Request
from pipeline.sources.spec import SourceSpec

ACME = SourceName("acme-prices")


class Acme:
    name = ACME
    patterns = ("*acme-prices*.json",)

    def __init__(self, key=None):
        self.key = key

    def fetch(self, session):
        return (session.ask(Request(url="https://acme.example/prices")).capture,)

    def parse(self, captures):
        (capture,) = captures
        rows = json.loads(capture.body)
        entries = tuple(Entry(source=ACME, key=SourceKey(k), name=SourceModelName(k)) for k in rows)
        prices = tuple(
            Price(
                source=ACME,
                key=SourceKey(key),
                name=SourceModelName(key),
                input_microusd_per_mtok=row[0],
                output_microusd_per_mtok=row[1],
                cache_read_microusd_per_mtok=None,
                observed_on=capture.fetched_at.date(),
                capture=capture.sha256,
            )
            for key, row in rows.items()
        )
        return Reading(
            source=ACME,
            scale="",
            published_on=None,
            fetched_at=capture.fetched_at,
            captures=(capture.sha256,),
            prices=prices,
            entries=entries,
        )


ACME_TABLE = SourceSpec(
    source=Acme(),
    summary="a made price list",
    attribution="Made prices by Acme",
    price_role=PriceRole.THIRD_OPINION,
    connect=lambda access: Acme(access.keys.get(ACME)),
    requests_a_day=lambda _: 7,
    expectations={
        "min_names": 2,
        "min_rows": 2,
        "coverage": {"price": 0.9},
        "max_coverage_drop": 0.2,
        "canaries": ["deepseek/deepseek-v4-flash"],
        "min_canaries": 1,
        "max_vanished": 0.5,
        "max_shift": {},
        "warn_shift": {},
        "max_moved": {},
        "max_age_days": 60,
        "warn_unchanged": 5,
        "hold_unchanged": 13,
        "rows": {"shift": {}, "creep": {}, "factor": {}, "creep_factor": {}},
    },
)
''',
    registry="sources/registry.py",
    imported="from pipeline.sources.price_lists.acme import ACME_TABLE",
    before="    MODELS_DEV_TABLE,\n",
    line="    ACME_TABLE,",
)
WEEK = ("--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")


ROWS = {"deepseek/deepseek-v4-flash": [140_000, 280_000], "deepseek/deepseek-v4-pro": [435_000, 870_000]}


def test_a_new_source_is_one_file_and_one_line(tmp_path: Path, example: Example) -> None:
    package = extend(tmp_path / "extended", ACME)
    captures = example.folder / "data/sample/2026-W33"
    (captures / "2026-08-14-acme-prices.json").write_text(json.dumps(ROWS))
    there = ("--workspace", str(example.folder))
    done = package.modelpool("run", "--captures", str(captures), *WEEK, *there)
    assert done.returncode == 10, done.stderr
    told = (example.folder / "reviews/2026-W33/proposal.json").read_text()
    assert '"capture:acme-prices:' in told, "its bytes are an input of the run"
    assert "Made prices by Acme" in told, "whose figures they are stands in the pool"
    assert '"built-in-expectations"' in told, "the workspace's file knows nothing of it"
    listed = package.modelpool("sources", "--json", *there).stdout
    assert '"acme-prices"' in listed
    assert "of 7 requests" in listed


def test_every_source_has_expectations_and_a_line_of_attribution() -> None:
    assert built_in_expectations().keys() == SOURCES.keys()
    assert len(ATTRIBUTION) == len(set(ATTRIBUTION)) == 4
    assert all(spec.attribution in ATTRIBUTION and spec.summary for spec in SOURCES.values())
    assert [name for name, spec in SOURCES.items() if spec.installed] == [GENAI_PRICES]
    assert list(open_sources()) == list(SOURCES)


def test_the_third_opinions_are_those_that_scoring_takes_for_such_where_nobody_says() -> None:
    thirds = {name for name, spec in SOURCES.items() if spec.price_role is PriceRole.THIRD_OPINION}
    assert thirds == PriceRecord().third_opinions == {LITELLM_PRICES, MODELS_DEV}
