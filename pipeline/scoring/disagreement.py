"""Where sources differ about a price by more than they may: what a reviewer should know."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Final

from pipeline.domain.names import OPENROUTER
from pipeline.domain.observation import Finding, Severity
from pipeline.domain.score import ListPrice
from pipeline.scoring.claim import agree, claim_of, close, dollars, figures
from pipeline.scoring.price import JUDGEMENT, THIRD_OPINIONS, agreed_price

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Resolution
    from pipeline.domain.names import VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.score import Scoreboard
    from pipeline.scoring.claim import Claim

_SHOWN = 8

PEAK: Final = "peak hours"
"""What a source's note says of a price that holds at some hours only (`sources.genai_table`)."""


def price_findings(
    resolution: Resolution, crosswalk: Crosswalk, boards: Mapping[str, Scoreboard], agreement: float
) -> tuple[Finding, ...]:
    """Report, for scored variants, who contradicts an agreed price, and whose price nobody agrees on.

    A contradiction is told once per release. Releases without an agreed price are told together, the
    best of them by name: each of their variants says in the report why it is left out.

    Args:
        resolution: This week's offers.
        crosswalk: The variants and the judged prices.
        boards: Every scoreboard in use; a variant on none of them needs no price.
        agreement: Largest difference between two figures, as a share of the larger one.
    """
    quality = _best_quality(boards)
    offers: defaultdict[VariantId, list[Price]] = defaultdict(list)
    for offer in resolution.offers:
        if offer.variant in quality:
            offers[offer.variant].append(offer.price)
    told: defaultdict[tuple[str, Severity, str], list[str]] = defaultdict(list)
    open_prices: dict[str, float] = {}
    for name in sorted(offers):
        variant = crosswalk.variants[name]
        judged = crosswalk.price_of(variant.release)
        price = agreed_price(offers[name], judged, agreement)
        if isinstance(price, ListPrice):
            for severity, message in (*_by_hour(price), *_contradicted(price, offers[name], agreement)):
                told[variant.release, severity, message].append(variant.effort)
        elif any(map(claim_of, offers[name])):
            open_prices[variant.release] = max(quality[name], open_prices.get(variant.release, 0.0))
    return (*(_told(key, efforts) for key, efforts in sorted(told.items())), *_open(open_prices))


def _by_hour(price: ListPrice) -> tuple[tuple[Severity, str], ...]:
    """Say that the dearer hours count: what a task costs at other hours is less, never more."""
    if PEAK not in price.note:
        return ()
    told = (
        f"the price depends on the hour; that of the {PEAK} counts for every hour: "
        f"input {dollars(price.input_microusd_per_mtok)}, output {dollars(price.output_microusd_per_mtok)}"
    )
    return ((Severity.NOTE, told),)


def _best_quality(boards: Mapping[str, Scoreboard]) -> Mapping[VariantId, float]:
    quality: dict[VariantId, float] = {}
    for board in boards.values():
        for name, score in board.scores.items():
            quality[name] = max(score.quality, quality.get(name, 0.0))
    return quality


def _contradicted(
    price: ListPrice, offers: Sequence[Price], agreement: float
) -> tuple[tuple[Severity, str], ...]:
    """Name who states other figures than the agreed ones."""
    claims = [claim for claim in map(claim_of, offers) if claim is not None]
    against = sorted((c for c in claims if not _agrees(price, c, agreement)), key=lambda c: c.source)
    if not against:
        return ()
    agreed = (
        f"input {dollars(price.input_microusd_per_mtok)}, output {dollars(price.output_microusd_per_mtok)}"
    )
    others = "; ".join(f"{figures(c.stated)} (of {c.stated.observed_on})" for c in against)
    message = f"{agreed} by {' and '.join(price.sources)}, but {others}: more than {agreement:.0%} apart"
    first = [c for c in against if c.source not in THIRD_OPINIONS]
    return ((Severity.WARN if _is_serious(price, first, agreement) else Severity.NOTE, message),)


def _is_serious(price: ListPrice, against: Sequence[Claim], agreement: float) -> bool:
    """Say whether the agreed price may be too low, or stand on too little, to be read past.

    A person's price: two sources agree on another one. Else: a third opinion settled it, or the route's own
    catalogue is dearer.
    """
    if JUDGEMENT in price.sources:
        return any(
            one.source != other.source and agree(one, other, agreement)
            for one, other in combinations(against, 2)
        )
    settled_by_third = len(set(price.sources) - THIRD_OPINIONS) == 1
    return bool(against) and (settled_by_third or any(_is_dearer_route(price, c) for c in against))


def _is_dearer_route(price: ListPrice, claim: Claim) -> bool:
    return claim.source == OPENROUTER and (
        claim.input > price.input_microusd_per_mtok or claim.output > price.output_microusd_per_mtok
    )


def _agrees(price: ListPrice, claim: Claim, agreement: float) -> bool:
    return close(price.input_microusd_per_mtok, claim.input, agreement) and close(
        price.output_microusd_per_mtok, claim.output, agreement
    )


def _told(key: tuple[str, Severity, str], efforts: Sequence[str]) -> Finding:
    release, severity, message = key
    return Finding(
        kind="price-disagreement",
        severity=severity,
        subject=release,
        message=f"{release} ({', '.join(efforts)}): {message}",
    )


def _open(releases: Mapping[str, float]) -> tuple[Finding, ...]:
    if not releases:
        return ()
    best = sorted(releases, key=lambda release: (-releases[release], release))
    many = "1 release has" if len(best) == 1 else f"{len(best)} releases have"
    more = f" and {len(best) - _SHOWN} more" if len(best) > _SHOWN else ""
    return (
        Finding(
            kind="price-disagreement",
            severity=Severity.NOTE,
            subject="prices",
            message=f"{many} no price that two sources agree on, the best first: "
            f"{', '.join(best[:_SHOWN])}{more}; judge them in data/crosswalk/prices.csv",
        ),
    )
