"""The base of every document that crosses a boundary: strict, closed, frozen."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Document(BaseModel):
    """Unknown fields, coerced types, NaN and infinity are refused; values do not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


DecimalText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
"""A number with a fraction as text, e.g. `0.0123`; documents that are signed hold no floats."""

DigestText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
WeekText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-W[0-9]{2}$")]
DayText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
MomentText = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
]
"""A moment in UTC, to the second."""
