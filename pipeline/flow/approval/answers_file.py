"""Reads a person's answers to single changes from one TOML file."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from pipeline.domain.document import Document
from pipeline.domain.proposal import Said
from pipeline.review.decisions.change_answers import ChangeAnswerInput
from pipeline.toml_file import broken_at, dotted_key, line_of, read_toml

if TYPE_CHECKING:
    from pathlib import Path


class ChangeLine(Document):
    """The answer to one change."""

    number: Annotated[int, Field(ge=1)]
    """As the page counts."""
    answer: Literal["accept", "hold", "never"]
    until: date | None = None
    """Of a hold: from this day on it is asked again."""
    note: Said | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.until is not None) != (self.answer == "hold"):
            raise ValueError("a hold has a day in `until`, and nothing else does")
        return self


class AnswersFile(Document):
    """The whole file; a change that it does not name is accepted."""

    change: tuple[ChangeLine, ...]

    @model_validator(mode="after")
    def _answers_once(self) -> Self:
        numbers = [one.number for one in self.change]
        for twice in {number for number in numbers if numbers.count(number) > 1}:
            raise ValueError(f"change {twice} is answered twice")
        return self

    @property
    def answers(self) -> tuple[ChangeAnswerInput, ...]:
        """The changes that are not taken."""
        return tuple(
            ChangeAnswerInput(number=one.number, until=one.until, note=one.note)
            for one in self.change
            if one.answer != "accept"
        )

    @property
    def accepted(self) -> tuple[int, ...]:
        """The numbers of the changes that are said to be taken."""
        return tuple(one.number for one in self.change if one.answer == "accept")


def read_answers(path: Path) -> AnswersFile:
    """Read a file of answers.

    Raises:
        UsageError: It is missing, no TOML, or a key is missing, unknown or not of its form.
    """
    _, text, document = read_toml(path)
    try:
        # By way of JSON, since a strict model takes an array for a tuple only there.
        return AnswersFile.model_validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = first["loc"]
        message = first["msg"].removeprefix("Value error, ")
        raise broken_at(
            path, line_of(text, key), f"{dotted_key(key)}: {message}" if key else message, _FORM
        ) from None


_FORM = "[[change]] tables with number, answer (accept, hold, never), until for a hold, and perhaps note"
