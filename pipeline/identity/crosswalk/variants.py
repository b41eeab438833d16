"""Reads `variants.csv`: what is scored, priced and routed, and how each route is asked for it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Variant
from pipeline.domain.effort_parameters import LEVELS, LITELLM, NOTHING, OPENROUTER, parameters_sent
from pipeline.domain.ids import VariantId
from pipeline.identity.crosswalk.csv_reader import CsvRow, csv_rows, header_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


EFFORTS: Final = (*LEVELS, "on", "default")
"""`on`: reasons, without a level; `default`: the source does not say."""

FORMER_COLUMNS: Final = (
    "id", "vendor", "family", "release", "effort", "released_on", "open_weights", "context_tokens",
    "litellm", "openrouter", "genai_prices", "key_env", "retires_on",
)  # fmt: skip
"""A file that a run kept before routes said how they are sent an effort."""
VARIANT_COLUMNS: Final = (*FORMER_COLUMNS, "litellm_effort", "openrouter_effort", "effort_reason")

_EFFORT_OF: Final = {LITELLM: "litellm_effort", OPENROUTER: "openrouter_effort"}
_RELEASE = re.compile(r"[a-z0-9][a-z0-9._+:-]*", re.ASCII)
_CATALOGUE_ID = re.compile(r"[^\s/]+/[^\s]+")
_TABLE_ID = re.compile(r"[^\s:]+:[^\s]+")
_ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)


def read_variants(path: Path, body: bytes) -> dict[VariantId, Variant]:
    """Read the lines of variants.csv.

    A file without the effort columns is read as it was used then: a level goes by its name to every route.

    Raises:
        UsageError: A line is not of the form, or asks a route for what another line asks it for.
    """
    former = header_of(body) == FORMER_COLUMNS
    variants: dict[VariantId, Variant] = {}
    first_line: dict[VariantId, int] = {}
    asked: dict[tuple[str, str, str], int] = {}
    for row in csv_rows(path, body, FORMER_COLUMNS if former else VARIANT_COLUMNS):
        variant = _variant(row)
        if variant.id in variants:
            raise row.form_error("id", f"an id of its own; line {first_line[variant.id]} has it already")
        if not former:
            variant = _with_efforts(row, variant)
            _ask_once(row, variant, asked)
        variants[variant.id] = variant
        first_line[variant.id] = row.spot.line
    return _as_sent_then(variants) if former else variants


def _variant(row: CsvRow) -> Variant:
    release = row.like("release", _RELEASE, "lower-case letters, digits and . _ + : -")
    effort = row.one_of("effort", EFFORTS)
    if row.cells["id"] != f"{release}@{effort}":
        raise row.form_error("id", f"release@effort of the same line: {release}@{effort}")
    return Variant(
        id=VariantId(row.cells["id"]),
        vendor=row.text("vendor"),
        family=row.text("family"),
        release=release,
        effort=effort,
        released_on=row.day("released_on") if row.cells["released_on"] else None,
        open_weights=row.one_of("open_weights", ("yes", "no")) == "yes",
        context_tokens=row.whole_number("context_tokens") if row.cells["context_tokens"] else None,
        litellm=row.optional("litellm"),
        openrouter=_optional_like(row, "openrouter", _CATALOGUE_ID, "author/model"),
        genai_prices=_optional_like(row, "genai_prices", _TABLE_ID, "provider:model"),
        key_env=_optional_like(row, "key_env", _ENVIRONMENT_NAME, "a name like OPENAI_API_KEY"),
        retires_on=row.day("retires_on") if row.cells["retires_on"] else None,
    )


def _optional_like(row: CsvRow, column: str, form: re.Pattern[str], expected: str) -> str | None:
    return row.like(column, form, f"{expected}, or an empty cell") if row.cells[column] else None


def _with_efforts(row: CsvRow, variant: Variant) -> Variant:
    """Read how each route is sent the effort; what a route cannot express has a reason."""
    for route, column in _EFFORT_OF.items():
        cell = row.cells[column]
        if cell and route not in variant.models:
            raise row.form_error(column, f"an empty cell: the line has no {route} route")
        if cell:
            try:
                parameters_sent(route, cell)
            except ValueError as error:
                raise row.form_error(
                    column, f"{error}, or an empty cell where it cannot be expressed"
                ) from None
        elif route in variant.models and not row.cells["effort_reason"]:
            raise row.form_error("effort_reason", f"why {route} cannot express {variant.effort}")
    return replace(
        variant,
        litellm_effort=row.optional("litellm_effort"),
        openrouter_effort=row.optional("openrouter_effort"),
        effort_reason=row.optional("effort_reason"),
    )


def _ask_once(row: CsvRow, variant: Variant, asked: dict[tuple[str, str, str], int]) -> None:
    """Refuse a request that another line makes too: the two variants would be one thing under two scores."""
    for route, model in variant.models.items():
        send = variant.send(route)
        if send is None:
            continue
        line = asked.setdefault((route, model, json.dumps(send, sort_keys=True)), row.spot.line)
        if line != row.spot.line:
            raise row.form_error(
                _EFFORT_OF[route], f"another request than line {line} makes for {model}, or an empty cell"
            )


def _as_sent_then(variants: Mapping[VariantId, Variant]) -> dict[VariantId, Variant]:
    """Fill in what was sent before the columns existed: a level by its name, everything else unasked.

    `none` was a level only of a release that is known at another effort too.
    """
    reasoning = {variant.release for variant in variants.values() if variant.effort != "none"}
    filled = {}
    for name, one in variants.items():
        level = one.effort in LEVELS and (one.effort != "none" or one.release in reasoning)
        cell = one.effort if level else NOTHING
        filled[name] = replace(
            one,
            litellm_effort=cell if one.litellm else None,
            openrouter_effort=cell if one.openrouter else None,
        )
    return filled
