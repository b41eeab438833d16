"""What a tier is without one of its vendors."""

from __future__ import annotations

from pipeline.domain.document import DecimalText, Document


class Remains(Document):
    """A tier without one vendor."""

    variants: tuple[str, ...]
    """In rank order."""
    usd_per_task: DecimalText | None
    """What the first place costs; None when nobody is left."""
    quality_drop_elo: DecimalText | None
    """Elo points by which the best quality falls; below zero where it rises."""


class VendorLoss(Document):
    """The drill: one vendor of a tier is gone. It is shown; nothing is decided by it."""

    vendor: str
    left: Remains
    """Who still answers, with nothing changed."""
    chosen_again: Remains
    """What the tier would become if the rest were the pool in force and the vendor were denied."""
