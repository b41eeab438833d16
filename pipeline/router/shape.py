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
MOST_TIERS: Final = 32
MOST_MEMBERS: Final = 50
MOST_ROUTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """List price in micro-dollars per million tokens."""

    input_microusd_per_mtok: int
    output_microusd_per_mtok: int
    cache_read_microusd_per_mtok: int | None
    """None: cached input is billed as input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One member of a tier: what to call, with which effort, and what it costs."""

    rank: int
    variant: str
    vendor: str
    effort: str
    routes: Mapping[str, str]
    """Router name to model id."""
    key_env: str | None
    reasoning_effort: str | None
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
    version = take(signed, "version", readers.count, where)
    number = take(signed, "format", readers.count, where)
    if number not in FORMATS:
        refuse(f"{where}.format", f"is {number}; this router reads 1 and 2")
    maybe(signed, "base", _base, where)
    take(signed, "policy_sha256", readers.digest, where)
    maybe(signed, "audit_head", readers.digest, where)
    return PoolView(
        version=version,
        week=take(signed, "week", readers.week, where),
        as_of=take(signed, "as_of", readers.moment, where),
        expires_on=take(signed, "expires_on", readers.day, where),
        tiers=take(signed, "tiers", partial(_tiers, number), where),
        attribution=take(signed, "attribution", _lines, where),
    )


def take(fields: Mapping[str, object], key: str, read: Reader[T], where: str) -> T:
    """Read a field that must be there."""
    if key not in fields:
        refuse(where, f"has no field `{key}`")
    return read(fields[key], f"{where}.{key}")


def maybe(fields: Mapping[str, object], key: str, read: Reader[T], where: str) -> T | None:
    """Read a field that must be there and may be null."""
    if key in fields and fields[key] is None:
        return None
    return take(fields, key, read, where)


def _base(value: object, where: str) -> None:
    fields = readers.mapping(value, where)
    take(fields, "version", readers.count, where)
    take(fields, "sha256", readers.digest, where)


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
    evidence = take(fields, "evidence", readers.name, where)
    k = take(fields, "k", readers.count, where)
    items = take(fields, "members", readers.sequence, where)
    if not 1 <= len(items) <= min(k, MOST_MEMBERS):
        refuse(
            f"{where}.members", f"holds {len(items)} members; 1 to k={k}, at most {MOST_MEMBERS}, are read"
        )
    members = tuple(_member(number, item, f"{where}.members[{index}]") for index, item in enumerate(items))
    if [member.rank for member in members] != list(range(1, len(members) + 1)):
        refuse(f"{where}.members", f"ranks should be 1 to {len(members)}, are {[m.rank for m in members]}")
    variants = tuple(member.variant for member in members)
    if len(set(variants)) != len(variants):
        refuse(f"{where}.members", f"names a variant twice: {shown(variants)}")
    bands = take(fields, "bands", readers.mapping, where)
    known = {band: _band(bands[band], variants, f"{where}.bands.{band}") for band in BANDS if band in bands}
    return TierView(name=key, evidence=evidence, members=members, bands=MappingProxyType(known))


def _band(value: object, variants: tuple[str, ...], where: str) -> tuple[str, ...]:
    band = readers.names(value, where)
    if sorted(band) != sorted(variants):
        refuse(where, f"should hold exactly the tier's members, holds {shown(band)}")
    return band


def _routes(value: object, where: str) -> Mapping[str, str]:
    fields = readers.mapping(value, where)
    if not 1 <= len(fields) <= MOST_ROUTES:
        refuse(where, f"holds {len(fields)} routes; a member has 1 to {MOST_ROUTES}")
    read = {readers.slug(key, where): readers.route(fields[key], f"{where}.{key}") for key in sorted(fields)}
    return MappingProxyType(read)


def _price(value: object, where: str) -> PriceView:
    fields = readers.mapping(value, where)
    take(fields, "sources", readers.names, where)
    take(fields, "note", readers.prose, where)
    return PriceView(
        input_microusd_per_mtok=take(fields, "input_microusd_per_mtok", readers.count, where),
        output_microusd_per_mtok=take(fields, "output_microusd_per_mtok", readers.count, where),
        cache_read_microusd_per_mtok=maybe(fields, "cache_read_microusd_per_mtok", readers.count, where),
    )


_ALSO_CHECKED: Final[Mapping[str, Reader[object]]] = {
    "family": readers.name,
    "release": readers.name,
    "cost_grade": readers.name,
    "quality_low": readers.share,
    "quality_high": readers.share,
    "acceptable_answers_per_usd": readers.decimal,
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
    2: {"serves": readers.names},
}

_WHERE_STATED: Final[Mapping[str, Reader[object]]] = {
    "fragile": _lines,
    "p_close": readers.share,
    "usd_per_task_low": readers.decimal,
    "usd_per_task_high": readers.decimal,
}
"""Fields that a member may lack: what nobody computed is not written."""


def _member(number: int, value: object, where: str) -> Candidate:
    fields = readers.mapping(value, where)
    for key, read in {**_ALSO_CHECKED, **_CHECKED_BY_FORMAT[number]}.items():
        take(fields, key, read, where)
    for key, read in _WHERE_STATED.items():
        if key in fields:
            take(fields, key, read, where)
    return Candidate(
        rank=take(fields, "rank", readers.count, where),
        variant=take(fields, "variant", readers.name, where),
        vendor=take(fields, "vendor", readers.name, where),
        effort=take(fields, "effort", readers.slug, where),
        routes=take(fields, "routes", _routes, where),
        key_env=maybe(fields, "key_env", readers.environment_name, where),
        reasoning_effort=maybe(fields, "reasoning_effort", readers.slug, where),
        price=take(fields, "price", _price, where),
        usd_per_task=take(fields, "usd_per_task", readers.decimal, where),
        quality=take(fields, "quality", readers.share, where),
        context_tokens=maybe(fields, "context_tokens", readers.count, where),
        tools=maybe(fields, "tools", readers.flag, where),
        vision=maybe(fields, "vision", readers.flag, where),
        retires_on=maybe(fields, "retires_on", readers.day, where),
        stale=take(fields, "stale", readers.flag, where),
    )
