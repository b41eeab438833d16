"""Small weeks by hand: measures, offers, variants and a policy with round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

import pytest

from pipeline.domain.crosswalk import CatalogueOffer, Crosswalk, JudgedPrice, Measure, Resolution, Variant
from pipeline.domain.ids import (
    AA_INTELLIGENCE,
    MetricName,
    Sha256,
    SourceKey,
    SourceModelName,
    SourceName,
    VariantId,
    arena_metric,
)
from pipeline.domain.observation import Observation, Price
from pipeline.domain.policy import (
    ChangePolicy,
    CostPolicy,
    Evidence,
    Policy,
    QualityPolicy,
    TaskKind,
    WorthPolicy,
)

DAY = date(2026, 8, 12)
DIGEST = Sha256("0" * 64)
ELO = 400 / math.log(10)
ARENA = arena_metric("text", "overall")


@dataclass(frozen=True, slots=True)
class Make:
    """Builds domain values; every number a test does not name is unremarkable."""

    def observation(self, name: str, metric: MetricName, value: float) -> Observation:
        return Observation(
            source=SourceName("board"),
            key=SourceKey(name),
            name=SourceModelName(name),
            metric=metric,
            scale="v1",
            value=value,
            low=None,
            high=None,
            votes=None,
            observed_on=DAY,
            capture=DIGEST,
        )

    def arena(
        self, name: str, rating: float, *, half_width: float | None = 4.0, votes: int | None = 5000
    ) -> Measure:
        seen = replace(
            self.observation(name, ARENA, rating),
            low=None if half_width is None else rating - half_width,
            high=None if half_width is None else rating + half_width,
            votes=votes,
        )
        return Measure(variant=VariantId(name), observation=seen)

    def index(
        self, name: str, value: float, *, scale: str = "aa-4.1", metric: MetricName = AA_INTELLIGENCE
    ) -> Measure:
        """Artificial Analysis says so: an index, or with another metric dollars or speed."""
        return Measure(
            variant=VariantId(name), observation=replace(self.observation(name, metric, value), scale=scale)
        )

    def price(
        self, source: str, usd_in: float | None, usd_out: float | None, usd_cached: float | None = None
    ) -> Price:
        micro = [None if usd is None else round(usd * 1e6) for usd in (usd_in, usd_out, usd_cached)]
        return Price(
            source=SourceName(source),
            key=SourceKey("m"),
            name=SourceModelName("m"),
            input_microusd_per_mtok=micro[0],
            output_microusd_per_mtok=micro[1],
            cache_read_microusd_per_mtok=micro[2],
            observed_on=DAY,
            capture=DIGEST,
        )

    def offers(self, name: str, usd_in: float, usd_out: float) -> tuple[CatalogueOffer, ...]:
        """Two sources that agree."""
        return tuple(
            CatalogueOffer(variant=VariantId(name), price=self.price(source, usd_in, usd_out))
            for source in ("openrouter", "genai-prices")
        )

    def variant(self, name: str) -> Variant:
        release, _, effort = name.partition("@")
        return Variant(
            id=VariantId(name),
            vendor="vendor",
            family=release,
            release=release,
            effort=effort or "none",
        )

    def crosswalk(self, *names: str, prices: tuple[JudgedPrice, ...] = ()) -> Crosswalk:
        return Crosswalk(
            variants={VariantId(name): self.variant(name) for name in names},
            judgements={},
            prices={price.release: (price,) for price in prices},
            sha256=DIGEST,
        )

    def judged(self, release: str, usd_in: float, usd_out: float, usd_cached: float | None) -> JudgedPrice:
        return JudgedPrice(
            release=release,
            input_microusd_per_mtok=round(usd_in * 1e6),
            output_microusd_per_mtok=round(usd_out * 1e6),
            cache_read_microusd_per_mtok=None if usd_cached is None else round(usd_cached * 1e6),
            valid_from=DAY,
            source_url="https://vendor.example/pricing",
            decided_by="a reviewer",
            reason="read off the page",
        )

    def resolution(self, *measures: Measure, offers: tuple[CatalogueOffer, ...] = ()) -> Resolution:
        return Resolution(measures=measures, offers=offers, profiles={}, open_names=())

    def twin_boards(self, count: int, *, a: float = 0.2, wiggle: float = 0.0) -> tuple[Measure, ...]:
        """Variants `m00..` whose Arena theta above 1300 is `a + .5 * logit(x/100)`, +- `wiggle` Elo."""
        rows: list[Measure] = []
        for number in range(count):
            points = 20 + 60 * number / (count - 1)
            theta = a + 0.5 * math.log(points / (100 - points)) + wiggle * math.sin(7.3 * number) / ELO
            name = f"m{number:02}"
            rows += [self.arena(name, 1300 + theta * ELO), self.index(name, points)]
        return tuple(rows)


@pytest.fixture(scope="session")
def make() -> Make:
    """Builders of small weeks."""
    return Make()


@pytest.fixture(scope="session")
def policy() -> Policy:
    """A policy with round numbers and one kind of task."""
    return Policy(
        format=2,
        name="test",
        seed=1,
        draws=100,
        pool_valid_days=14,
        routes=("litellm",),
        bands={"simple": 0.3, "medium": 1.0, "complex": 3.0},
        evidence={"general": Evidence(arena=ARENA, index=AA_INTELLIGENCE)},
        quality=QualityPolicy(
            anchor_count=5,
            anchor_min_votes=1000,
            assumed_index_error=1.0,
            tau_floor_elo=8.0,
            min_overlap=15,
            min_r2=0.5,
            confirmed_votes=1000,
            reference_count=3,
        ),
        cost=CostPolicy(
            price_agreement=0.05,
            fee_usd_per_task=0.0,
            effort_ladder={"none": 1.0, "low": 2.3, "high": 9.0, "default": 1.0},
            log_sd={"2b": 0.65, "3b": 0.65},
            index_task_tokens_in=4000.0,
            index_task_tokens_out=1000.0,
        ),
        worth=WorthPolicy(default=0.5, simple=0.25, complex=0.25, stand_in=0.1, spare=0.01),
        change=ChangePolicy(swap_intervals=1.0, least_gain_per_100=0.0, cooldown_weeks=8, missing_runs=1),
        task_mix=(TaskKind(name="chat", share=1.0, tokens_in=2000.0, tokens_out=500.0, cached_share=0.5),),
        tiers={},
    )
