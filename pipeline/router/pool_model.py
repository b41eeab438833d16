"""Reads the `signed` part of a pool file completely: what a router may rely on.

Every field of formats 1 and 2 is checked. Fields that neither knows are ignored, so that a
later publisher may add some without stopping routers (`data/pools/FORMAT.md`, "Compatibility").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from pipeline.router import strict_json
from pipeline.router.routes import PriceView, RouteView, read_plain_routes, read_price, read_routes
from pipeline.router.strict_json import refuse, show_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from pipeline.router.strict_json import Reader

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
class MemberView:
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
    members: tuple[MemberView, ...]
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
    version = strict_json.take_field(signed, "version", strict_json.count, where)
    number = strict_json.take_field(signed, "format", strict_json.count, where)
    if number not in FORMATS:
        refuse(f"{where}.format", f"is {number}; this router reads 1 and 2")
    strict_json.optional_value(signed, "base", _base, where)
    strict_json.take_field(signed, "policy_sha256", strict_json.digest, where)
    strict_json.optional_value(signed, "audit_head", strict_json.digest, where)
    return PoolView(
        version=version,
        week=strict_json.take_field(signed, "week", strict_json.week, where),
        as_of=strict_json.take_field(signed, "as_of", strict_json.moment, where),
        expires_on=strict_json.take_field(signed, "expires_on", strict_json.day, where),
        tiers=strict_json.take_field(signed, "tiers", partial(_tiers, number), where),
        attribution=strict_json.take_field(signed, "attribution", _lines, where),
    )


def _base(value: object, where: str) -> None:
    fields = strict_json.mapping(value, where)
    strict_json.take_field(fields, "version", strict_json.count, where)
    strict_json.take_field(fields, "sha256", strict_json.digest, where)


def _lines(value: object, where: str) -> tuple[str, ...]:
    items = strict_json.sequence(value, where)
    return tuple(strict_json.free_text(item, f"{where}[{index}]") for index, item in enumerate(items))


def _tiers(number: int, value: object, where: str) -> Mapping[str, TierView]:
    fields = strict_json.mapping(value, where)
    if not 1 <= len(fields) <= MOST_TIERS:
        refuse(where, f"holds {len(fields)} tiers; 1 to {MOST_TIERS} are read")
    keys = [strict_json.slug(key, where) for key in sorted(fields)]
    return MappingProxyType({key: _tier(number, key, fields[key], f"{where}.{key}") for key in keys})


def _tier(number: int, key: str, value: object, where: str) -> TierView:
    fields = strict_json.mapping(value, where)
    evidence = strict_json.take_field(fields, "evidence", strict_json.name, where)
    k = strict_json.take_field(fields, "k", strict_json.count, where)
    items = strict_json.take_field(fields, "members", strict_json.sequence, where)
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
        refuse(f"{where}.members", f"names a variant twice: {show_value(variants)}")
    bands = strict_json.take_field(fields, "bands", strict_json.mapping, where)
    known = {band: _band(bands[band], variants, f"{where}.bands.{band}") for band in BANDS if band in bands}
    return TierView(name=key, evidence=evidence, members=members, bands=MappingProxyType(known))


def _band(value: object, variants: tuple[str, ...], where: str) -> tuple[str, ...]:
    band = strict_json.names(value, where)
    if sorted(band) != sorted(variants):
        refuse(where, f"should hold exactly the tier's members, holds {show_value(band)}")
    return band


def _purposes(value: object, where: str) -> tuple[str, ...]:
    purposes = strict_json.names(value, where)
    strange = [purpose for purpose in purposes if purpose not in PURPOSES]
    if not purposes or strange:
        refuse(where, f"should hold one or more of {', '.join(PURPOSES)}, holds {show_value(purposes)}")
    return purposes


def _purposes_of(member: object) -> tuple[str, ...]:
    return strict_json.take_field(strict_json.mapping(member, ""), "serves", _purposes, "")


_ALSO_CHECKED: Final[Mapping[str, Reader[object]]] = {
    "family": strict_json.name,
    "release": strict_json.name,
    "cost_grade": strict_json.name,
    "quality_low": strict_json.share,
    "quality_high": strict_json.share,
    "acceptable_answers_per_usd": strict_json.amount,
    "floor_probability": strict_json.share,
    "rank_low": strict_json.count,
    "rank_high": strict_json.count,
}

_CHECKED_BY_FORMAT: Final[Mapping[int, Mapping[str, Reader[object]]]] = {
    1: {
        "utility_low": strict_json.decimal,
        "utility_high": strict_json.decimal,
        "inclusion_probability": strict_json.share,
    },
    2: {"serves": _purposes},
}

_WHERE_STATED: Final[Mapping[str, Reader[object]]] = {
    "fragile": _lines,
    "p_close": strict_json.share,
    "usd_per_task_low": strict_json.amount,
    "usd_per_task_high": strict_json.amount,
}
"""Fields that a member may lack: what nobody computed is not written."""


def _member(number: int, value: object, where: str) -> MemberView:
    fields = strict_json.mapping(value, where)
    for key, read in {**_ALSO_CHECKED, **_CHECKED_BY_FORMAT[number]}.items():
        strict_json.take_field(fields, key, read, where)
    for key, read in _WHERE_STATED.items():
        if key in fields:
            strict_json.take_field(fields, key, read, where)
    price = strict_json.take_field(fields, "price", read_price, where)
    return MemberView(
        rank=strict_json.take_field(fields, "rank", strict_json.count, where),
        variant=strict_json.take_field(fields, "variant", strict_json.name, where),
        vendor=strict_json.take_field(fields, "vendor", strict_json.name, where),
        effort=strict_json.take_field(fields, "effort", strict_json.slug, where),
        routes=_routes(number, fields, price, where),
        key_env=strict_json.optional_value(fields, "key_env", strict_json.environment_name, where),
        price=price,
        usd_per_task=strict_json.take_field(fields, "usd_per_task", strict_json.amount, where),
        quality=strict_json.take_field(fields, "quality", strict_json.share, where),
        context_tokens=strict_json.optional_value(fields, "context_tokens", strict_json.count, where),
        tools=strict_json.optional_value(fields, "tools", strict_json.flag, where),
        vision=strict_json.optional_value(fields, "vision", strict_json.flag, where),
        retires_on=strict_json.optional_value(fields, "retires_on", strict_json.day, where),
        stale=strict_json.take_field(fields, "stale", strict_json.flag, where),
    )


def _routes(
    number: int, fields: Mapping[str, object], price: PriceView, where: str
) -> Mapping[str, RouteView]:
    if number > 1:
        return strict_json.take_field(fields, "routes", read_routes, where)
    effort = strict_json.optional_value(fields, "reasoning_effort", strict_json.slug, where)
    return strict_json.take_field(
        fields, "routes", partial(read_plain_routes, effort=effort, price=price), where
    )
