"""Whether what a source asks for a name contradicts the price of the variant it may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.scoring.price_comparison import amounts_of, close
from pipeline.scoring.price_words import dollars, in_dollars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.domain.crosswalk import JudgedPrice
    from pipeline.domain.observation import Price
    from pipeline.domain.price import Amounts


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
    mine = [(price.source, found) for price in own if (found := amounts_of(price)) is not None]
    theirs = [(price.source, found) for price in others if (found := amounts_of(price)) is not None]
    if not mine or not (theirs or judged):
        return "", ""
    if judged is not None:
        said = f"judged {dollars(judged.input_microusd_per_mtok)}/{dollars(judged.output_microusd_per_mtok)}"
        same = any(
            close(one.input, judged.input_microusd_per_mtok, agreement)
            and close(one.output, judged.output_microusd_per_mtok, agreement)
            for _, one in mine
        )
    else:
        near = [place for place in theirs if any(_agree(one, place[1], agreement) for _, one in mine)]
        same = bool(near)
        told = near[:1] or theirs
        said = "; ".join(dict.fromkeys(f"{source} {in_dollars(one)}" for source, one in told))
    stated = f"{mine[0][0]} {in_dollars(mine[0][1])}"
    return (f"price agrees: {stated}; {said}", "") if same else ("", f"price differs: {stated}; {said}")


def _agree(one: Amounts, other: Amounts, agreement: float) -> bool:
    return close(one.input, other.input, agreement) and close(one.output, other.output, agreement)
