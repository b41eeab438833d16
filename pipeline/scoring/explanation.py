"""Explains a score number by number: published values, quality, the prices stated and the cost of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.domain.explanation import ExplanationLine, ExplanationSection
from pipeline.domain.price import BASELINE, JUDGEMENT
from pipeline.domain.score import Cost, ListPrice, NoPrice
from pipeline.scoring.cost.task_cost import TOTALS_ONLY, cost_by_kind
from pipeline.scoring.prices.comparison import dollars
from pipeline.scoring.quality.equate import LOGITS_PER_ELO, assumed_tau
from pipeline.scoring.quality.rating import BoardSelection, select_boards, share_of_expected, weights_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pipeline.domain.crosswalk import Crosswalk, JudgedPrice, Measure, Resolution
    from pipeline.domain.ids import SourceKey, SourceName, VariantId
    from pipeline.domain.observation import Price
    from pipeline.domain.policy import Policy, QualityPolicy, TaskKind
    from pipeline.domain.score import BoardScore, ExpectedBoard, Fit, Score, Scoreboard


_LOGIT: Final = "logit"


def combination(score: Score, used: BoardSelection) -> tuple[ExplanationLine, ...]:
    """Tell which boards list the variant, what a missing one is expected to say, and the result."""
    speaking = ExplanationLine(
        what="boards used",
        value=", ".join(score.speaking),
        formula="a board that lists it and is not merged is not used",
    )
    if score.expected is None:
        return (speaking, *_weights(used.boards, used.tau), *_combined_lines(score))
    return (speaking, *_expected_lines(score.expected), *_shares(score, used), *_combined_lines(score))


def _weights(boards: Sequence[BoardScore], tau: float) -> tuple[ExplanationLine, ...]:
    weights = weights_of(boards, tau)
    total = sum(weights)
    return tuple(
        ExplanationLine(
            what=f"weight of {board.metric}",
            value=f"{weight / total:.3f}",
            formula=f"1 / (error^2 + spread^2) = 1 / ({board.se:.4f}^2 + {tau:.4f}^2) = {weight:.1f}",
        )
        for board, weight in zip(boards, weights, strict=True)
    )


def _expected_lines(expected: ExpectedBoard) -> tuple[ExplanationLine, ...]:
    basis = "regression on the board that lists it, over the shared variants"
    if expected.siblings:
        basis += f"; and, by precision, other efforts that it lists: {', '.join(expected.siblings)}"
    return (
        ExplanationLine(
            what=f"{expected.metric} does not list it; expected",
            value=f"{expected.theta:+.4f} +- {expected.sd:.4f} {_LOGIT}",
            formula=basis,
        ),
    )


def _shares(score: Score, used: BoardSelection) -> tuple[ExplanationLine, ...]:
    share = share_of_expected(used.boards[0], used.tau)
    return (
        ExplanationLine(
            what="share of the expected board",
            value=f"{share:.3f}",
            formula="weight 1 / spread^2, beside 1 / (error^2 + spread^2) of the board that lists it",
        ),
        ExplanationLine(
            what="not known from one board",
            value=f"{score.sigma_between:.4f} {_LOGIT} ({score.sigma_between / LOGITS_PER_ELO:.1f} Elo)",
            formula="share * SD of the expectation: part of a difference to variants on other boards",
        ),
    )


def _combined_lines(score: Score) -> tuple[ExplanationLine, ...]:
    elo = score.theta / LOGITS_PER_ELO
    alone = score.expected is None
    return (
        ExplanationLine(
            what="combined rating",
            value=f"{score.theta:+.4f} +- {score.sigma:.4f} {_LOGIT} ({elo:+.1f} Elo)",
            formula="sum of weight * rating, by the sum of weights; error = 1 / sqrt(sum of weights)"
            if alone
            else "(1 - share) * rating + share * expected; error^2 = 1 / sum of weights + (share * SD)^2",
        ),
        ExplanationLine(
            what="measurement error alone",
            value=f"{score.sigma_measured:.4f} {_LOGIT}",
            formula="1 / sqrt(sum of 1 / error^2): the band for changes"
            if alone
            else "of the board that lists it, and of the siblings by their share: the band for changes",
        ),
    )


def published_scores(
    variant: VariantId, resolution: Resolution, crosswalk: Crosswalk, metrics: Collection[str]
) -> ExplanationSection:
    """List what is published about a variant on some metrics, verbatim, and who judged the name."""
    rows = sorted(
        (
            measure
            for measure in resolution.measures
            if measure.variant == variant and measure.observation.metric in metrics
        ),
        key=lambda one: (one.observation.source, one.observation.metric),
    )
    used = {(match.source, match.key): "; ".join(match.evidence) for match in resolution.provisional}
    return ExplanationSection(
        title="published values", lines=tuple(_published_line(row, crosswalk, used) for row in rows)
    )


def quality_sections(
    score: Score, board: Scoreboard, policy: QualityPolicy
) -> tuple[ExplanationSection, ...]:
    """Follow one evidence from published values to quality."""
    used = select_boards(score.boards, board.fits, assumed_tau(policy))
    own = [fit for fit in board.fits if fit.scale in {one.scale for one in score.boards}] or board.fits[:1]
    sections = [
        ExplanationSection(title="on the logit scale", lines=_scale(score.boards, board)),
        ExplanationSection(title="equating", lines=tuple(line for fit in own for line in _fit(fit))),
    ]
    if used is not None:
        sections.append(ExplanationSection(title="combination", lines=combination(score, used)))
    return (*sections, ExplanationSection(title="quality", lines=_probability(score, board)))


def _published_line(
    measure: Measure, crosswalk: Crosswalk, used: Mapping[tuple[SourceName, SourceKey], str]
) -> ExplanationLine:
    row = measure.observation
    judgement = crosswalk.judgements.get((row.source, row.key))
    interval = "" if row.low is None or row.high is None else f" [{row.low:g}, {row.high:g}]"
    votes = "" if row.votes is None else f", {row.votes} votes"
    estimated = ", estimated by the source" if row.estimated else ""
    judged = (
        f"judged by {judgement.decided_by} on {judgement.decided_on}: {judgement.reason}" if judgement else ""
    )
    if evidence := used.get((row.source, row.key)):
        judged = f"judged by nobody yet, used provisionally: {evidence}"
    return ExplanationLine(
        what=f"{row.metric} ({row.scale})",
        value=f"{row.value:g}{interval}{votes}{estimated}",
        source=f"{row.source}: {row.name}",
        capture=row.capture,
        on=row.observed_on.isoformat(),
        formula=judged,
    )


def _scale(boards: Sequence[BoardScore], board: Scoreboard) -> tuple[ExplanationLine, ...]:
    fitted = {(fit.metric, fit.scale) for fit in board.fits}
    rating = board.anchor_rating or 0.0
    anchor = ExplanationLine(
        what="anchor",
        value=f"{rating:.2f} Elo",
        formula=f"median rating of {len(board.anchors)} variants with most votes: {', '.join(board.anchors)}",
    )
    lines = (
        _equated_line(one) if (one.metric, one.scale) in fitted else _place_line(one, rating)
        for one in boards
    )
    return (anchor, *lines)


def _place_line(board: BoardScore, rating: float) -> ExplanationLine:
    return ExplanationLine(
        what=f"rating on {board.metric}",
        value=f"{board.theta:+.4f} +- {board.se:.4f} {_LOGIT}",
        formula=f"ln(10)/400 * ({board.published:g} - {rating:.2f}); "
        "error = ln(10)/400 * (upper - lower) / (2 * 1.96)",
    )


def _equated_line(board: BoardScore) -> ExplanationLine:
    return ExplanationLine(
        what=f"rating on {board.metric} ({board.scale})",
        value=f"{board.theta:+.4f} +- {board.se:.4f} {_LOGIT}",
        formula=f"intercept + slope * logit({board.published:g}/100); error = |slope| * the assumed error / "
        "(share * (1 - share))",
    )


def _fit(fit: Fit) -> tuple[ExplanationLine, ...]:
    merged = "merged" if fit.merged else "not merged: floor on both boards, rank on the Arena"
    return (
        ExplanationLine(
            what=f"{fit.metric} ({fit.scale}) on the Arena",
            value=f"intercept {fit.intercept:+.4f}, slope {fit.slope:.4f} {_LOGIT}",
            formula=f"mean and SD of logit(x/100) matched on {fit.n} shared variants, "
            f"{fit.r2:.1%} of variance explained: {merged}",
        ),
        ExplanationLine(
            what="spread between the boards",
            value=f"{fit.tau:.4f} {_LOGIT} ({fit.tau / LOGITS_PER_ELO:.1f} Elo)",
            formula="DerSimonian-Laird over the shared variants, not below the policy's floor",
        ),
    )


def _probability(score: Score, board: Scoreboard) -> tuple[ExplanationLine, ...]:
    return (
        ExplanationLine(
            what="reference",
            value=f"{board.reference_theta:+.4f} {_LOGIT}",
            formula=f"mean rating of the best confirmed variants: {', '.join(board.reference)}",
        ),
        ExplanationLine(
            what="quality",
            value=f"{score.quality:.4f} [{score.quality_low:.4f}, {score.quality_high:.4f}]",
            formula=f"1 / (1 + exp(-({score.theta:+.4f} - {board.reference_theta:+.4f}))), "
            "interval at 1.96 errors",
        ),
        ExplanationLine(
            what="confirmed",
            value="yes" if score.confirmed else "no",
            formula="a measured score with enough votes",
        ),
    )


def price_section(
    variant: VariantId, resolution: Resolution, crosswalk: Crosswalk, cost: Cost | NoPrice
) -> ExplanationSection:
    """List what each source states, a person's word if there is one, and what follows."""
    rows = [offer.price for offer in resolution.offers if offer.variant == variant]
    judged = crosswalk.price_of(crosswalk.variants[variant].release)
    lines = [_stated_line(row) for row in sorted(rows, key=lambda row: (row.source, row.key))]
    if judged is not None:
        lines.append(_judged_line(judged))
    lines.append(_agreed_line(cost.price) if isinstance(cost, Cost) else _unpriced_line(cost))
    return ExplanationSection(title="price", lines=tuple(lines))


def task_cost_section(cost: Cost, policy: Policy) -> ExplanationSection:
    """Write out the sum over the operator's mix of tasks."""
    lines = [
        ExplanationLine(
            what="verbosity",
            value=f"{cost.verbosity:.2f} (grade {cost.grade}, SD of log cost {cost.log_sd:.2f})",
            formula="a dollar total of index runs over their list cost: multiplies the whole bill"
            if cost.grade in TOTALS_ONLY
            else "output plus reasoning tokens relative to a non-reasoning answer",
        )
    ]
    lines += [
        ExplanationLine(
            what=f"{part.kind.name}", value=f"${part.usd:.6f}", formula=_kind(part.kind, cost.price)
        )
        for part in cost_by_kind(cost, policy)
    ]
    fee = policy.cost.fee_usd_per_task
    if fee:
        lines.append(
            ExplanationLine(what="fee", value=f"${fee:.6f}", source="policy", formula="cost.fee_usd_per_task")
        )
    total = ExplanationLine(
        what="cost per task", value=f"${cost.usd_per_task:.6f}", formula="the sum of the above"
    )
    low, high = cost.interval()
    interval = ExplanationLine(
        what="80 % interval",
        value=f"${low:.6f} to ${high:.6f}",
        formula=f"the cost times exp(-+ 1.28 * {cost.log_sd:.2f}), the SD of log cost",
    )
    return ExplanationSection(title="cost of one task", lines=(*lines, total, interval))


def _stated_line(row: Price) -> ExplanationLine:
    cached = row.cache_read_microusd_per_mtok
    return ExplanationLine(
        what="stated price per Mtok",
        value=f"input {dollars(row.input_microusd_per_mtok)}, output {dollars(row.output_microusd_per_mtok)}"
        + (f", cached input {dollars(cached)}" if cached is not None else ""),
        source=f"{row.source}: {row.name}",
        capture=row.capture,
        on=row.observed_on.isoformat(),
        formula=row.note,
    )


def _judged_line(price: JudgedPrice) -> ExplanationLine:
    cached = price.cache_read_microusd_per_mtok
    return ExplanationLine(
        what="judged price per Mtok",
        value=f"input {dollars(price.input_microusd_per_mtok)}, "
        f"output {dollars(price.output_microusd_per_mtok)}"
        + ("" if cached is None else f", cached input {dollars(cached)}"),
        source=f"data/crosswalk/prices.csv, {price.decided_by}: {price.source_url}",
        on=price.valid_from.isoformat(),
        formula=price.reason,
    )


def _agreed_line(price: ListPrice) -> ExplanationLine:
    cached = price.cache_read_microusd_per_mtok
    reading = "as input" if cached is None else dollars(cached)
    return ExplanationLine(
        what="agreed price per Mtok",
        value=f"input {dollars(price.input_microusd_per_mtok)}, "
        f"output {dollars(price.output_microusd_per_mtok)}, cached input {reading}",
        source=" and ".join(price.sources),
        formula=price.note or _reason(price),
    )


def _reason(price: ListPrice) -> str:
    """Say in general why a price counts."""
    if price.sources == (BASELINE,):
        return "kept from the published pool: nothing newer is stated, or what is stated is not believed"
    if price.sources == (JUDGEMENT,):
        return "a person judged it"
    return "two sources agree" if len(price.sources) > 1 else "this source alone states it"


def _unpriced_line(cost: NoPrice) -> ExplanationLine:
    return ExplanationLine(what="agreed price per Mtok", value=f"none: {cost.reason}", formula=cost.detail)


def _kind(kind: TaskKind, price: ListPrice) -> str:
    cached = price.cache_read_microusd_per_mtok
    if cached is None:
        rate = f"the price of input, {dollars(price.input_microusd_per_mtok)}"
    else:
        rate = dollars(cached)
    return (
        f"{kind.share:.0%} of tasks: {kind.tokens_in:g} in, {kind.cached_share:.0%} of them cached at "
        f"{rate}, {kind.tokens_out:g} out times verbosity"
    )
