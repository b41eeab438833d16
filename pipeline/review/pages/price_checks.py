"""Says of a price that a person is asked about whom it concerns, what is used and what else is stated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.domain.subjects import PRICE_METRIC, RowSubject
from pipeline.review.pages.number_format import per_million

if TYPE_CHECKING:
    from pipeline.domain.proposal import Proposal, RoutePriceLine


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPrice:
    """One price that is asked, as the proposal states it."""

    source: str
    """Which states the other price."""
    line: RoutePriceLine
    members: tuple[tuple[str, int, str], ...]
    """Tier, rank and variant of those that it prices."""

    @property
    def message(self) -> str:
        """Say what approving keeps, and what else is stated."""
        used, other = self._two_prices()
        return (
            f"{self.line.release}, {self._place()}: approving keeps {used} per million tokens; "
            f"{self.source} states {other}"
        )

    @property
    def label(self) -> str:
        """Say the same in a few words, beside others."""
        used, other = self._two_prices()
        return f"{self.line.release} ({used}, not {other})"

    @property
    def factor(self) -> Decimal:
        """How many times the smaller price the larger one is, in the part where that is most; 1: alike."""
        pairs = ((mine, other) for _, mine, other in self._differing_parts() if mine and other)
        return max((Decimal(max(pair)) / min(pair) for pair in pairs), default=Decimal(1))

    def _place(self) -> str:
        if not self.members:
            return "no member"
        (tier, rank, _), *others = sorted(self.members, key=lambda one: one[1])
        also = f" and in {', '.join(dict.fromkeys(other for other, _, _ in others))}" if others else ""
        return f"{'default' if rank == 1 else 'member'} of {tier}{also}"

    def _two_prices(self) -> tuple[str, str]:
        found = self._differing_parts()
        if not found:
            return "its steps by length", "others"
        used = ", ".join(f"{word} {per_million(mine)}" for word, mine, _ in found)
        return used, ", ".join(per_million(other) for _, _, other in found)

    def _differing_parts(self) -> tuple[tuple[str, int | None, int | None], ...]:
        """Return each part that differs, with what is used and what is stated, in micro-dollars."""
        used, other = self.line.used, self.line.other
        if other is None:
            return ()
        both = (
            ("input", used.input, other.input),
            ("output", used.output, other.output),
            ("cached input", used.cached, other.cached),
        )
        return tuple((word, mine, stated) for word, mine, stated in both if mine != stated)


def asked_price(subject: str, proposal: Proposal) -> AskedPrice | None:
    """Find the price that a finding asks about, by the row that would accept the other one.

    Args:
        subject: `source:price:key`, where the key ends with the model's name.
        proposal: With the prices of its week.
    """
    row = RowSubject.read(subject)
    if row is None or row.metric != PRICE_METRIC:
        return None
    asked = [price for price in proposal.prices if price.other is not None and price.asked_on is not None]
    named = [one for one in asked if _last_part(one.model) == _last_part(row.key)]
    found = next((one for one in named if one.catalogue == row.source), None) or next(iter(named), None)
    if found is None:
        return None
    members = (
        (tier, member.rank, member.variant)
        for tier, pool in sorted(proposal.pool.tiers.items())
        for member in pool.members
        if member.release == found.release
    )
    return AskedPrice(source=row.source, line=found, members=tuple(members))


def unpriced_releases(proposal: Proposal) -> frozenset[str]:
    """Return the releases that a person is asked about because no source has stated a price for weeks."""
    return frozenset(
        price.release for price in proposal.prices if price.asked_on is not None and price.other is None
    )


def _last_part(name: str) -> str:
    """Return the model's own name, without the vendors and catalogues before it."""
    return name.replace(":", "/").rpartition("/")[2]
