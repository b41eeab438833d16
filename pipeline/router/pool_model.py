"""Reads the `signed` part of a pool file completely: what a router may rely on.

Every field of formats 1 and 2 is checked. Fields that neither knows are ignored, so that a
later publisher may add some without stopping routers (`data/pools/FORMAT.md`, "Compatibility").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from pipeline.router import json_types
from pipeline.router.routes import PriceView, RouteView, read_plain_routes, read_price, read_routes
from pipeline.router.strict_json import refuse, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from pipeline.router.json_types import Reader

T = TypeVar("T")

FORMATS: Final = (1, 2)
"""Formats that this router reads."""
BANDS: Final = ("simple", "medium", "complex")
DEFAULT: Final = "default"
PURPOSES: Final = (DEFAULT, "simple", "complex", "stand-in", "spare")
"""What a member of format 2 may be in a tier for."""
MOST_TIERS: Final = 32
MOST_MEMBERS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One member of a tier: what to call, with which effort, and what it costs."""

    rank: int
    variant: str
    vendor: str
    effort: str
    routes: Mapping[str, RouteView]
    """By router name."""
    key_env: str | None
    price: PriceView
    usd_per_task: Decimal
    quality: Decimal
    context_tokens: int | None
    tools: bool | None
    vision: bool | None
    retires_on: date | None
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """One tier in rank order, never empty."""

    name: str
    evidence: str
    """Which boards it believes: quality is compared within one evidence only."""
    members: tuple[Candidate, ...]
    bands: Mapping[str, tuple[str, ...]]
    """simple, medium and complex, where published: variants, cheapest able one first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolView:
    """A pool as a router sees it."""

    version: int
    week: str
    as_of: str
    expires_on: date
    """From this day: raise an alarm and keep serving."""
    tiers: Mapping[str, TierView]
    attribution: tuple[str, ...]


def read_pool(signed: Mapping[str, object]) -> PoolView:
    """Read the `signed` part of a pool file.

    Raises:
        RefusedError: A field is missing, of another type or out of range; the message names it.
    """
    where = "$.signed"
    version = json_types.take_field(signed, "version", json_types.count, where)
    number = json_types.take_field(signed, "format", json_types.count, where)
    if number not in FORMATS:
        refuse(f"{where}.format", f"is {number}; this router reads 1 and 2")
    json_types.optional_value(signed, "base", _base, where)
    json_types.take_field(signed, "policy_sha256", json_types.digest, where)
    json_types.optional_value(signed, "audit_head", json_types.digest, where)
    return PoolView(
        version=version,
        week=json_types.take_field(signed, "week", json_types.week, where),
        as_of=json_types.take_field(signed, "as_of", json_types.moment, where),
        expires_on=json_types.take_field(signed, "expires_on", json_types.day, where),
        tiers=json_types.take_field(signed, "tiers", partial(_tiers, number), where),
        attribution=json_types.take_field(signed, "attribution", _lines, where),
    )


def _base(value: object, where: str) -> None:
    fields = json_types.mapping(value, where)
    json_types.take_field(fields, "version", json_types.count, where)
    json_types.take_field(fields, "sha256", json_types.digest, where)


def _lines(value: object, where: str) -> tuple[str, ...]:
    items = json_types.sequence(value, where)
    return tuple(json_types.free_text(item, f"{where}[{index}]") for index, item in enumerate(items))


def _tiers(number: int, value: object, where: str) -> Mapping[str, TierView]:
    fields = json_types.mapping(value, where)
    if not 1 <= len(fields) <= MOST_TIERS:
        refuse(where, f"holds {len(fields)} tiers; 1 to {MOST_TIERS} are read")
    keys = [json_types.slug(key, where) for key in sorted(fields)]
    return MappingProxyType({key: _tier(number, key, fields[key], f"{where}.{key}") for key in keys})


def _tier(number: int, key: str, value: object, where: str) -> TierView:
    fields = json_types.mapping(value, where)
    evidence = json_types.take_field(fields, "evidence", json_types.name, where)
    k = json_types.take_field(fields, "k", json_types.count, where)
    items = json_types.take_field(fields, "members", json_types.sequence, where)
    if not 1 <= len(items) <= min(k, MOST_MEMBERS):
        refuse(
            f"{where}.members", f"holds {len(items)} members; 1 to k={k}, at most {MOST_MEMBERS}, are read"
        )
    members = tuple(_member(number, item, f"{where}.members[{index}]") for index, item in enumerate(items))
    if [member.rank for member in members] != list(range(1, len(members) + 1)):
        refuse(f"{where}.members", f"ranks should be 1 to {len(members)}, are {[m.rank for m in members]}")
    if number > 1 and not any(DEFAULT in _purposes_of(item) for item in items):
        refuse(f"{where}.members", f"holds no member that serves `{DEFAULT}`")
    variants = tuple(member.variant for member in members)
    if len(set(variants)) != len(variants):
        refuse(f"{where}.members", f"names a variant twice: {shown(variants)}")
    bands = json_types.take_field(fields, "bands", json_types.mapping, where)
    known = {band: _band(bands[band], variants, f"{where}.bands.{band}") for band in BANDS if band in bands}
    return TierView(name=key, evidence=evidence, members=members, bands=MappingProxyType(known))


def _band(value: object, variants: tuple[str, ...], where: str) -> tuple[str, ...]:
    band = json_types.names(value, where)
    if sorted(band) != sorted(variants):
        refuse(where, f"should hold exactly the tier's members, holds {shown(band)}")
    return band


def _purposes(value: object, where: str) -> tuple[str, ...]:
    purposes = json_types.names(value, where)
    strange = [purpose for purpose in purposes if purpose not in PURPOSES]
    if not purposes or strange:
        refuse(where, f"should hold one or more of {', '.join(PURPOSES)}, holds {shown(purposes)}")
    return purposes


def _purposes_of(member: object) -> tuple[str, ...]:
    return json_types.take_field(json_types.mapping(member, ""), "serves", _purposes, "")


_ALSO_CHECKED: Final[Mapping[str, Reader[object]]] = {
    "family": json_types.name,
    "release": json_types.name,
    "cost_grade": json_types.name,
    "quality_low": json_types.share,
    "quality_high": json_types.share,
    "acceptable_answers_per_usd": json_types.amount,
    "floor_probability": json_types.share,
    "rank_low": json_types.count,
    "rank_high": json_types.count,
}

_CHECKED_BY_FORMAT: Final[Mapping[int, Mapping[str, Reader[object]]]] = {
    1: {
        "utility_low": json_types.decimal,
        "utility_high": json_types.decimal,
        "inclusion_probability": json_types.share,
    },
    2: {"serves": _purposes},
}

_WHERE_STATED: Final[Mapping[str, Reader[object]]] = {
    "fragile": _lines,
    "p_close": json_types.share,
    "usd_per_task_low": json_types.amount,
    "usd_per_task_high": json_types.amount,
}
"""Fields that a member may lack: what nobody computed is not written."""


def _member(number: int, value: object, where: str) -> Candidate:
    fields = json_types.mapping(value, where)
    for key, read in {**_ALSO_CHECKED, **_CHECKED_BY_FORMAT[number]}.items():
        json_types.take_field(fields, key, read, where)
    for key, read in _WHERE_STATED.items():
        if key in fields:
            json_types.take_field(fields, key, read, where)
    price = json_types.take_field(fields, "price", read_price, where)
    return Candidate(
        rank=json_types.take_field(fields, "rank", json_types.count, where),
        variant=json_types.take_field(fields, "variant", json_types.name, where),
        vendor=json_types.take_field(fields, "vendor", json_types.name, where),
        effort=json_types.take_field(fields, "effort", json_types.slug, where),
        routes=_routes(number, fields, price, where),
        key_env=json_types.optional_value(fields, "key_env", json_types.environment_name, where),
        price=price,
        usd_per_task=json_types.take_field(fields, "usd_per_task", json_types.amount, where),
        quality=json_types.take_field(fields, "quality", json_types.share, where),
        context_tokens=json_types.optional_value(fields, "context_tokens", json_types.count, where),
        tools=json_types.optional_value(fields, "tools", json_types.flag, where),
        vision=json_types.optional_value(fields, "vision", json_types.flag, where),
        retires_on=json_types.optional_value(fields, "retires_on", json_types.day, where),
        stale=json_types.take_field(fields, "stale", json_types.flag, where),
    )


def _routes(
    number: int, fields: Mapping[str, object], price: PriceView, where: str
) -> Mapping[str, RouteView]:
    if number > 1:
        return json_types.take_field(fields, "routes", read_routes, where)
    effort = json_types.optional_value(fields, "reasoning_effort", json_types.slug, where)
    return json_types.take_field(
        fields, "routes", partial(read_plain_routes, effort=effort, price=price), where
    )
