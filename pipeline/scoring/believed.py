"""Which boards a variant's quality rests on, and with which between-source SD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.score import BoardScore, Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """What is combined into one quality."""

    boards: tuple[BoardScore, ...]
    tau: float
    """Between-source SD that all of them share, in logits."""
    fit: Fit | None = None
    """Of the merged index, whether it lists the variant or not; None where none is merged."""


def believed(boards: Sequence[BoardScore], fits: Sequence[Fit], assumed: float) -> Believed | None:
    """Choose the boards that make theta (method section 3).

    The Arena has no fit: it is the scale. An index version that is not merged stays in the report and
    the floor, and has no part in theta. Of several merged versions the first fit's speaks: two versions
    of one index are not two sources.

    Args:
        boards: What lists the variant, the index versions in the order of `fits`.
        fits: How each index version was put on the Arena's scale, the speaking one first.
        assumed: tau where no index has one, in logits.

    Returns:
        None where no board that lists the variant is on the scale.
    """
    if not fits:
        return Believed(boards=tuple(boards), tau=assumed) if boards else None
    known = {(fit.metric, fit.scale): fit for fit in fits}
    arena = tuple(board for board in boards if (board.metric, board.scale) not in known)
    index = [board for board in boards if (board.metric, board.scale) in known]
    merged = tuple(board for board in index if known[board.metric, board.scale].merged)[:1]
    if not arena + merged:
        return None
    speaker = known[merged[0].metric, merged[0].scale] if merged else fits[0]
    return Believed(boards=arena + merged, tau=speaker.tau, fit=speaker if speaker.merged else None)
