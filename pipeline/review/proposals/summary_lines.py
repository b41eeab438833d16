"""Says in words what a proposal is for and what changed about members that stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import TIER_REMOVED
from pipeline.domain.proposal import ProposalKind
from pipeline.review.pages.number_format import usd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue

    from pipeline.domain.pool import FactChange, TierReport
    from pipeline.domain.proposal import Proposal


Tell = Callable[["JsonValue", "JsonValue"], str]

_KINDS: Final = {
    ProposalKind.FIRST: "The first pool: no version is in force.",
    ProposalKind.CHANGE: "",
    ProposalKind.QUESTION: "No member changes, but a question waits for an answer; see below.",
    ProposalKind.FACTS: "The members and their order stay; facts that routers bill and route by changed.",
    ProposalKind.RENEWAL: "Nothing changed; approving renews the pool before it expires.",
}
_WORDS: Final = {
    "context_tokens": "context",
    "tools": "tools",
    "vision": "vision",
    "retires_on": "announced end",
}
_PRICES: Final = {"input": "input", "output": "output", "cached_input": "cached input"}
_MICRO: Final = 1_000_000


def kind_line(proposal: Proposal) -> str:
    """Say why a person is asked, where the changes do not say it."""
    return _KINDS[proposal.kind] if proposal.kind else ""


def place_words(before: int | None, after: int | None) -> str:
    """Say what becomes of a place: `enters at 2`, `leaves (was 1)`, `3 → 1`."""
    if before is None:
        return f"enters at {after}"
    return f"leaves (was {before})" if after is None else f"{before} → {after}"


def removed_lines(proposal: Proposal) -> tuple[str, ...]:
    """Say of every tier that leaves the pool what becomes of its requests, and who served them."""
    return tuple(line.message for line in proposal.findings if line.kind == TIER_REMOVED)


def fact_lines(facts: Iterable[FactChange]) -> tuple[str, ...]:
    """Write what changed about members that stay, one line a fact, tiers that say the same together."""
    lines: dict[tuple[str, str], list[str]] = {}
    for change in facts:
        lines.setdefault((change.variant, _change_words(change)), []).append(change.tier)
    return tuple(f"{variant} ({', '.join(tiers)}): {said}." for (variant, said), tiers in lines.items())


def _change_words(change: FactChange) -> str:
    before, after = change.before, change.after
    if isinstance(before, dict) and isinstance(after, dict):
        describe = _price if change.fact == "price" else _route
        return "; ".join(_by_route(describe, before, after))
    return f"{_WORDS[change.fact]} {_value(before)} -> {_value(after)}"


def _by_route(describe: Tell, before: dict[str, JsonValue], after: dict[str, JsonValue]) -> Iterator[str]:
    """Say what changed on each route, once where it is the same on several."""
    routes: dict[str, list[str]] = {}
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            routes.setdefault(describe(before.get(name), after.get(name)), []).append(name)
    for said, names in routes.items():
        yield f"{said} through {' and '.join(names)}"


def _price(before: JsonValue, after: JsonValue) -> str:
    """Write each axis that moved, in dollars per million tokens."""
    old, new = (one if isinstance(one, dict) else {} for one in (before, after))
    moved = [
        f"{word} {_usd(old.get(axis))} -> {_usd(new.get(axis))}"
        for axis, word in _PRICES.items()
        if old.get(axis) != new.get(axis)
    ]
    return f"price per million tokens: {', '.join(moved)}"


def _route(before: JsonValue, after: JsonValue) -> str:
    """Say what is called or sent otherwise."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return "no longer bought" if isinstance(before, dict) else "now bought too"
    words = {"model": "calls", "send": "sends"}
    moved = [
        f"{word} {_value(after[part])} instead of {_value(before[part])}"
        for part, word in words.items()
        if before[part] != after[part]
    ]
    return ", ".join(moved)


def _usd(microusd: JsonValue) -> str:
    return f"${microusd / _MICRO:g}" if isinstance(microusd, int) else "as input"


def _value(value: JsonValue) -> str:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True) if value else "nothing"
    words = {None: "unknown", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def paid_line(report: TierReport) -> str:
    """Say what the tier pays for an answer, and which members other prices would choose."""
    if not report.other_prices:
        return ""
    others = "; ".join(
        f"at {usd(one.lambda_usd)} a first pool would be {', '.join(one.variants) or 'empty'}"
        for one in report.other_prices
    )
    return f"The tier pays {usd(report.lambda_usd)} for one more acceptable answer; {others}."
