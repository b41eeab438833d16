"""`proposal.md`: the proposal for a terminal and for a git host.

Names stand in code spans and sentences are escaped, so that nothing a source wrote becomes markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.review.cells import code, sentence, table
from pipeline.review.losses import LOSS_INTRO
from pipeline.review.markdown_names import provisional_blocks
from pipeline.review.markdown_tier import loss_block, tier_blocks
from pipeline.review.words import CAVEAT, COSTS, PROMISE, UNKNOWN

if TYPE_CHECKING:
    from pipeline.domain.proposal import FindingLine
    from pipeline.review.view import View

_OPEN_NAMES: Final = 15


def proposal_markdown(view: View) -> str:
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


def _head(view: View) -> str:
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


def _changes(view: View) -> list[str]:
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


def _holds(view: View) -> list[str]:
    if not view.holds:
        return []
    intro = "Held back: the last good data of these stays in force."
    return [intro, "\n".join(f"- {code(line.subject)}: {sentence(line.message)}" for line in view.holds)]


def _consent(view: View) -> list[str]:
    large = "This proposal is large, so it asks for 16 characters of the digest. "
    return [
        "## To decide",
        f"{large if view.proposal.large else ''}To approve exactly this, or to reject it:",
        f"    {view.approve}\n    {view.reject}",
    ]


def _findings(view: View) -> list[str]:
    lines: tuple[FindingLine, ...] = (*view.holds, *view.warnings, *view.notes)
    rows = [(line.severity, code(line.kind), code(line.subject), sentence(line.message)) for line in lines]
    header = ("severity", "kind", "about", "finding")
    return ["## Findings", table(header, rows) if rows else "None."]


def _fits(view: View) -> list[str]:
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


def _open_names(view: View) -> list[str]:
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


def _inputs(view: View) -> list[str]:
    rows = [
        (code(each.name), code(each.sha256[:12]), code(each.detail), each.fetched_at or "")
        for each in view.proposal.inputs
    ]
    full = f"Full digests are in `proposal.json`, whose own digest is {code(view.proposal_sha256)}."
    return ["## Inputs", table(("input", "digest", "what", "fetched"), rows), full]
