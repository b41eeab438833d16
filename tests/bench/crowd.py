"""A large week, for time and memory: 400 variants on four boards, five tiers, 2,000 draws.

`python -m tests.bench.crowd` prints one JSON line; `make bench` runs it in a process of its own, because
the largest memory of a process never falls again.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week
from pipeline.domain.crosswalk import CatalogueOffer, Crosswalk, Measure, Profile, Resolution, Variant
from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import (
    AA_CODING,
    AA_INTELLIGENCE,
    AA_USD_PER_TASK,
    GENAI_PRICES,
    OPENROUTER,
    MetricName,
    SourceKey,
    SourceModelName,
    VariantId,
    arena_metric,
    source_of,
)
from pipeline.domain.observation import Observation, Price
from pipeline.domain.run import PriorState
from pipeline.policy.load import load_policy
from pipeline.pools.select import select
from pipeline.pools.selection_input import SelectionInput
from pipeline.scoring.scoreboard import score

if TYPE_CHECKING:
    from pipeline.domain.policy import Policy

POLICY = Path(__file__).resolve().parents[2] / "data" / "policy" / "tiers.toml"
COUNT = 400
ROUNDS = 5
DAY = date(2026, 8, 13)
NOTHING = sha256_hex(b"")
EFFORTS = ("none", "low", "medium", "high")
CODING = {"balanced-coding": "balanced", "premium-coding": "premium"}
OPEN: dict[str, object] = {
    "floor_elo_below_reference": 5000.0,
    "floor_probability": 0.0,
    "ceiling_usd_per_task": None,
    "ceiling_list_usd_per_mtok": None,
    "min_context_tokens": 0,
}
"""A tier that keeps nobody out: the most work there can be."""

World = tuple[Resolution, Crosswalk]


def world(count: int = COUNT, seed: int = 4) -> World:
    """Make a week: a seeded board of releases at four efforts, better ones dearer on the whole."""
    dice = random.Random(seed)  # noqa: S311 - a seeded sample, not a secret
    variants = [_variant(number) for number in range(count)]
    measures: list[Measure] = []
    offers: list[CatalogueOffer] = []
    for one in variants:
        skill = dice.gauss(0, 1)
        measures += _measures(one.id, skill, dice)
        per_input = round(1e6 * 10 ** (0.4 * skill + dice.gauss(-0.3, 0.5)))
        offers += [_offer(one.id, source, per_input) for source in (GENAI_PRICES, OPENROUTER)]
    profiles = {one.id: Profile(variant=one.id, context_tokens=200_000, tools=True) for one in variants}
    resolution = Resolution(measures=tuple(measures), offers=tuple(offers), profiles=profiles, open_names=())
    known = {one.id: one for one in variants}
    return resolution, Crosswalk(variants=known, judgements={}, prices={}, sha256=NOTHING)


def five_tiers(*, wide: bool) -> Policy:
    """Take the shipped policy with two coding tiers; `wide` takes floors, ceilings and needs away."""
    policy, _ = load_policy(POLICY)
    tiers = dict(policy.tiers)
    for name, like in CODING.items():
        tiers.setdefault(name, policy.tiers[like].model_copy(update={"evidence": "coding"}))
    if wide:
        tiers = {name: tier.model_copy(update=OPEN) for name, tier in tiers.items()}
    return policy.model_copy(update={"tiers": tiers, "draws": 2000})


def choose(made: World, policy: Policy) -> int:
    """Score every evidence and select with draws and reasons; returns how many places are taken."""
    resolution, crosswalk = made
    evidence = sorted({tier.evidence for tier in policy.tiers.values()})
    inputs = SelectionInput(
        week=Week("2026-W33"),
        as_of=datetime(2026, 8, 15, 12, tzinfo=UTC),
        policy=policy,
        policy_sha256=NOTHING,
        scoreboards={name: score(name, resolution, crosswalk, policy) for name in evidence},
        variants=crosswalk.variants,
        profiles=resolution.profiles,
        published=None,
        published_sha256=None,
        audit_head=None,
        memory=PriorState(),
        attribution=(),
    )
    return sum(len(tier.members) for tier in select(inputs).pool.tiers.values())


def _variant(number: int) -> Variant:
    release, vendor = f"release-{number // 4:03}", f"vendor-{number // 20:02}"
    effort = EFFORTS[number % 4]
    return Variant(
        id=VariantId(f"{release}@{effort}"),
        vendor=vendor,
        family=release,
        release=release,
        effort=effort,
        released_on=date(2026, 1 + number % 7, 1),
        open_weights=number % 3 == 0,
        litellm=f"{vendor}/{release}",
        openrouter=f"{vendor}/{release}",
        key_env="A_KEY",
        litellm_effort="-",
        openrouter_effort="-",
    )


def _measures(variant: VariantId, skill: float, dice: random.Random) -> list[Measure]:
    """Four boards and the dollars of one index task."""
    points = {
        arena_metric("text", "overall"): 1350 + 70 * skill,
        arena_metric("webdev", "overall"): 1300 + 90 * skill + dice.gauss(0, 30),
        AA_INTELLIGENCE: min(max(45 + 12 * skill + dice.gauss(0, 4), 2), 98),
        AA_CODING: min(max(40 + 12 * skill + dice.gauss(0, 5), 2), 98),
        AA_USD_PER_TASK: 0.2 * 10 ** (0.5 * skill + dice.gauss(0, 0.3)),
    }
    return [_measure(variant, metric, value, dice) for metric, value in points.items()]


def _measure(variant: VariantId, metric: MetricName, value: float, dice: random.Random) -> Measure:
    half = dice.uniform(4, 12) if metric.startswith("arena") else None
    return Measure(
        variant=variant,
        observation=Observation(
            source=source_of(metric),
            key=SourceKey(variant),
            name=SourceModelName(variant),
            metric=metric,
            scale="bench",
            value=value,
            low=None if half is None else value - half,
            high=None if half is None else value + half,
            votes=None if half is None else dice.randrange(1000, 60000),
            observed_on=DAY,
            capture=NOTHING,
        ),
    )


def _offer(variant: VariantId, source: str, per_input: int) -> CatalogueOffer:
    return CatalogueOffer(
        variant=variant,
        price=Price(
            source=GENAI_PRICES if source == GENAI_PRICES else OPENROUTER,
            key=SourceKey(variant),
            name=SourceModelName(variant),
            input_microusd_per_mtok=per_input,
            output_microusd_per_mtok=4 * per_input,
            cache_read_microusd_per_mtok=None,
            observed_on=DAY,
            capture=NOTHING,
        ),
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print wall and processor seconds (medians, and the first time), places taken and megabytes."""
    made, policy = world(), five_tiers(wide="wide" in sys.argv[1:])
    before, walls, works, places = _peak_mb(), [], [], 0
    for _ in range(ROUNDS):
        wall, work = time.perf_counter(), time.process_time()
        places = choose(made, policy)
        walls.append(time.perf_counter() - wall)
        works.append(time.process_time() - work)
    told = {
        "first_s": walls[0],
        "wall_s": statistics.median(walls),
        "processor_s": statistics.median(works),
        "places": places,
        "mb_before": before,
        "mb_peak": _peak_mb(),
    }
    print(json.dumps(told))  # noqa: T201 - a line for the bench


if __name__ == "__main__":
    main()
