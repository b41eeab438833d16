"""What no router would load is not proposed: nobody reads and approves it first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.run import weekly
from pipeline.flow.run.vendor_outage import select_week

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.pool import Pool
    from pipeline.pools.selection_input import Selection, SelectionInput
    from tests.example import Example


def _empty(pool: Pool) -> Pool:
    name, tier = next(iter(pool.tiers.items()))
    return pool.model_copy(update={"tiers": {**pool.tiers, name: tier.model_copy(update={"members": ()})}})


def _crowded(pool: Pool) -> Pool:
    name, tier = next(iter(pool.tiers.items()))
    crowd = tuple(
        tier.members[0].model_copy(update={"rank": rank, "variant": f"m{rank}@none"}) for rank in range(1, 70)
    )
    tiers = {**pool.tiers, name: tier.model_copy(update={"members": crowd, "k": 69})}
    return pool.model_copy(update={"tiers": tiers})


def _long_name(pool: Pool) -> Pool:
    return pool.model_copy(update={"tiers": {"t" * 300: next(iter(pool.tiers.values()))}})


@pytest.mark.parametrize("spoil", [_empty, _crowded, _long_name])
def test_a_run_files_nothing_that_no_router_would_load(
    example: Example, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Pool], Pool]
) -> None:
    spoiled = []

    def select_spoiled(inputs: SelectionInput) -> Selection:
        found = select_week(inputs)
        spoiled.append(spoil(found.pool))
        return replace(found, pool=spoiled[-1])

    with monkeypatch.context() as patch:
        patch.setattr(weekly, "select_week", select_spoiled)
        said = example.run()
    assert len(spoiled) == 1, "the fault fired"
    assert said.code == 30, said.err
    assert "nothing is proposed, because no router would load it" in said.err
    assert "modelpool run" in said.err
    assert not (example.folder / "reviews/2026-W33").exists()
    assert example("status", "--now", "2026-08-15T14:00:00Z").code == 0
