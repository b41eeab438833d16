"""Whether what a source asks for a name contradicts the price of the variant it may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.scoring.claim import agree, claim_of, close, dollars, figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.observation import Price


def agreement_of(
    own: Sequence[Price], others: Sequence[Price], judged: JudgedPrice | None, agreement: float
) -> tuple[str, str]:
    """Compare the prices of a name with those of a variant, where both sides state one.

    A person's price settles the variant's side alone. Zero and half-stated prices state nothing.

    Args:
        own: What the name's source states for it.
        others: What is stated for the variant's release elsewhere.
        judged: A person's price of the release.
        agreement: Largest difference, as a share of the larger figure.

    Returns:
        What agrees and what contradicts, in words; both empty where a side is silent.
    """
    mine = [claim for claim in map(claim_of, own) if claim is not None]
    theirs = [claim for claim in map(claim_of, others) if claim is not None]
    if not mine or not (theirs or judged):
        return "", ""
    if judged is not None:
        said = f"judged {dollars(judged.input_microusd_per_mtok)}/{dollars(judged.output_microusd_per_mtok)}"
        same = any(
            close(claim.input, judged.input_microusd_per_mtok, agreement)
            and close(claim.output, judged.output_microusd_per_mtok, agreement)
            for claim in mine
        )
    else:
        said = "; ".join(dict.fromkeys(figures(claim.stated) for claim in theirs))
        near = [one for one in theirs if any(agree(claim, one, agreement) for claim in mine)]
        same = bool(near)
        said = figures(near[0].stated) if near else said
    stated = figures(mine[0].stated)
    return (f"price agrees: {stated}; {said}", "") if same else ("", f"price differs: {stated}; {said}")
