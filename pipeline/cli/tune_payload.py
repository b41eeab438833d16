"""What a sweep found, as a JSON payload."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

    from pipeline.flow.tune import Choice, Figures, Miss, Span, Standing, Tuned


def tune_payload(tuned: Tuned) -> JsonValue:
    """The whole result: how many were tried, every cell at every split, the choices and the frontier."""
    outcome = tuned.outcome
    grid = outcome.grid
    return {
        "grid": grid.sha256,
        "policy": grid.base.name,
        "tried": outcome.tried,
        "span": _span(tuned, tuned.whole),
        "horizon": grid.horizon,
        "objective": {
            "limits": {name: dict(limits) for name, limits in grid.objective.limits.items()},
            "minimise": dict(grid.objective.minimise),
        },
        "splits": [_choice(tuned, choice) for choice in outcome.choices],
        "frontier": {
            "measures": list(grid.frontier),
            "cells": [
                {"changed": list(one.cell.changed), "means": [_rounded(mean) for mean in one.means]}
                for one in outcome.frontier
            ],
        },
    }


def _choice(tuned: Tuned, choice: Choice) -> JsonValue:
    return {
        "split": choice.fold.split,
        "choosing_span": _span(tuned, choice.fold.choosing),
        "reporting_span": _span(tuned, choice.fold.reporting),
        "chosen": _standing(choice.chosen),
        "shipped": _standing(choice.shipped),
        "lead_choosing": _rounded(choice.lead_choosing),
        "lead_reporting": _rounded(choice.lead_reporting),
        "optimism": _rounded(choice.optimism),
        "cells": [
            {
                "changed": list(one.cell.changed),
                "rank_choosing": one.rank_choosing,
                "rank_reporting": one.rank_reporting,
                "choosing": _worth(one.choosing),
                "reporting": _worth(one.reporting),
            }
            for one in choice.standings
        ],
    }


def _standing(standing: Standing) -> dict[str, JsonValue]:
    return {
        "changed": list(standing.cell.changed),
        "rank_choosing": standing.rank_choosing,
        "rank_reporting": standing.rank_reporting,
        "choosing": {**_worth(standing.choosing), "tiers": _tiers(standing.choosing)},
        "reporting": {**_worth(standing.reporting), "tiers": _tiers(standing.reporting)},
    }


def _worth(figures: Figures) -> dict[str, JsonValue]:
    return {"missed": [_miss(miss) for miss in figures.missed], "sum": _rounded(figures.value)}


def _miss(miss: Miss) -> JsonValue:
    return {
        "tier": miss.tier,
        "measure": miss.measure,
        "found": _rounded(miss.found),
        "limit": miss.limit,
    }


def _tiers(figures: Figures) -> JsonValue:
    return {
        tier: {name: _rounded(value) for name, value in measures.items()}
        for tier, measures in figures.tiers.items()
    }


def _span(tuned: Tuned, span: Span) -> JsonValue:
    tables = tuned.history.tables[span.start : span.end]
    return {"from": tables[0].week, "to": tables[-1].week, "tables": len(tables)}


def _rounded(value: float | None) -> float | None:
    """Six decimals say more than any of these numbers knows."""
    return None if value is None else round(value, 6)
