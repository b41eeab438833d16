"""Joins judged names to their variants, one name a variant and board, and again with other meanings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.domain.crosswalk import Measure
from pipeline.domain.ids import ARTIFICIAL_ANALYSIS, SourceName, VariantId
from pipeline.domain.observation import Finding, Observation, Severity
from pipeline.identity.names.source_names import MAIN_METRIC, NameId, NameRecord, name_records, votes_of
from pipeline.identity.resolve.catalogue_lookup import catalogue_prices, offers_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pipeline.domain.crosswalk import CatalogueOffer, Crosswalk, ProvisionalMatch, Resolution, Variant
    from pipeline.domain.ids import MetricName
    from pipeline.domain.observation import Price, Reading

    Stated = dict[tuple[VariantId, SourceName], list[Price]]


_Board = tuple["VariantId", "SourceName", str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedNames:
    """Observations with their variants."""

    measures: tuple[Measure, ...]
    kept: frozenset[NameId]
    """The names whose rows are used."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """All rows one name has on one board."""

    place: NameId
    name: str
    rows: tuple[Observation, ...]

    @property
    def votes(self) -> int:
        return max(votes_of(row) for row in self.rows)

    @property
    def order(self) -> tuple[bool, int, int, str]:
        has_main = any(row.metric == MAIN_METRIC[self.place[0]] for row in self.rows)
        latest = max(row.observed_on for row in self.rows)
        return not has_main, -self.votes, -latest.toordinal(), self.place[1]

    def __str__(self) -> str:
        votes = f"{self.votes} votes" if self.votes >= 0 else "no votes stated"
        return f"{self.name!r} ({self.place[1]}, {votes})"


def join_names(names: Mapping[NameId, NameRecord], meant: Mapping[NameId, VariantId]) -> JoinedNames:
    """Turn the rows of judged names into measures.

    Several names of one variant on one board never add up, and the higher one does not win: the
    name with the board's main score is used, then the one with most votes, the latest, the first key.
    """
    claims: defaultdict[_Board, list[_Claim]] = defaultdict(list)
    for place, variant in meant.items():
        for board, rows in _by_board(names[place].rows.values()).items():
            claims[variant, place[0], board].append(
                _Claim(place=place, name=names[place].entry.name, rows=tuple(rows))
            )
    measures: list[Measure] = []
    kept: set[NameId] = set()
    findings: list[Finding] = []
    for seat in sorted(claims):
        first, *others = sorted(claims[seat], key=lambda claim: claim.order)
        kept.add(first.place)
        measures += (Measure(variant=seat[0], observation=row) for row in first.rows)
        if others:
            findings.append(_two_names(seat, first, others))
    measures.sort(key=lambda m: (m.variant, m.observation.source, m.observation.metric))
    return JoinedNames(measures=tuple(measures), kept=frozenset(kept), findings=tuple(findings))


def board_of(metric: MetricName) -> str:
    """Return the board of a metric: what stands before the slash."""
    return metric.partition("/")[0]


def _by_board(rows: Iterable[Observation]) -> dict[str, list[Observation]]:
    boards: defaultdict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        boards[board_of(row.metric)].append(row)
    return boards


def _two_names(board: _Board, first: _Claim, others: list[_Claim]) -> Finding:
    left_out = ", ".join(str(claim) for claim in others)
    return Finding(
        kind="two-names",
        severity=Severity.WARN,
        subject=board[0],
        message=f"{board[1]} has several names judged to be {board[0]} on {board[2]}: "
        f"{first} is used, left out: {left_out}",
    )


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
    shared: Stated = {}
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
                shared[name, ARTIFICIAL_ANALYSIS] = [replace(price, note=note)]
    return prices | shared


def _is_complete(price: Price) -> bool:
    return None not in price.amounts[:2]


def _order(row: tuple[VariantId, Price]) -> tuple[int, VariantId, str]:
    return row[1].amounts.count(None), row[0], repr(row[1])


def _agree(rows: Sequence[Price]) -> bool:
    """Return whether no amount is stated in two ways; an unknown one contradicts nothing."""
    return all(
        len({amount for amount in axis if amount is not None}) <= 1
        for axis in zip(*(row.amounts for row in rows), strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedRows:
    """Measures and offers of the names that mean something."""

    joined: JoinedNames
    offers: tuple[CatalogueOffer, ...]
    conflicts: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameJoin:
    """What is the same whatever the names mean."""

    names: Mapping[NameId, NameRecord]
    listed: Mapping[tuple[VariantId, SourceName], list[Price]]
    """What catalogues state, by variant and source."""
    variants: Mapping[VariantId, Variant]

    def join_rows(self, meant: Mapping[NameId, VariantId]) -> JoinedRows:
        """Join the names' rows and prices with the variants they mean."""
        joined = join_names(self.names, meant)
        index = share_release_prices(self._index_prices(meant), self.variants)
        offers, conflicts = offers_of({**self.listed, **index}, joined.kept)
        return JoinedRows(joined=joined, offers=offers, conflicts=conflicts)

    def _index_prices(
        self, meant: Mapping[NameId, VariantId]
    ) -> dict[tuple[VariantId, SourceName], list[Price]]:
        """Collect the prices Artificial Analysis states for judged names: for that variant only."""
        prices: defaultdict[tuple[VariantId, SourceName], list[Price]] = defaultdict(list)
        for place, variant in meant.items():
            if place[0] == ARTIFICIAL_ANALYSIS and self.names[place].prices:
                prices[variant, place[0]] += self.names[place].prices
        return dict(prices)


def routing_of(
    readings: Sequence[Reading], crosswalk: Crosswalk, names: Mapping[NameId, NameRecord]
) -> NameJoin:
    """Look up what catalogues state for every variant."""
    variants = crosswalk.variants
    return NameJoin(names=names, listed=catalogue_prices(readings, variants), variants=variants)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionalResolver:
    """Answers what a resolution would be without some of its provisional names; built once for a week."""

    resolution: Resolution
    routing: NameJoin
    judged: Mapping[NameId, VariantId]

    def __call__(self, left_out: Collection[ProvisionalMatch]) -> Resolution:
        """Join again without some names; measures and offers differ, the rest is as it was.

        No other name is examined again: two unjudged names of one source that spell one variant are
        both in doubt, so that no name is used or doubted because a provisional one is there.
        """
        gone = {(one.source, one.key) for one in left_out}
        stay = [match for match in self.resolution.provisional if (match.source, match.key) not in gone]
        meant = {**self.judged, **{(one.source, one.key): one.variant for one in stay}}
        routed = self.routing.join_rows(meant)
        return replace(self.resolution, measures=routed.joined.measures, offers=routed.offers)


def reroute_without(
    resolution: Resolution, readings: Sequence[Reading], crosswalk: Crosswalk
) -> ProvisionalResolver:
    """Prepare a week's resolution to be asked about its provisional names."""
    names, _ = name_records(readings)
    judged = {
        place: word.variant
        for place, word in crosswalk.judgements.items()
        if word.variant is not None and place in names and place not in resolution.moved
    }
    return ProvisionalResolver(
        resolution=resolution, routing=routing_of(readings, crosswalk, names), judged=judged
    )
