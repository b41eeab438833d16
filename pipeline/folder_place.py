"""Looks at the place of a folder before a command writes into it."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def refuse_no_folder(path: Path, *, hint: str) -> None:
    """Refuse a place that is no folder and cannot become one: something else is there, or above it.

    Raises:
        UsageError: So it is; the message names what is in the way.
    """
    above = (*reversed(path.parents), path)
    in_the_way = next((place for place in above if os.path.lexists(place) and not place.is_dir()), None)
    if in_the_way == path:
        raise UsageError(f"{path} is no folder", hint=hint)
    if in_the_way is not None:
        raise UsageError(f"{path} cannot be a folder: {in_the_way} is none", hint=hint)
