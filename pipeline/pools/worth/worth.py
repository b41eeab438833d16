"""Computes what a set of members is worth to a router, and who serves which purpose (method section 6).

A router asks a pool for the member that serves a band, and for somebody of another vendor when that one is
down. All figures are answers per request.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.pools.worth.candidate import Candidate, by_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.domain.ids import VariantId
    from pipeline.domain.policy import WorthPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """The best member for each purpose by value alone; None: nobody serves it."""

    default: Candidate | None
    simple: Candidate | None
    complex: Candidate | None
    stand_in: Candidate | None
    """Best of another vendor than the default's."""

    def shares(self, policy: WorthPolicy) -> Iterator[tuple[Candidate | None, float, float]]:
        """List who serves, the purpose's share, and the value there, which is 0 where nobody serves."""
        yield self.default, policy.default, self.default.value if self.default else 0.0
        yield self.simple, policy.simple, self.simple.simple if self.simple else 0.0
        yield self.complex, policy.complex, self.complex.complex if self.complex else 0.0
        yield self.stand_in, policy.stand_in, self.stand_in.value if self.stand_in else 0.0


def servers_of(members: Sequence[Candidate]) -> Servers:
    """Find the best member for each purpose; equal value: the cheaper, then by id."""
    default = min(members, key=by_value, default=None)
    others = [member for member in members if default is not None and member.vendor != default.vendor]
    return Servers(
        default=default,
        simple=min(members, key=lambda one: (-one.simple, one.usd_per_task, one.id), default=None),
        complex=min(members, key=lambda one: (-one.complex, one.usd_per_task, one.id), default=None),
        stand_in=min(others, key=by_value, default=None),
    )


def worth(policy: WorthPolicy, members: Sequence[Candidate]) -> float:
    """Return what a set of members is worth, in answers per request.

    `1/2 V(best at b=1) + 1/4 V(best at b=.3) + 1/4 V(best at b=3) + 1/10 V(best at b=1 of another vendor
    than the first) + 1/100 sum V`, with the policy's shares; a purpose that nobody serves counts 0 (method
    section 6).
    """
    served = sum(share * value for _, share, value in servers_of(members).shares(policy))
    return served + policy.spare * sum(member.value for member in members)


def weights_of(policy: WorthPolicy, members: Sequence[Candidate]) -> Mapping[VariantId, float]:
    """Return each member's weight in `worth`: by how much worth rises when its q does."""
    weights: defaultdict[VariantId, float] = defaultdict(float)
    for server, share, _ in servers_of(members).shares(policy):
        if server is not None:
            weights[server.id] += share
    for member in members:
        weights[member.id] += policy.spare
    return weights


def gain_half_width(
    policy: WorthPolicy, before: Sequence[Candidate], after: Sequence[Candidate], entrant: Candidate
) -> float:
    """Half of the 95 % interval of `worth(after) - worth(before)` from measurement error.

    The root of the sum of squares, over everybody whose weight changes, of that change times the half-width
    of q (method section 7.3). Whoever is judged by other boards than the entrant brings the disagreement of
    boards in.
    """
    old, new = weights_of(policy, before), weights_of(policy, after)
    total = 0.0
    for one in {one.id: one for one in (*before, *after)}.values():
        change = new.get(one.id, 0.0) - old.get(one.id, 0.0)
        own = one.half_width
        if one.boards != entrant.boards:
            own = math.hypot(own, one.between, entrant.between)
        total += (change * own) ** 2
    return math.sqrt(total)


class WorthWith:
    """What a fixed set would be worth with one member more: `worth`, in constant time per entrant."""

    def __init__(self, policy: WorthPolicy, rest: Sequence[Candidate]) -> None:
        self._policy = policy
        self._spare = policy.spare * sum(one.value for one in rest)
        self._simple = max((one.simple for one in rest), default=-math.inf)
        self._complex = max((one.complex for one in rest), default=-math.inf)
        self._default = min(rest, key=by_value, default=None)
        self._rest = rest
        self._others: dict[str, float | None] = {}

    def worth_with(self, entrant: Candidate) -> float:
        """Return the worth of the set and the entrant together."""
        policy, default = self._policy, self._default
        if default is None or by_value(entrant) < by_value(default):
            best, stand_in = entrant.value, self._best_elsewhere(entrant.vendor)
        else:
            best, stand_in = default.value, self._best_elsewhere(default.vendor)
            if entrant.vendor != default.vendor:
                stand_in = entrant.value if stand_in is None else max(stand_in, entrant.value)
        return (
            policy.default * best
            + policy.simple * max(self._simple, entrant.simple)
            + policy.complex * max(self._complex, entrant.complex)
            + policy.stand_in * (stand_in or 0.0)
            + self._spare
            + policy.spare * entrant.value
        )

    def _best_elsewhere(self, vendor: str) -> float | None:
        """Best value of the set among other vendors; None where there is none."""
        if vendor not in self._others:
            self._others[vendor] = max((o.value for o in self._rest if o.vendor != vendor), default=None)
        return self._others[vendor]
