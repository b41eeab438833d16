"""Cost of one task of the operator's mix, in dollars, with the grade of what is known.

List price is not cost: measured spending on the same work orders 15 to 19 % of pairs the other
way round, since variants write very different amounts of text.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from pipeline.domain.score import Cost
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.domain.policy import CostPolicy, TaskKind
    from pipeline.domain.score import ListPrice

MICROUSD_TOKENS_PER_MTOK_USD: Final = 1e12
"""Tokens times micro-dollars per million tokens, in one dollar."""

_POLICY_HINT = "Add it to data/policy/tiers.toml and run the command again."


def mix_usd(price: ListPrice, mix: Sequence[TaskKind], verbosity: float) -> float:
    """Price one task of the mix, in dollars, without the fee.

    `sum_k w_k [ n_in,k ((1-h_k) p_in + h_k p_cache) + n_out,k * nu * p_out ]` (method section 4);
    where nobody states a cache price, cached input is billed as input.

    Args:
        price: Agreed list price, in micro-dollars per million tokens.
        mix: Kinds of task; their shares add up to 1.
        verbosity: nu, output plus reasoning tokens relative to a non-reasoning answer.
    """
    p_in, p_out = price.input_microusd_per_mtok, price.output_microusd_per_mtok
    p_cache = price.cache_read_microusd_per_mtok
    p_cached = p_in if p_cache is None else p_cache
    return (
        math.fsum(
            kind.share
            * (
                kind.tokens_in * ((1 - kind.cached_share) * p_in + kind.cached_share * p_cached)
                + kind.tokens_out * verbosity * p_out
            )
            for kind in mix
        )
        / MICROUSD_TOKENS_PER_MTOK_USD
    )


def published_multiplier(usd_per_index_task: float, price: ListPrice, policy: CostPolicy) -> float:
    """Read a published dollar total as a multiple of list cost (grade 2b).

    `m = published / (n_in * p_in + n_out * p_out)` with the token counts of one index task. It is
    not a token ratio: it contains the input bill, and whatever else list price does not say.
    """
    tokens_in, tokens_out = policy.index_task_tokens_in, policy.index_task_tokens_out
    listed = tokens_in * price.input_microusd_per_mtok + tokens_out * price.output_microusd_per_mtok
    return usd_per_index_task * MICROUSD_TOKENS_PER_MTOK_USD / listed


def measured_cost(
    price: ListPrice, usd_per_index_task: float, policy: CostPolicy, mix: Sequence[TaskKind]
) -> Cost:
    """Cost from what somebody paid on other work, `C = m * list cost of our mix + fee` (grade 2b)."""
    multiplier = published_multiplier(usd_per_index_task, price, policy)
    return Cost(
        usd_per_task=multiplier * mix_usd(price, mix, 1.0) + policy.fee_usd_per_task,
        log_sd=_constant(policy.log_sd, "2b", "cost.log_sd"),
        grade="2b",
        verbosity=multiplier,
        price=price,
    )


def ladder_cost(price: ListPrice, effort: str, policy: CostPolicy, mix: Sequence[TaskKind]) -> Cost:
    """Cost from the class ladder of reasoning efforts, nu by effort alone (grade 3b).

    Raises:
        UsageError: The policy has no rung for this effort.
    """
    verbosity = _constant(policy.effort_ladder, effort, "cost.effort_ladder")
    return Cost(
        usd_per_task=mix_usd(price, mix, verbosity) + policy.fee_usd_per_task,
        log_sd=_constant(policy.log_sd, "3b", "cost.log_sd"),
        grade="3b",
        verbosity=verbosity,
        price=price,
    )


def _constant(table: Mapping[str, float], key: str, name: str) -> float:
    if key not in table:
        raise UsageError(
            f"the policy has no {name}.{key}, only {', '.join(sorted(table))}", hint=_POLICY_HINT
        )
    return table[key]
