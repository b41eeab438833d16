"""`proposal.md`: the proposal for a terminal and for a git host.

Names stand in code spans and sentences are escaped, so that nothing a source wrote becomes markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.review.pages.markdown_cells import code, sentence, table
from pipeline.review.pages.number_format import CAVEAT, COSTS, PROMISE, UNKNOWN, percent, usd
from pipeline.review.pages.tier_view import CostWords
from pipeline.review.pages.vendor_outage_view import LOSS_HEADER, LOSS_INTRO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.domain.proposal import FindingLine
    from pipeline.review.pages.proposal_view import ProposalView
    from pipeline.review.pages.tier_view import MemberRow, TierView
    from pipeline.review.pages.vendor_outage_view import RemainingTierView, VendorLossView


_OPEN_NAMES: Final = 15


def proposal_markdown(view: ProposalView) -> str:
    """Write the whole page, ending in a line end."""
    blocks = [
        f"# Pool proposal {view.folder}",
        PROMISE,
        _head(view),
        "## What changes for traffic",
        "\n".join(f"- {sentence(line)}" for line in view.removed),
        sentence(view.headline),
        "\n".join(f"- {sentence(line)}" for line in view.facts),
        *_changes(view),
        *_holds(view),
        *provisional_blocks(view),
        *_consent(view),
        *(block for tier in view.tiers for block in tier_blocks(tier)),
        *(("## If a vendor is gone", LOSS_INTRO, losses) if (losses := loss_block(view.losses)) else ()),
        *_findings(view),
        *_fits(view),
        *_open_names(view),
        *_inputs(view),
        "## Attribution",
        "\n".join(f"- {sentence(line)}" for line in view.proposal.pool.attribution) or "None.",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(view: ProposalView) -> str:
    proposal = view.proposal
    rows = [
        ("week", f"{proposal.week}, attempt {proposal.attempt}, as of {proposal.as_of}"),
        ("starts from", view.base),
        ("would become", f"{view.version}, a router raises an alarm from {proposal.pool.expires_on}"),
        ("digest", code(view.asked)),
        ("policy", code(proposal.pool.policy_sha256[:12])),
        ("seed", str(proposal.seed)),
    ]
    return table(("this proposal", ""), rows)


def _changes(view: ProposalView) -> list[str]:
    rows = [
        (
            sentence(change.tier),
            f"{change.place}: {code(change.variant)}",
            f"{change.cause.capitalize()}. {sentence(change.reason)}",
            sentence(change.cost),
            change.certainty,
        )
        for change in view.changes
    ]
    return [table(("tier", "change", "why", "cost", "certainty"), rows)] if rows else []


def _holds(view: ProposalView) -> list[str]:
    if not view.holds:
        return []
    intro = "Held back: the last good data of these stays in force."
    return [intro, "\n".join(f"- {code(line.subject)}: {sentence(line.message)}" for line in view.holds)]


def _consent(view: ProposalView) -> list[str]:
    large = "This proposal is large, so it asks for 16 characters of the digest. "
    return [
        "## To decide",
        f"{large if view.proposal.large else ''}To approve exactly this, or to reject it:",
        f"    {view.approve}\n    {view.reject}",
    ]


def _findings(view: ProposalView) -> list[str]:
    lines: tuple[FindingLine, ...] = (*view.holds, *view.warnings, *view.notes)
    rows = [(line.severity, code(line.kind), code(line.subject), sentence(line.message)) for line in lines]
    header = ("severity", "kind", "about", "finding")
    return ["## Findings", table(header, rows) if rows else "None."]


def _fits(view: ProposalView) -> list[str]:
    proposal = view.proposal
    use = {True: "merged", False: "not merged: floor on both boards, rank on the Arena"}
    rows = [
        (
            code(fit.evidence),
            code(fit.metric),
            code(fit.scale),
            str(fit.n),
            fit.r2,
            fit.tau_elo,
            use[fit.merged],
        )
        for fit in proposal.fits
    ]
    anchors = [
        f"- zero of {code(name)}: the median of {', '.join(code(variant) for variant in variants)}"
        for name, variants in proposal.anchors.items()
    ]
    header = ("evidence", "metric", "scale", "n", "R2", "tau (Elo)", "use")
    return [
        "## How the boards were put on one scale",
        CAVEAT,
        table(header, rows) if rows else "",
        "\n".join(anchors),
        "## How well a cost is known",
        sentence(COSTS),
    ]


def _open_names(view: ProposalView) -> list[str]:
    coverage, names = view.proposal.coverage, view.proposal.open_names
    said = (
        f"{coverage.judged} names are judged, {coverage.not_routed} are judged as not routed, "
        f"{coverage.open} are open: nobody has judged them, so they are left out."
    )
    rows = [
        (code(line.source), code(line.name), line.value or UNKNOWN, sentence("; ".join(line.suggestions)))
        for line in names[:_OPEN_NAMES]
    ]
    more = f"All {len(names)} are in `open-names.csv`." if len(names) > _OPEN_NAMES else ""
    header = ("source", "name", "value", "might mean")
    return ["## Open names", said, table(header, rows) if rows else "", more]


def _inputs(view: ProposalView) -> list[str]:
    rows = [
        (code(each.name), code(each.sha256[:12]), code(each.detail), each.fetched_at or "")
        for each in view.proposal.inputs
    ]
    full = f"Full digests are in `proposal.json`, whose own digest is {code(view.proposal_sha256)}."
    return ["## Inputs", table(("input", "digest", "what", "fetched"), rows), full]


def tier_blocks(tier: TierView) -> list[str]:
    """Write a tier as blocks of Markdown; an empty block is left out by the page."""
    header = (
        "rank",
        "variant",
        "quality",
        "95 %",
        "$ per task",
        "80 %",
        "grade",
        "answers per $",
        "how sure",
        "serves",
    )
    rows = [*tier.members, *tier.challengers]
    bands = [
        f"- {sentence(name)}: {', '.join(code(variant) for variant in order)}" for name, order in tier.bands
    ]
    return [
        f"## Tier {sentence(tier.name)}",
        sentence("; ".join(tier.terms)) + ".",
        "This tier is large: its default changes, or more than one place does." if tier.large else "",
        "\n\n".join(sentence(line) for line in tier.headline),
        table(header, (_row(row) for row in rows)),
        "\n".join(
            f"- {code(row.variant)}: {sentence('; '.join(row.remarks))}" for row in rows if row.remarks
        ),
        "Cached input, per million tokens:" if tier.cached else "",
        "\n".join(f"- {code(variant)}: {said}" for variant, said in tier.cached),
        "Order by difficulty of the request:" if bands else "",
        "\n".join(bands),
        *_steps(tier),
        *_left_out(tier),
    ]


def loss_block(rows: Iterable[VendorLossView]) -> str:
    """Write the drill as one table; empty without one."""
    cells = [
        (sentence(row.tier), sentence(row.vendor), *_remains(row.left), *_remains(row.again)) for row in rows
    ]
    return table(LOSS_HEADER, cells) if cells else ""


def _remains(left: RemainingTierView) -> tuple[str, str, str]:
    names = (f"+{code(name)}" if name in left.entrants else code(name) for name in left.variants)
    return ", ".join(names) or "**nobody**", left.usd_per_task, left.quality


def _row(row: MemberRow) -> tuple[str, ...]:
    cost = (row.usd_per_task, row.usd_interval, sentence(row.grade), row.answers_per_usd)
    return (
        row.rank or "next",
        code(row.variant),
        row.quality,
        row.interval,
        *cost,
        row.close,
        sentence(row.serves),
    )


def _cost(tier: TierView, variant: str, usd_per_task: str | None) -> tuple[str, str, str]:
    """Write a cost with how well it is known: dollars, 80 % interval, grade."""
    known = tier.costs.get(variant, CostWords(interval=UNKNOWN, grade=UNKNOWN))
    return usd(usd_per_task), known.interval, sentence(known.grade)


def _steps(tier: TierView) -> list[str]:
    rows = [
        (
            code(each.variant),
            percent(each.quality),
            *_cost(tier, each.variant, each.usd_per_task),
            usd(each.next_answer_usd),
        )
        for each in tier.hull
    ]
    rows[:1] = [(*row[:-1], "the cheapest step") for row in rows[:1]]
    header = ("step up to", "quality", "$ per task", "80 %", "grade", "one more answer costs")
    return ["What the next dollar buys:", table(header, rows)] if rows else []


def _left_out(tier: TierView) -> list[str]:
    if not tier.left_out:
        return []
    rules = [(code(each.rule), sentence(each.meaning), str(len(each.standings))) for each in tier.left_out]
    best = [
        (
            code(each.variant),
            percent(each.quality),
            *_cost(tier, each.variant, each.usd_per_task),
            code(each.rule or "unnamed"),
            sentence(each.detail),
        )
        for each in tier.best_left_out
    ]
    return [
        "Left out, by rule:",
        table(("rule", "meaning", "variants"), rules),
        "The best of them:",
        table(("variant", "quality", "$ per task", "80 %", "grade", "rule", "why"), best),
    ]


def provisional_blocks(view: ProposalView) -> list[str]:
    """Write every name that is used provisionally; nothing where there is none."""
    lines = view.proposal.provisional
    if not lines:
        return []
    rows = [
        (
            code(line.source),
            code(line.name),
            code(line.variant),
            sentence("; ".join(line.evidence)),
            sentence("; ".join(line.touches)) or "no pool",
        )
        for line in lines
    ]
    header = ("source", "name", "used as", "evidence", "without it the pools differ")
    return [
        "## Judgements accepted with this proposal",
        sentence(view.carried),
        table(header, rows),
    ]
