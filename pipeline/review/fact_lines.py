"""Says in words what a proposal is for and what changed about members that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.proposal import ProposalKind

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.domain.pool import FactChange
    from pipeline.domain.proposal import Proposal

_KINDS: Final = {
    ProposalKind.FIRST: "The first pool: no version is in force.",
    ProposalKind.CHANGE: "",
    ProposalKind.QUESTION: "A member is missing from the data: should it stay?",
    ProposalKind.FACTS: "The members and their order stay; facts that routers bill and route by changed.",
    ProposalKind.RENEWAL: "Nothing changed; approving renews the pool before it expires.",
}
_WORDS: Final = {
    "routes": "routes",
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


def fact_lines(proposal: Proposal) -> tuple[str, ...]:
    """Write what changed about members that stay, one line a fact, tiers that say the same together."""
    lines: dict[tuple[str, str], list[str]] = {}
    for change in proposal.facts:
        lines.setdefault((change.variant, _said(change)), []).append(change.tier)
    return tuple(f"{variant} ({', '.join(tiers)}): {said}." for (variant, said), tiers in lines.items())


def _said(change: FactChange) -> str:
    if change.fact == "price":
        return _prices(change.before, change.after)
    return f"{_WORDS[change.fact]} {_value(change.before)} -> {_value(change.after)}"


def _prices(before: JsonValue, after: JsonValue) -> str:
    """Write each axis that moved, in dollars per million tokens."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return f"price {_value(before)} -> {_value(after)}"
    moved = [
        f"{word} {_usd(before.get(axis))} -> {_usd(after.get(axis))}"
        for axis, word in _PRICES.items()
        if before.get(axis) != after.get(axis)
    ]
    return f"price per million tokens: {', '.join(moved)}"


def _usd(microusd: JsonValue) -> str:
    return f"${microusd / _MICRO:g}" if isinstance(microusd, int) else "as input"


def _value(value: JsonValue) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(inner)}" for key, inner in value.items()) or "none"
    words = {None: "unknown", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
