"""The quality of a variant, number by number: published, in logits, equated, combined, as a probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.flow.told import Chapter, Told
from pipeline.flow.told_boards import combination
from pipeline.scoring.anchor import LOGITS_PER_ELO
from pipeline.scoring.combine import believed
from pipeline.scoring.equate import assumed_tau

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, Measure, Resolution
    from pipeline.domain.names import VariantId
    from pipeline.domain.policy import QualityPolicy
    from pipeline.domain.score import BoardScore, Fit, Score, Scoreboard
    from pipeline.identity.published import NameId

_LOGIT: Final = "logit"


def published(
    variant: VariantId, resolution: Resolution, crosswalk: Crosswalk, metrics: Collection[str]
) -> Chapter:
    """List what is published about a variant on some metrics, verbatim, and who judged the name."""
    rows = sorted(
        (one for one in resolution.measures if one.variant == variant and one.observation.metric in metrics),
        key=lambda one: (one.observation.source, one.observation.metric),
    )
    used = {(one.source, one.key): "; ".join(one.evidence) for one in resolution.provisional}
    return Chapter(title="published values", lines=tuple(_published(row, crosswalk, used) for row in rows))


def quality(score: Score, board: Scoreboard, policy: QualityPolicy) -> tuple[Chapter, ...]:
    """Follow one evidence from published values to q."""
    used = believed(score.boards, board.fits, assumed_tau(policy))
    own = [fit for fit in board.fits if fit.scale in {one.scale for one in score.boards}] or board.fits[:1]
    chapters = [
        Chapter(title="on the logit scale", lines=_scale(score.boards, board)),
        Chapter(title="equating", lines=tuple(line for fit in own for line in _fit(fit))),
    ]
    if used is not None:
        chapters.append(Chapter(title="combination", lines=combination(score, used)))
    return (*chapters, Chapter(title="quality", lines=_probability(score, board)))


def _published(measure: Measure, crosswalk: Crosswalk, used: Mapping[NameId, str]) -> Told:
    row = measure.observation
    word = crosswalk.judgements.get((row.source, row.key))
    interval = "" if row.low is None or row.high is None else f" [{row.low:g}, {row.high:g}]"
    votes = "" if row.votes is None else f", {row.votes} votes"
    estimated = ", estimated by the source" if row.estimated else ""
    judged = f"judged by {word.decided_by} on {word.decided_on}: {word.reason}" if word else ""
    if evidence := used.get((row.source, row.key)):
        judged = f"judged by nobody yet, used provisionally: {evidence}"
    return Told(
        what=f"{row.metric} ({row.scale})",
        value=f"{row.value:g}{interval}{votes}{estimated}",
        source=f"{row.source}: {row.name}",
        capture=row.capture,
        on=row.observed_on.isoformat(),
        formula=judged,
    )


def _scale(boards: Sequence[BoardScore], board: Scoreboard) -> tuple[Told, ...]:
    fitted = {(fit.metric, fit.scale) for fit in board.fits}
    rating = board.anchor_rating or 0.0
    anchor = Told(
        what="anchor",
        value=f"{rating:.2f} Elo",
        formula=f"median rating of {len(board.anchors)} variants with most votes: {', '.join(board.anchors)}",
    )
    lines = (_equated(one) if (one.metric, one.scale) in fitted else _placed(one, rating) for one in boards)
    return (anchor, *lines)


def _placed(board: BoardScore, rating: float) -> Told:
    return Told(
        what=f"theta of {board.metric}",
        value=f"{board.theta:+.4f} +- {board.se:.4f} {_LOGIT}",
        formula=f"ln(10)/400 * ({board.published:g} - {rating:.2f}); "
        "se = ln(10)/400 * (upper - lower) / (2 * 1.96)",
    )


def _equated(board: BoardScore) -> Told:
    return Told(
        what=f"theta of {board.metric} ({board.scale})",
        value=f"{board.theta:+.4f} +- {board.se:.4f} {_LOGIT}",
        formula=f"A + B * logit({board.published:g}/100); se = |B| * se_p / (p (1 - p)), se_p is assumed",
    )


def _fit(fit: Fit) -> tuple[Told, ...]:
    merged = "merged" if fit.merged else "not merged: floor on both boards, rank on the Arena"
    return (
        Told(
            what=f"{fit.metric} ({fit.scale}) on the Arena",
            value=f"A {fit.intercept:+.4f}, B {fit.slope:.4f} {_LOGIT}",
            formula=f"mean and SD of logit(x/100) matched on {fit.n} shared variants, "
            f"R2 {fit.r2:.3f}: {merged}",
        ),
        Told(
            what="tau between the boards",
            value=f"{fit.tau:.4f} {_LOGIT} ({fit.tau / LOGITS_PER_ELO:.1f} Elo)",
            formula="DerSimonian-Laird over the shared variants, not below the policy's floor",
        ),
    )


def _probability(score: Score, board: Scoreboard) -> tuple[Told, ...]:
    return (
        Told(
            what="reference",
            value=f"{board.reference_theta:+.4f} {_LOGIT}",
            formula=f"mean theta of the best confirmed variants: {', '.join(board.reference)}",
        ),
        Told(
            what="q",
            value=f"{score.quality:.4f} [{score.quality_low:.4f}, {score.quality_high:.4f}]",
            formula=f"1 / (1 + exp(-({score.theta:+.4f} - {board.reference_theta:+.4f}))), "
            "interval at theta -+ 1.96 sigma",
        ),
        Told(
            what="confirmed",
            value="yes" if score.confirmed else "no",
            formula="a measured score with enough votes",
        ),
    )
