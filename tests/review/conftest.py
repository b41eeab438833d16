"""A proposal made by hand: small enough to read whole."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.calendar import Week
from pipeline.domain.crosswalk import OpenName, Resolution, Suggestion
from pipeline.domain.ids import AA_INTELLIGENCE, SourceKey, SourceModelName, SourceName, VariantId
from pipeline.domain.observation import Entry, Finding, Severity
from pipeline.domain.pool import (
    Cause,
    Change,
    Headline,
    HullPoint,
    OtherPrice,
    Pool,
    RemainingTier,
    Standing,
    TierReport,
    VendorLoss,
)
from pipeline.domain.run_inputs import InputDigest
from pipeline.domain.score import Fit, Scoreboard
from pipeline.review.proposals.compose import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

POOL = Path(__file__).parent / "pool.json"
NOW = datetime(2026, 8, 15, 12, 0, 0, tzinfo=UTC)
PRICE_FELL = "Price fell 42 %; above $0.0016 it would not enter."
BEST_VALUE = (
    "Serves as the tier's default: 3.28 acceptable answers per dollar (a miss counted at $0.50), 5% more "
    "than the next; it would not be chosen above $90.00 per 1,000 tasks (alpha-2@high would stay)."
)
LEAVES = "Leaves for alpha-2@low: 2.5 answers per 100 more at the same price of an answer."
AS_OF = "2026-08-15T12:00:00Z"


def standing(variant: str, verdict: str, usd: str | None, quality: float, rule: str = "") -> Standing:
    """One standing; without a cost it stays unknown."""
    candidate = verdict == "candidate"
    return Standing.model_validate(
        {
            "variant": variant,
            "verdict": verdict,
            "rule": rule or None,
            "detail": f"{rule.replace('_', ' ')}: as the numbers say." if rule else "",
            "theta_elo": f"{400 * math.log10(quality / (1 - quality)):.1f}",
            "quality": f"{quality:.4f}",
            "quality_low": f"{quality - 0.04:.4f}",
            "quality_high": f"{quality + 0.04:.4f}",
            "usd_per_task": usd,
            "cost_grade": "3b" if usd else None,
            "expected_usd": None,
            "acceptable_answers_per_usd": "250.1" if usd else None,
            "p_close": "0.120" if candidate else None,
            "floor_probability": "0.9100",
            "rank_low": 2 if candidate else None,
            "rank_high": 9 if candidate else None,
            "usd_per_task_low": f"{float(usd) / 2.3:.6f}" if usd else None,
            "usd_per_task_high": f"{float(usd) * 2.3:.6f}" if usd else None,
        }
    )


def report(floor: str, ceiling: str | None, worth: str, standings: tuple[Standing, ...]) -> TierReport:
    """A report whose hull climbs over its members, cheapest first."""
    members = [each for each in reversed(standings) if each.verdict == "member" and ceiling]
    hull = tuple(
        HullPoint(
            variant=each.variant,
            usd_per_task=each.usd_per_task or "0",
            quality=each.quality or "0",
            next_answer_usd="0.0160" if order else None,
        )
        for order, each in enumerate(members)
    )
    first = next(each for each in standings if each.verdict == "member")
    return TierReport(
        evidence="general",
        floor_quality=floor,
        ceiling_usd_per_task=ceiling,
        lambda_usd=worth,
        standings=standings,
        hull=hull,
        large=False,
        default_after=Headline(
            variant=first.variant,
            acceptable_answers_per_usd=first.acceptable_answers_per_usd or "0",
            usd_per_1000_tasks=f"{1000 * float(first.usd_per_task or 0):.3f}",
        ),
        other_prices=tuple(
            OtherPrice(lambda_usd=f"{float(worth) * factor:.6f}", variants=(first.variant, "old-1@none"))
            for factor in (1 / 3, 3)
        ),
    )


def loss(vendor: str, left: tuple[str, ...]) -> VendorLoss:
    """A tier without a vendor; whoever is left, `old-1@none` would be chosen beside them."""
    if left:
        remains = RemainingTier(variants=left, usd_per_task="0.0004", quality_drop_elo="34.5")
    else:
        remains = RemainingTier(variants=(), usd_per_task=None, quality_drop_elo=None)
    again = RemainingTier(variants=(*left, "old-1@none"), usd_per_task="0.0011", quality_drop_elo="-0.4")
    return VendorLoss(vendor=vendor, left=remains, chosen_again=again)


def change(
    tier: str, variant: str, ranks: tuple[int | None, int | None], cause: Cause, reason: str
) -> Change:
    """One change of (rank before, rank after); in frugal `alpha-2@low` takes the place of `old-1@none`."""
    before, after = ranks
    replaces = "old-1@none" if (tier, before) == ("frugal", None) else None
    return Change(
        tier=tier,
        variant=variant,
        rank_before=before,
        rank_after=after,
        cause=cause,
        reason=reason,
        usd_per_task_before="0.0021" if before or replaces else None,
        usd_per_task_after="0.0012" if after else None,
        replaces=replaces,
    )


def input_digest(name: str, mark: str) -> InputDigest:
    """One input with a digest of one repeated digit."""
    return InputDigest(name=name, sha256=mark * 64, detail=f"data/{name}", fetched_at=AS_OF)


def open_name(name: str, value: float | None, source: str = "lmarena-text") -> OpenName:
    """One name nobody has judged, with a suggestion."""
    entry = Entry(source=SourceName(source), key=SourceKey(name), name=SourceModelName(name))
    suggestion = Suggestion(variant=VariantId("alpha-2@high"), evidence="same words, other order")
    return OpenName(entry=entry, best_value=value, suggestions=(suggestion,))


def resolution(names: tuple[OpenName, ...]) -> Resolution:
    """A resolution of which only the counts and the open names matter here."""
    return Resolution(
        measures=(),
        offers=(),
        profiles=MappingProxyType({}),
        open_names=names,
        judged_names=118,
        unrouted_names=9,
    )


def scoreboard() -> Scoreboard:
    """A board with one fit and five anchors."""
    fit = Fit(
        metric=AA_INTELLIGENCE,
        scale="aa-4.1",
        n=142,
        intercept=0.1,
        slope=1.2,
        r2=0.71,
        tau=0.15,
        merged=True,
    )
    return Scoreboard(
        evidence="general",
        anchors=tuple(VariantId(f"anchor-{number}@none") for number in (3, 1, 5, 2, 4)),
        anchor_rating=1337.5,
        reference=(VariantId("alpha-2@high"),),
        reference_theta=0.8,
        fits=(fit,),
        scores=MappingProxyType({}),
        unscored=MappingProxyType({}),
    )


def small_draft() -> Draft:
    """Two tiers, three changes, one hold: small enough to read its golden files whole."""
    cheap = (
        standing("old-1@none", "candidate", "0.0011", 0.38),
        standing("alpha-2@low", "member", "0.0012", 0.46),
        standing("beta-1@none", "member", "0.0004", 0.41),
        standing("gamma-9@max", "excluded", "0.0810", 0.55, "ceiling"),
        standing("free-1@none", "excluded", None, 0.44, "price_zero"),
        standing("dim-1@none", "excluded", "0.0001", 0.2, "floor"),
    )
    dear = (
        standing("gamma-9@max", "member", "0.0810", 0.55),
        standing("alpha-2@high", "member", "0.0320", 0.52),
    )
    reports = {
        "frugal": report("0.3500", "0.0020", "0.0040", cheap),
        "premium": report("0.4600", None, "0.5000", dear),
    }
    changes = (
        change("premium", "gamma-9@max", (None, 1), Cause.NEW, BEST_VALUE),
        change("premium", "alpha-2@high", (1, 2), Cause.ORDER, "A better variant takes the first place."),
        change("frugal", "old-1@none", (1, None), Cause.VALUE, LEAVES),
        change("frugal", "alpha-2@low", (None, 1), Cause.PRICE, PRICE_FELL),
    )
    before = Headline(variant="old-1@none", acceptable_answers_per_usd="219.8", usd_per_1000_tasks="2.100")
    reports["frugal"] = reports["frugal"].model_copy(
        update={
            "losses": (loss("alpha", ("beta-1@none",)), loss("beta", ())),
            "default_before": before,
        }
    )
    return Draft(
        week=Week("2026-W33"),
        attempt=1,
        as_of=NOW,
        seed=20260,
        inputs=(input_digest("policy", "1"), input_digest("capture:lmarena-text:1", "2")),
        pool=Pool.model_validate_json(POOL.read_bytes()),
        changes=changes,
        tiers=reports,
        scoreboards={"general": scoreboard()},
        resolution=resolution((open_name("delta-7-preview", 1402.0), open_name("epsilon", None))),
        findings=(
            Finding(kind="drift", severity=Severity.NOTE, subject="openrouter", message="New field `tier`."),
            Finding(
                kind="coverage",
                severity=Severity.HOLD,
                subject="artificial-analysis",
                message="price_1m_input_tokens is filled in 0 % of the rows, was 73 %.",
            ),
        ),
        large=False,
    )


@pytest.fixture(scope="session")
def draft() -> Draft:
    """The small draft; nothing in it changes, so one is enough."""
    return small_draft()


@pytest.fixture
def now() -> datetime:
    """The moment of every test."""
    return NOW


@pytest.fixture(scope="session")
def make_open_name() -> Callable[[str, float | None, str], OpenName]:
    """Make one open name."""
    return open_name
