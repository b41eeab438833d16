"""The `signed` part of a pool file, read completely: what a router may rely on.

Every field of formats 1 and 2 is checked. Fields that neither knows are ignored, so that a
later publisher may add some without stopping routers (`data/pools/FORMAT.md`, "Compatibility").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from pipeline.router import readers
from pipeline.router.routes import PriceView, RouteView, read_plain_routes, read_price, read_routes
from pipeline.router.strict_json import refuse, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from pipeline.router.readers import Reader

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
    version = readers.take(signed, "version", readers.count, where)
    number = readers.take(signed, "format", readers.count, where)
    if number not in FORMATS:
        refuse(f"{where}.format", f"is {number}; this router reads 1 and 2")
    readers.maybe(signed, "base", _base, where)
    readers.take(signed, "policy_sha256", readers.digest, where)
    readers.maybe(signed, "audit_head", readers.digest, where)
    return PoolView(
        version=version,
        week=readers.take(signed, "week", readers.week, where),
        as_of=readers.take(signed, "as_of", readers.moment, where),
        expires_on=readers.take(signed, "expires_on", readers.day, where),
        tiers=readers.take(signed, "tiers", partial(_tiers, number), where),
        attribution=readers.take(signed, "attribution", _lines, where),
    )


def _base(value: object, where: str) -> None:
    fields = readers.mapping(value, where)
    readers.take(fields, "version", readers.count, where)
    readers.take(fields, "sha256", readers.digest, where)


def _lines(value: object, where: str) -> tuple[str, ...]:
    items = readers.sequence(value, where)
    return tuple(readers.prose(item, f"{where}[{index}]") for index, item in enumerate(items))


def _tiers(number: int, value: object, where: str) -> Mapping[str, TierView]:
    fields = readers.mapping(value, where)
    if not 1 <= len(fields) <= MOST_TIERS:
        refuse(where, f"holds {len(fields)} tiers; 1 to {MOST_TIERS} are read")
    keys = [readers.slug(key, where) for key in sorted(fields)]
    return MappingProxyType({key: _tier(number, key, fields[key], f"{where}.{key}") for key in keys})


def _tier(number: int, key: str, value: object, where: str) -> TierView:
    fields = readers.mapping(value, where)
    evidence = readers.take(fields, "evidence", readers.name, where)
    k = readers.take(fields, "k", readers.count, where)
    items = readers.take(fields, "members", readers.sequence, where)
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
    bands = readers.take(fields, "bands", readers.mapping, where)
    known = {band: _band(bands[band], variants, f"{where}.bands.{band}") for band in BANDS if band in bands}
    return TierView(name=key, evidence=evidence, members=members, bands=MappingProxyType(known))


def _band(value: object, variants: tuple[str, ...], where: str) -> tuple[str, ...]:
    band = readers.names(value, where)
    if sorted(band) != sorted(variants):
        refuse(where, f"should hold exactly the tier's members, holds {shown(band)}")
    return band


def _purposes(value: object, where: str) -> tuple[str, ...]:
    purposes = readers.names(value, where)
    strange = [purpose for purpose in purposes if purpose not in PURPOSES]
    if not purposes or strange:
        refuse(where, f"should hold one or more of {', '.join(PURPOSES)}, holds {shown(purposes)}")
    return purposes


def _purposes_of(member: object) -> tuple[str, ...]:
    return readers.take(readers.mapping(member, ""), "serves", _purposes, "")


_ALSO_CHECKED: Final[Mapping[str, Reader[object]]] = {
    "family": readers.name,
    "release": readers.name,
    "cost_grade": readers.name,
    "quality_low": readers.share,
    "quality_high": readers.share,
    "acceptable_answers_per_usd": readers.amount,
    "floor_probability": readers.share,
    "rank_low": readers.count,
    "rank_high": readers.count,
}

_CHECKED_BY_FORMAT: Final[Mapping[int, Mapping[str, Reader[object]]]] = {
    1: {
        "utility_low": readers.decimal,
        "utility_high": readers.decimal,
        "inclusion_probability": readers.share,
    },
    2: {"serves": _purposes},
}

_WHERE_STATED: Final[Mapping[str, Reader[object]]] = {
    "fragile": _lines,
    "p_close": readers.share,
    "usd_per_task_low": readers.amount,
    "usd_per_task_high": readers.amount,
}
"""Fields that a member may lack: what nobody computed is not written."""


def _member(number: int, value: object, where: str) -> Candidate:
    fields = readers.mapping(value, where)
    for key, read in {**_ALSO_CHECKED, **_CHECKED_BY_FORMAT[number]}.items():
        readers.take(fields, key, read, where)
    for key, read in _WHERE_STATED.items():
        if key in fields:
            readers.take(fields, key, read, where)
    price = readers.take(fields, "price", read_price, where)
    return Candidate(
        rank=readers.take(fields, "rank", readers.count, where),
        variant=readers.take(fields, "variant", readers.name, where),
        vendor=readers.take(fields, "vendor", readers.name, where),
        effort=readers.take(fields, "effort", readers.slug, where),
        routes=_routes(number, fields, price, where),
        key_env=readers.maybe(fields, "key_env", readers.environment_name, where),
        price=price,
        usd_per_task=readers.take(fields, "usd_per_task", readers.amount, where),
        quality=readers.take(fields, "quality", readers.share, where),
        context_tokens=readers.maybe(fields, "context_tokens", readers.count, where),
        tools=readers.maybe(fields, "tools", readers.flag, where),
        vision=readers.maybe(fields, "vision", readers.flag, where),
        retires_on=readers.maybe(fields, "retires_on", readers.day, where),
        stale=readers.take(fields, "stale", readers.flag, where),
    )


def _routes(
    number: int, fields: Mapping[str, object], price: PriceView, where: str
) -> Mapping[str, RouteView]:
    if number > 1:
        return readers.take(fields, "routes", read_routes, where)
    effort = readers.maybe(fields, "reasoning_effort", readers.slug, where)
    return readers.take(fields, "routes", partial(read_plain_routes, effort=effort, price=price), where)
