"""One list price for a release: efforts share it, while Artificial Analysis lists them row by row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.crosswalk import Variant
    from pipeline.domain.ids import SourceName, VariantId
    from pipeline.domain.observation import Price

    Stated = dict[tuple[VariantId, SourceName], list[Price]]


def share_release_prices(prices: Stated, variants: Mapping[VariantId, Variant]) -> Stated:
    """Give the index's price of a release to its efforts without one, where its rows agree exactly.

    A list price belongs to the release, not to the effort. Rows that differ on any amount lend nothing:
    which of them is the list price is for a person to say.

    Args:
        prices: Prices of judged names, by variant and source.
        variants: All variants of the crosswalk.
    """
    efforts: defaultdict[str, list[VariantId]] = defaultdict(list)
    for name in sorted(variants):
        efforts[variants[name].release].append(name)
    lent: Stated = {}
    for names in efforts.values():
        rows = [(name, row) for name in names for row in prices.get((name, ARTIFICIAL_ANALYSIS), ())]
        complete = sorted((row for row in rows if _is_complete(row[1])), key=_order)
        if not complete or not _agree([row for _, row in rows]):
            continue
        owner, price = complete[0]
        note = "; ".join(word for word in (price.note, f"price of {owner}") if word)
        holders = {name for name, _ in complete}
        for name in names:
            if name not in holders:
                lent[name, ARTIFICIAL_ANALYSIS] = [replace(price, note=note)]
    return prices | lent


def _amounts(price: Price) -> tuple[int | None, int | None, int | None]:
    return (
        price.input_microusd_per_mtok,
        price.output_microusd_per_mtok,
        price.cache_read_microusd_per_mtok,
    )


def _is_complete(price: Price) -> bool:
    return None not in _amounts(price)[:2]


def _order(row: tuple[VariantId, Price]) -> tuple[int, VariantId, str]:
    return _amounts(row[1]).count(None), row[0], repr(row[1])


def _agree(rows: Sequence[Price]) -> bool:
    """Say whether no amount is stated in two ways; an unknown one contradicts nothing."""
    return all(
        len({amount for amount in axis if amount is not None}) <= 1
        for axis in zip(*map(_amounts, rows), strict=True)
    )
