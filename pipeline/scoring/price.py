"""The agreed list price of a variant: two sources that agree, or a person's judgement.

Money is integer micro-dollars per million tokens: 2,500,000 is $2.50 per million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.names import (
    ARTIFICIAL_ANALYSIS,
    GENAI_PRICES,
    LITELLM_PRICES,
    MODELS_DEV,
    OPENROUTER,
    SourceName,
)
from pipeline.domain.score import ListPrice, Unpriced
from pipeline.scoring.claim import agree, claim_of, close, figures, states_zero, worst_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.observation import Price
    from pipeline.scoring.claim import Claim

JUDGEMENT: Final = SourceName("judgement")
"""The source of a price that a person read off the vendor's page."""

_ORDER = (OPENROUTER, GENAI_PRICES, ARTIFICIAL_ANALYSIS, LITELLM_PRICES, MODELS_DEV)
_PRECEDENCE = {source: place for place, source in enumerate(_ORDER)}
"""A route's own catalogue first, then the vendors' table, a benchmark's side note, the third opinions."""

THIRD_OPINIONS: Final = frozenset({LITELLM_PRICES, MODELS_DEV})
"""They confirm or contradict what another source states; they never make a price by themselves."""

_JUDGE_IT = "judge it in data/crosswalk/prices.csv"
_FREE = "free: zero prices are kept out of paid tiers"


def agreed_price(
    prices: Sequence[Price], judged: JudgedPrice | None, agreement: float
) -> ListPrice | Unpriced:
    """Find the list price of one variant (method section 4).

    A judged price wins. Else two sources must state input and output above zero, each within
    `agreement`; the values are those of the first source, in the order openrouter, genai-prices,
    artificial-analysis, that another one supports. A third opinion (litellm-prices, models-dev)
    supports where no two of those agree, and never against a newer figure of another one of them.
    Zero and half-stated prices are unknown; only two sources that both state zero, beside none
    that states a price, make a variant free.

    Args:
        prices: What the sources state, in any order.
        judged: The judgement for the variant's release, if there is one.
        agreement: Largest difference between two sources, as a share of the larger figure.
    """
    if judged is not None:
        return _judged(judged)
    stated = sorted(prices, key=_order)
    claims = [claim for claim in map(claim_of, stated) if claim is not None]
    group = _group(claims, agreement)
    if group:
        return _agreed(group, [claim for claim in claims if claim not in group], agreement)
    return _unclaimed(stated) if not claims else _unsupported(claims)


def _group(claims: Sequence[Claim], agreement: float) -> tuple[Claim, ...]:
    """Find the claims that make the price, the leader first; empty where no two sources agree."""
    first = [claim for claim in claims if claim.source not in THIRD_OPINIONS]
    groups = [
        (leader, *(claim for claim in claims if claim is not leader and agree(leader, claim, agreement)))
        for leader in first
    ]
    for group in groups:
        if len({claim.source for claim in group} - THIRD_OPINIONS) > 1:
            return group
    return next((group for group in groups if _is_supported(group, first)), ())


def _is_supported(group: Sequence[Claim], first: Sequence[Claim]) -> bool:
    """Say whether a third opinion in the group is as new as every first-hand figure it would outvote."""
    support = [claim.stated.observed_on for claim in group if claim.source in THIRD_OPINIONS]
    against = [claim.stated.observed_on for claim in first if claim not in group]
    return bool(support) and all(max(support) >= day for day in against)


def _order(price: Price) -> tuple[int, str, str, tuple[int, ...], str]:
    amounts = (
        price.input_microusd_per_mtok,
        price.output_microusd_per_mtok,
        price.cache_read_microusd_per_mtok,
    )
    known = tuple(-1 if amount is None else amount for amount in amounts)
    return _PRECEDENCE.get(price.source, len(_PRECEDENCE)), price.source, price.key, known, price.note


def _judged(judged: JudgedPrice) -> ListPrice | Unpriced:
    if not (judged.input_microusd_per_mtok and judged.output_microusd_per_mtok):
        return Unpriced(reason="price_zero", detail=f"{_FREE} (judged for {judged.release})")
    return ListPrice(
        input_microusd_per_mtok=judged.input_microusd_per_mtok,
        output_microusd_per_mtok=judged.output_microusd_per_mtok,
        cache_read_microusd_per_mtok=judged.cache_read_microusd_per_mtok or None,
        sources=(JUDGEMENT,),
    )


def _agreed(group: Sequence[Claim], outvoted: Sequence[Claim], agreement: float) -> ListPrice:
    """Take the first claim's figures and the first cache price a first-hand source states; note the rest."""
    own = [claim for claim in group if claim.source not in THIRD_OPINIONS]
    cached = next((claim.cached for claim in own if claim.cached is not None), None)
    odd = [c for c in own if c.cached and cached and not close(cached, c.cached, agreement)]
    notes = [
        *(claim.stated.note for claim in group if claim.stated.note),
        *(f"cached input differs: {figures(claim.stated)}" for claim in odd),
        *(f"outvoted: {figures(claim.stated)}" for claim in outvoted),
    ]
    return ListPrice(
        input_microusd_per_mtok=group[0].input,
        output_microusd_per_mtok=group[0].output,
        cache_read_microusd_per_mtok=cached,
        sources=_sources(group),
        note="; ".join(dict.fromkeys(notes)),
    )


def _sources(claims: Sequence[Claim]) -> tuple[SourceName, ...]:
    return tuple(dict.fromkeys(claim.source for claim in claims))


def _unsupported(claims: Sequence[Claim]) -> Unpriced:
    """Say that sources disagree, or that one stands alone, with every figure that was stated."""
    stated = "; ".join(figures(claim.stated) for claim in claims)
    sources = _sources(claims)
    if THIRD_OPINIONS.issuperset(sources):
        detail = f"only third opinions state a price ({stated}); {_JUDGE_IT}"
        return Unpriced(reason="price_unknown", detail=detail)
    if len(sources) > 1:
        detail = f"sources disagree: {stated}; {worst_axis(claims)}; {_JUDGE_IT}"
        return Unpriced(reason="price_conflict", detail=detail)
    detail = f"only {sources[0]} states a price ({stated}); {_JUDGE_IT}"
    return Unpriced(reason="price_unknown", detail=detail)


def _unclaimed(stated: Sequence[Price]) -> Unpriced:
    """Tell free from unknown where no source states input and output above zero."""
    told = "; ".join(figures(price) for price in stated)
    if len({price.source for price in stated if states_zero(price)}) > 1:
        return Unpriced(reason="price_zero", detail=f"{_FREE} ({told})")
    if stated:
        detail = f"no source states input and output above zero ({told}); {_JUDGE_IT}"
        return Unpriced(reason="price_unknown", detail=detail)
    return Unpriced(reason="price_unknown", detail=f"no source states a price; {_JUDGE_IT}")
