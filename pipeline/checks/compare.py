"""Compares a reading with the last good one, its order with other boards, and its prices as a whole.

Units slipped in public by 1e3 to 1e6 for months, and columns were swapped; each row alone looked possible.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from statistics import correlation, fmean, median, pstdev
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.checks.findings import finding, name_some, usd
from pipeline.checks.reading_stats import content_day, coverage, names_of, values_of
from pipeline.domain.observation import Finding, Price, Reading, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.checks.expectations import MovementLimit, PriceExpectation, SourceExpectation
    from pipeline.domain.ids import SourceKey, SourceName, VariantId


_LEAST = 20
"""A median of fewer prices says nothing about a unit."""

AXES: tuple[tuple[str, Callable[[Price], int | None]], ...] = (
    ("input", lambda price: price.input_microusd_per_mtok),
    ("output", lambda price: price.output_microusd_per_mtok),
    ("cached input", lambda price: price.cache_read_microusd_per_mtok),
)
"""Everything that is billed, with the word for it."""


def price_findings(reading: Reading, expectation: SourceExpectation) -> list[Finding]:
    """Find a unit slip, a swap of columns or a column of zeros in the prices alone."""
    limits = expectation.prices
    known = [
        (price.input_microusd_per_mtok, price.output_microusd_per_mtok)
        for price in reading.prices
        if price.input_microusd_per_mtok is not None and price.output_microusd_per_mtok is not None
    ]
    if limits is None or len(known) < _LEAST:
        return []
    zeros = sum(0 in pair for pair in known) / len(known)
    if zeros > limits.max_zero:
        message = f"{zeros:.0%} of {len(known)} prices are zero, at most {limits.max_zero:.0%} are believable"
        return [finding(reading, "price-zero", Severity.HOLD, message)]
    return [
        *_find_slipped(reading, limits, median(per_input for per_input, _ in known)),
        *_find_swapped(reading, limits, known),
    ]


def _find_slipped(reading: Reading, limits: PriceExpectation, middle: float) -> list[Finding]:
    low, high = limits.median_input_usd
    if low <= middle / 1e6 <= high:
        return []
    message = (
        f"the median input price is {usd(middle)} per million tokens, between ${low:g} and ${high:g} is "
        "expected: its unit changed"
    )
    return [finding(reading, "unit-slip", Severity.HOLD, message)]


def _find_swapped(reading: Reading, limits: PriceExpectation, known: list[tuple[int, int]]) -> list[Finding]:
    share = sum(per_output >= per_input for per_input, per_output in known) / len(known)
    if share >= limits.min_output_not_cheaper:
        return []
    message = (
        f"output costs at least as much as input for {share:.0%} of {len(known)} prices, for "
        f"{limits.min_output_not_cheaper:.0%} it is expected: the columns are swapped"
    )
    return [finding(reading, "price-swap", Severity.HOLD, message)]


def price_moved(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    """Find a common move of one billed axis since the last good reading."""
    if expectation.prices is None:
        return []
    limit = expectation.prices.max_median_factor
    before = {(price.key, price.note): price for price in last.prices}
    found = []
    for word, amount in AXES:
        pairs = [
            (amount(before[price.key, price.note]), amount(price))
            for price in reading.prices
            if (price.key, price.note) in before
        ]
        factors = [new / old for old, new in pairs if old and new]
        if len(factors) >= _LEAST and not 1 / limit <= median(factors) <= limit:
            message = (
                f"the price of {word} moved by a factor of {median(factors):.3g} in the median of "
                f"{len(factors)} common names, at most {limit:g} is believable"
            )
            found.append(finding(reading, "price-shift", Severity.HOLD, message))
    return found


_LEAST_COMMON = 20
"""A median move needs at least this many common names; fewer say nothing about the scale."""
_MOST_RENAMED, _FEW_RENAMES = 0.05, 5
"""The index renamed 13 of about 400 ids in 117 days."""


def compare_readings(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    """Find what became of names, fields, scales and prices; an older content is not compared further."""
    if content_day(reading) < content_day(last):
        message = (
            f"its content of {content_day(reading)} is older than the one in force, of {content_day(last)}"
        )
        return [finding(reading, "older", Severity.HOLD, message)]
    found = [
        *_find_vanished(reading, expectation, last),
        *_identities(reading, last),
        *_find_emptied(reading, expectation, last),
        *price_moved(reading, expectation, last),
    ]
    if reading.scale != last.scale:
        message = f"its scale changed from {last.scale} to {reading.scale}; the values are not compared"
        return [*found, finding(reading, "scale-change", Severity.WARN, message)]
    return [*found, *_find_shift(reading, expectation, last), *_find_moves(reading, expectation, last)]


def _find_vanished(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    before = names_of(last)
    gone = sorted(before - names_of(reading))
    if not gone or len(gone) <= expectation.max_vanished * len(before):
        return []
    message = (
        f"{len(gone)} of {len(before)} names are gone ({len(gone) / len(before):.1%}, at most "
        f"{expectation.max_vanished:.1%} are believable): {name_some(gone)}"
    )
    return [finding(reading, "vanished", Severity.HOLD, message)]


def _restrict(reading: Reading, keys: frozenset[SourceKey]) -> Reading:
    return replace(
        reading,
        entries=tuple(entry for entry in reading.entries if entry.key in keys),
        observations=tuple(observation for observation in reading.observations if observation.key in keys),
        prices=tuple(price for price in reading.prices if price.key in keys),
    )


def _identities(reading: Reading, last: Reading) -> list[Finding]:
    """Find a list whose names changed places: a few are renamed in a year, never a share of them at once."""
    before = {entry.key: entry.name for entry in last.entries}
    changed = sorted(one.key for one in reading.entries if before.get(one.key, one.name) != one.name)
    common = len(names_of(reading) & before.keys())
    if len(changed) <= max(_FEW_RENAMES, int(_MOST_RENAMED * common)):
        return []
    message = (
        f"{len(changed)} of {common} ids bear another name than before, at most {_MOST_RENAMED:.0%} are "
        f"believable: {name_some(changed)}"
    )
    return [finding(reading, "identities-changed", Severity.HOLD, message)]


def _find_emptied(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    """Find a field that emptied for the names that were there before; new names may come without it."""
    common = names_of(last) & names_of(reading)
    if len(common) < _LEAST_COMMON:
        common = names_of(last) | names_of(reading)
    before, after = coverage(_restrict(last, common)), coverage(_restrict(reading, common))
    return [
        finding(
            reading,
            "coverage-drop",
            Severity.HOLD if metric in expectation.coverage else Severity.WARN,
            f"{metric} fell from {share:.1%} to {after.get(metric, 0.0):.1%} of the names that "
            "were there before",
        )
        for metric, share in sorted(before.items())
        if share - after.get(metric, 0.0) > expectation.max_coverage_drop
    ]


def _pairs(reading: Reading, last: Reading, metric: str) -> list[tuple[float, float]]:
    """Return the values of the common names before and now."""
    before = values_of(last)
    now = values_of(reading).items()
    return [(before[at], value) for at, value in now if at[0] == metric and at in before]


def _moves(reading: Reading, last: Reading, metric: str) -> list[float]:
    return [value - before for before, value in _pairs(reading, last, metric)]


def _find_shift(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    """Find a common move of a whole board: a re-based scale under its old name."""
    found = []
    for metric, limit in sorted((expectation.warn_shift | expectation.max_shift).items()):
        moves = _moves(reading, last, metric)
        if len(moves) >= _LEAST_COMMON and abs(median(moves)) > limit:
            message = (
                f"{metric} moved by {median(moves):+.2f} in the median of {len(moves)} common names, "
                f"more than {limit:g}, while it still calls itself {reading.scale}"
            )
            severity = Severity.HOLD if metric in expectation.max_shift else Severity.WARN
            found.append(finding(reading, "scale-shift", severity, message))
    return found


def _find_moves(reading: Reading, expectation: SourceExpectation, last: Reading) -> list[Finding]:
    """Find a board of which many names moved: scored anew, or only refreshed where all moved together."""
    found = []
    for metric, limit in sorted(expectation.max_moved.items()):
        pairs = _pairs(reading, last, metric)
        share = sum(abs(now - before) > limit.by for before, now in pairs) / max(1, len(pairs))
        if len(pairs) < _LEAST_COMMON or share <= limit.share:
            continue
        message = f"{share:.0%} of {len(pairs)} common names moved by more than {limit.by:g} in {metric}"
        kept = _kept_order(pairs)
        summary = f"rank correlation {kept.rank:.4f}, 95 % within {kept.residual:.2f} after equating"
        if _moved_together(kept, limit):
            message = f"{message}, all together: {summary}; the scale is the same"
            found.append(finding(reading, "refreshed", Severity.NOTE, message))
            continue
        message += f", at most {limit.share:.0%} are believable while it still calls itself {reading.scale}"
        found.append(finding(reading, "rows-moved", Severity.HOLD, f"{message} ({summary})"))
    return found


class _OrderStability(NamedTuple):
    """How much of a board is the same on another scale."""

    rank: float
    """Spearman's rank correlation of the common names."""
    residual: float
    """What is left of the moves of 95 % of them when mean and spread are matched, in the metric's unit."""


def _kept_order(pairs: list[tuple[float, float]]) -> _OrderStability:
    """Compare the order, and the values after mean and SD are matched as those of boards are (method 3)."""
    before, now = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    spread, spread_now = pstdev(before), pstdev(now)
    if not spread or not spread_now:
        return _OrderStability(rank=0.0, residual=max(abs(old - new) for old, new in pairs))
    middle, middle_now, ratio = fmean(before), fmean(now), spread / spread_now
    left = sorted(abs(middle + ratio * (new - middle_now) - old) for old, new in pairs)
    return _OrderStability(
        rank=correlation(ranks(before), ranks(now)), residual=left[int(0.95 * (len(left) - 1))]
    )


def ranks(numbers: list[float]) -> list[float]:
    """Give each value its place; those that are equal share the mean of their places."""
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    ranks = [0.0] * len(numbers)
    for _, same in groupby(enumerate(order), key=lambda at: numbers[at[1]]):
        tied = list(same)
        for _, name in tied:
            ranks[name] = fmean(place for place, _ in tied)
    return ranks


def _moved_together(kept: _OrderStability, limit: MovementLimit) -> bool:
    if limit.min_rank_correlation is None or limit.max_residual is None:
        return False
    return kept.rank >= limit.min_rank_correlation and kept.residual <= limit.max_residual


LEAST_CORRELATION: Final = 0.3
"""Spearman's; real boards of text, web development and the index agree to .8 and more."""
_LEAST_ORDERED: Final = 15
"""Fewer variants in common say nothing about an order."""


def order_findings(
    reading: Reading,
    values: Mapping[VariantId, float],
    others: Mapping[SourceName, Mapping[VariantId, float]],
) -> tuple[Finding, ...]:
    """Hold a board whose values do not tell variants apart, or whose order contradicts every other board.

    Args:
        reading: What the source says now.
        values: Its main value of each variant that a person judged.
        others: The same of the other sources, as they are used this week.
    """
    if len(values) >= _LEAST_ORDERED and not pstdev(values.values()):
        message = f"all its {len(values)} judged variants have the same value"
        return (finding(reading, "no-spread", Severity.HOLD, message),)
    found = {name: rank for name, other in others.items() if (rank := _rank(values, other)) is not None}
    if not found or max(found.values()) >= LEAST_CORRELATION:
        return ()
    summary = ", ".join(f"{rank:+.2f} with {name}" for name, rank in sorted(found.items()))
    message = (
        f"its order contradicts every other board: rank correlation {summary}; at least "
        f"{LEAST_CORRELATION:g} is believable"
    )
    return (finding(reading, "contradicts", Severity.HOLD, message),)


def _rank(values: Mapping[VariantId, float], other: Mapping[VariantId, float]) -> float | None:
    """Return the rank correlation over the common variants; None where they are too few or do not differ."""
    common: Sequence[VariantId] = sorted(values.keys() & other.keys())
    mine, theirs = [values[one] for one in common], [other[one] for one in common]
    if len(common) < _LEAST_ORDERED or not pstdev(mine) or not pstdev(theirs):
        return None
    return correlation(ranks(mine), ranks(theirs))
