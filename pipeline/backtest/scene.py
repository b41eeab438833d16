"""What a past week knows of its variants: the operator's own record much, a table nothing but names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.backtest.world import model_of, variant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.backtest.history import Table
    from pipeline.domain.crosswalk import Profile, Variant
    from pipeline.domain.names import VariantId


def profiles_of(table: Table) -> Mapping[VariantId, Profile]:
    """Return what that week's catalogues said a route can do; nothing where only the table is known."""
    return {} if table.scene is None else table.scene.resolution.profiles


def absent_line(table: Table, variant: VariantId, *, retired: bool) -> Variant | None:
    """Return the line of a member without a score or price that week, or None where it has none.

    Args:
        table: The week.
        variant: The member.
        retired: The reviewer was asked, and the answer is that it is gone.
    """
    scene = table.scene
    known = variant_of(model_of(variant), table) if scene is None else scene.crosswalk.variants.get(variant)
    return replace(known, retires_on=table.day) if known is not None and retired else known
