"""List prices as a whole: a slipped unit, swapped columns, zeros and a common move each have a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipeline.checks.compare import compare_readings, price_findings
from pipeline.checks.expectations import PriceExpectation, RowExpectation, SourceExpectation
from pipeline.checks.reading_checks import check_reading
from pipeline.domain.ids import OPENROUTER, Sha256, SourceKey, SourceModelName
from pipeline.domain.observation import Finding, Price, Reading, Severity

LIMITS = PriceExpectation(
    median_input_usd=(0.05, 5.0), min_output_not_cheaper=0.9, max_zero=0.1, max_median_factor=1.2
)
EXPECTED = SourceExpectation(
    min_names=1,
    min_rows=1,
    coverage={},
    max_coverage_drop=1.0,
    canaries=(),
    min_canaries=0,
    max_vanished=1.0,
    max_shift={},
    warn_shift={},
    max_moved={},
    max_age_days=10,
    warn_unchanged=2,
    hold_unchanged=3,
    prices=LIMITS,
    rows=RowExpectation(shift={}, creep={}, factor={}, creep_factor={}),
)


def price(
    key: str, per_input: int | None = 500_000, per_output: int | None = 2_000_000, cached: int | None = None
) -> Price:
    return Price(
        source=OPENROUTER,
        key=SourceKey(key),
        name=SourceModelName(key),
        input_microusd_per_mtok=per_input,
        output_microusd_per_mtok=per_output,
        cache_read_microusd_per_mtok=cached,
        observed_on=date(2026, 8, 12),
        capture=Sha256("0" * 64),
    )


def reading(*prices: Price) -> Reading:
    return Reading(
        source=OPENROUTER,
        scale="",
        published_on=date(2026, 8, 12),
        fetched_at=datetime(2026, 8, 15, tzinfo=UTC),
        captures=(Sha256("0" * 64),),
        prices=prices,
    )


def many(count: int = 100, per_input: int = 500_000, per_output: int = 2_000_000) -> list[Price]:
    return [price(f"m{at}", per_input, per_output) for at in range(count)]


def found(*prices: Price) -> list[Finding]:
    return price_findings(reading(*prices), EXPECTED)


def held(findings: list[Finding], kind: str, *words: str) -> None:
    assert [(one.kind, one.severity) for one in findings] == [(kind, Severity.HOLD)]
    assert all(word in findings[0].message for word in words), findings[0].message


def test_ordinary_prices_pass_in_silence() -> None:
    assert found(*many()) == []
    assert compare_readings(reading(*many()), EXPECTED, reading(*many())) == []


@pytest.mark.parametrize(("per_input", "shown"), [(500_000_000, "$500"), (500, "$0.0005"), (5_000_001, "$5")])
def test_a_unit_that_slipped_is_held(per_input: int, shown: str) -> None:
    held(found(*many(per_input=per_input, per_output=10 * per_input)), "unit-slip", shown, "$0.05 and $5")


def test_swapped_columns_are_held() -> None:
    right, swapped = many(89), [price(f"s{at}", 2_000_000, 500_000) for at in range(11)]
    held(found(*right, *swapped), "price-swap", "89% of 100 prices", "90%")
    assert found(*many(90), *swapped[:10]) == []


@pytest.mark.parametrize("zero", [(0, 2_000_000), (500_000, 0), (0, 0)])
def test_a_column_of_zeros_is_held(zero: tuple[int, int]) -> None:
    zeros = [price(f"z{at}", *zero) for at in range(11)]
    held(found(*many(89), *zeros), "price-zero", "11% of 100 prices are zero")


def test_prices_are_part_of_what_is_expected_of_a_source() -> None:
    now = datetime(2026, 8, 15, tzinfo=UTC)
    before, after, swapped = (
        reading(*many()),
        reading(*many(per_input=600_001)),
        reading(*many(per_output=1)),
    )
    assert "price-swap" in {one.kind for one in check_reading(swapped, EXPECTED, last=None, now=now)}
    assert "price-shift" in {one.kind for one in check_reading(after, EXPECTED, last=before, now=now)}


def test_few_or_unknown_prices_say_nothing_about_a_unit() -> None:
    assert found(*many(19, per_input=1)) == []
    assert found(*many(19, per_input=1), *(price(f"u{at}", None) for at in range(50))) == []
    assert price_findings(reading(*many(per_input=1)), EXPECTED.model_copy(update={"prices": None})) == []


@pytest.mark.parametrize("factor", [1.25, 0.8])
def test_a_common_move_of_one_axis_is_held_and_names_the_axis(factor: float) -> None:
    before = reading(*(replace(one, cache_read_microusd_per_mtok=100_000) for one in many()))
    for word, field in (
        ("input", "input_microusd_per_mtok"),
        ("output", "output_microusd_per_mtok"),
        ("cached input", "cache_read_microusd_per_mtok"),
    ):
        moved = [replace(one, **{field: round(getattr(one, field) * factor)}) for one in before.prices]
        held(
            compare_readings(reading(*moved), EXPECTED, before),
            "price-shift",
            f"the price of {word} moved",
            "1.2",
        )


def test_a_price_that_appears_or_is_zero_is_no_move() -> None:
    before = reading(*(price(f"m{at}", None, 0) for at in range(100)))
    assert compare_readings(reading(*many()), EXPECTED, before) == []
    few = reading(*(price(f"m{at}", 5_000_000) for at in range(19)))
    assert compare_readings(few, EXPECTED, reading(*many())) == []
