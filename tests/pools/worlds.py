"""Hypothesis strategies: small worlds in which ties, siblings, gaps and unknowns are common."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.domain.ids import AA_INTELLIGENCE
from tests.pools.factories import ARENA, One, change, policy, tier

VENDORS = 3
FAMILIES = 3

_price = st.sampled_from([0.0003, 0.001, 0.0012, 0.004, 0.0041, 0.01, 0.014, 0.02])


def _one(index: int) -> st.SearchStrategy[One]:
    vendor = f"v{index % VENDORS}"
    return st.builds(
        One,
        name=st.just(f"m{index:02}"),
        elo=st.integers(-60, 260).map(float),
        usd=_price,
        ci=st.sampled_from([1.0, 4.0, 8.0, 30.0]),
        vendor=st.just(vendor),
        family=st.just(f"{vendor}-{index // VENDORS % FAMILIES}"),
        confirmed=st.sampled_from([True, True, True, True, False]),
        between=st.sampled_from([0.0, 0.0, 20.0]),
        boards=st.sampled_from([(ARENA,), (AA_INTELLIGENCE,), (ARENA, AA_INTELLIGENCE)]),
        unpriced=st.sampled_from([None] * 6 + ["price_unknown", "price_zero"]),
    )


worlds = st.sets(st.integers(0, 13), max_size=12).flatmap(
    lambda indices: st.tuples(*(_one(index) for index in sorted(indices)))
)
"""One week; drawing two gives two weeks with common variants, others gone, others new."""

policies = st.builds(
    lambda k, ceiling, floor, worth, intervals: policy(
        {
            "balanced": tier(
                k=k, ceiling_usd_per_task=ceiling, floor_elo_below_reference=floor, lambda_usd=worth
            ),
            "frugal": tier(k=2, ceiling_usd_per_task=0.002, lambda_usd=0.004),
        },
        draws=100,
        change=change(swap_intervals=intervals),
    ),
    st.integers(1, 4),
    st.sampled_from([None, 0.015, 0.004]),
    st.sampled_from([60.0, 150.0, 1000.0]),
    st.sampled_from([0.004, 0.05, 0.5]),
    st.sampled_from([0.5, 1.0, 1.5]),
)
