"""Small worlds to choose in: variants, scores, policies and briefs with one thing changed."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pipeline.domain.calendar import Week
from pipeline.domain.crosswalk import Variant
from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.domain.ids import AA_INTELLIGENCE, MetricName, Sha256, TierName, VariantId, arena_metric
from pipeline.domain.policy import (
    ChangePolicy,
    CostPolicy,
    Evidence,
    Policy,
    QualityPolicy,
    TaskKind,
    TierPolicy,
    WorthPolicy,
)
from pipeline.domain.run import PriorState
from pipeline.domain.score import BoardScore, Cost, ListPrice, NoPrice, NoScore, Score, Scoreboard
from pipeline.pools.select import select
from pipeline.pools.selection_input import Selection, SelectionInput
from pipeline.pools.tier_selection import select_tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.domain.pool import Pool
    from pipeline.pools.worth.candidate import Candidate
    from pipeline.pools.worth.tier_candidates import TierCandidates

LOGITS = math.log(10) / 400
"""Logits in one Elo point."""
ARENA = arena_metric("text", "overall")
NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
WEEK = Week("2026-W33")
BEFORE = Week("2026-W32")
"""When the pool in force was selected, unless a test says otherwise: a tier has one swap a week."""
DIGEST = sha256_hex(b"policy")
TIER = "balanced"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """One variant of a world, in Elo points and dollars."""

    name: str
    elo: float = 100.0
    usd: float = 0.005
    ci: float = 5.0
    """Half-width of the 95 % interval, in Elo points."""
    vendor: str | None = None
    """None: a vendor of its own."""
    family: str | None = None
    confirmed: bool = True
    tau: float = 20.0
    """Between-source standard deviation, in Elo points."""
    between: float = 0.0
    """Half of the 95 % interval from the disagreement of boards, in Elo points."""
    boards: tuple[MetricName, ...] = (ARENA,)
    """Which boards judge it; all say the same."""
    unpriced: str | None = None
    effort: str = "high"
    listed: tuple[int, int] | None = None
    """Input and output price in micro-dollars per Mtok; None: from the cost."""

    @property
    def id(self) -> VariantId:
        return VariantId(f"{self.name}@{self.effort}")


def at(name: str, quality: float, usd: float, *, half: float = 0.01, **changes: object) -> One:
    """A variant by its q and half of the 95 % interval of q, in answers per request.

    With the reference at 150 Elo, q = .5 is 150 Elo; V at b = 1 is q - usd / .05.
    """
    slope = quality * (1 - quality) * LOGITS
    elo = 150.0 + math.log(quality / (1 - quality)) / LOGITS
    made = One(name=name, elo=elo, usd=usd, ci=half / slope)
    if "between" in changes:
        changes["between"] = float(str(changes["between"])) / slope
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # reason: names checked at run time


def variant(one: One, **changes: object) -> Variant:
    made = Variant(
        id=one.id,
        vendor=one.vendor or f"vendor-of-{one.name}",
        family=one.family or one.name,
        release=one.name,
        effort=one.effort,
        released_on=date(2026, 1, 1),
        context_tokens=200_000,
        litellm=f"provider/{one.name}",
        openrouter=f"maker/{one.name}",
        key_env="PROVIDER_API_KEY",
        litellm_effort="-",
        openrouter_effort="-",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # reason: names checked at run time


def cost(one: One) -> Cost | NoPrice:
    if one.unpriced:
        return NoPrice(reason=one.unpriced, detail=f"{one.unpriced} in this test")
    incoming, outgoing = one.listed or (round(one.usd * 200e6), round(one.usd * 1000e6))
    price = ListPrice(
        input_microusd_per_mtok=incoming,
        output_microusd_per_mtok=outgoing,
        cache_read_microusd_per_mtok=None,
        sources=(),
    )
    return Cost(usd_per_task=one.usd, log_sd=0.5, grade="3b", verbosity=1.0, price=price)


def score(one: One, reference_elo: float) -> Score:
    theta, measured = one.elo * LOGITS, one.ci * LOGITS / 1.96
    sigma = math.hypot(measured, one.tau * LOGITS)
    reference = reference_elo * LOGITS

    def q(shift: float) -> float:
        return 1 / (1 + math.exp(reference - theta - shift))

    def on(metric: MetricName) -> BoardScore:
        return BoardScore(
            metric=metric,
            scale="arena-text-style-control",
            published=1300 + one.elo,
            theta=theta,
            se=measured,
            votes=5000 if one.confirmed else 40,
            confirmed=one.confirmed,
        )

    return Score(
        variant=one.id,
        boards=tuple(map(on, one.boards)),
        theta=theta,
        sigma=sigma,
        sigma_measured=measured,
        sigma_between=one.between * LOGITS / 1.96,
        speaking=one.boards,
        quality=q(0),
        quality_low=q(-1.96 * sigma),
        quality_high=q(1.96 * sigma),
        confirmed=one.confirmed,
        cost=cost(one),
    )


def scoreboard(
    ones: Iterable[One], *, reference_elo: float = 150.0, unscored: tuple[str, ...] = ()
) -> Scoreboard:
    scores = {one.id: score(one, reference_elo) for one in ones}
    return Scoreboard(
        evidence="general",
        anchors=(),
        anchor_rating=1300.0,
        reference=tuple(sorted(scores, key=lambda v: -scores[v].theta)[:3]),
        reference_theta=reference_elo * LOGITS,
        fits=(),
        scores=scores,
        unscored={
            VariantId(name): NoScore(variant=VariantId(name), reason="no_board", detail="on no board")
            for name in unscored
        },
    )


def tier(**changes: object) -> TierPolicy:
    values: dict[str, object] = {
        "evidence": "general",
        "floor_elo_below_reference": 150.0,
        "floor_probability": 0.5,
        "ceiling_usd_per_task": 0.015,
        "lambda_usd": 0.05,
        "k": 3,
        "retirement_days": 60,
        **changes,
    }
    return TierPolicy.model_validate(values)


def change(**changes: object) -> ChangePolicy:
    values: dict[str, object] = {
        "swap_intervals": 1.0,
        "least_gain_per_100": 0.0,
        "cooldown_weeks": 8,
        "missing_runs": 1,
        **changes,
    }
    return ChangePolicy.model_validate(values)


WORTH = WorthPolicy(default=0.5, simple=0.25, complex=0.25, stand_in=0.1, spare=0.01)


def policy(tiers: Mapping[str, TierPolicy] | None = None, **changes: object) -> Policy:
    rules = changes.pop("change", None) or change()
    made = Policy(
        format=2,
        name="test",
        seed=7,
        draws=200,
        pool_valid_days=14,
        routes=("litellm", "openrouter"),
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
            effort_ladder={"none": 1.0},
            log_sd={"3b": 0.65},
            index_task_tokens_in=1000.0,
            index_task_tokens_out=1000.0,
        ),
        worth=WORTH,
        change=change(),
        task_mix=(TaskKind(name="all", share=1.0, tokens_in=1000.0, tokens_out=500.0, cached_share=0.0),),
        tiers=dict(tiers or {TIER: tier()}),
    )
    return made.model_copy(update={"change": rules, **changes})


def inputs(ones: Iterable[One], **changes: object) -> SelectionInput:
    world = tuple(ones)
    made = SelectionInput(
        week=WEEK,
        as_of=NOW,
        policy=policy(),
        policy_sha256=DIGEST,
        scoreboards={"general": scoreboard(world)},
        variants={one.id: variant(one) for one in world},
        profiles={},
        published=None,
        published_sha256=None,
        audit_head=None,
        memory=PriorState(),
        attribution=("Leaderboard data by LMArena (CC-BY-4.0)",),
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type] # reason: names checked at run time


def digest_of(pool: Pool) -> Sha256:
    return sha256_hex(bytes_of(pool))


def bytes_of(pool: Pool) -> bytes:
    return canonical_json(pool.model_dump(mode="json"))


def members(selection: Selection, name: str = TIER) -> list[str]:
    return [member.variant.split("@")[0] for member in selection.pool.tiers[name].members]


def published(*ones: One, **changes: object) -> Pool:
    """A pool that holds exactly these variants in this order; the world has nobody else."""
    asked = {"floor_elo_below_reference": 5000.0, "ceiling_usd_per_task": None, **changes}
    made = inputs(ones, week=BEFORE, policy=policy({TIER: tier(**asked)}))
    pool = select(made).pool
    found = {member.variant: member for member in pool.tiers[TIER].members}
    lines = tuple(found[one.id].model_copy(update={"rank": rank}) for rank, one in enumerate(ones, start=1))
    return pool.model_copy(update={"tiers": {TIER: pool.tiers[TIER].model_copy(update={"members": lines})}})


def after(pool: Pool, ones: Iterable[One], **changes: object) -> Selection:
    """Select a week later on top of a published pool."""
    world = tuple(ones)
    extra: dict[str, object] = {"published": pool, "published_sha256": digest_of(pool), **changes}
    return select(inputs(world, **extra))


def why(selection: Selection, name: str) -> str:
    return next(one.reason for one in selection.changes if one.variant.startswith(f"{name}@"))


def field_of(made: SelectionInput) -> TierCandidates:
    """What the one tier's selection looks at."""
    return select_tier(made, TierName(TIER)).field


def candidates(*ones: One) -> list[Candidate]:
    """The same variants as the rules see them, in the order given; no floor, no ceiling."""
    rules = policy({TIER: tier(floor_elo_below_reference=5000.0, ceiling_usd_per_task=None)})
    return field_of(inputs(ones, policy=rules)).present(one.id for one in ones)
