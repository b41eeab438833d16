"""Reads how a member is bought through one router: the model there, what is sent, what it costs.

What is sent ends in a proxy's configuration, so it is read like everything else here: bounded, by name, and
never an address, a key or a reference to the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from pipeline.route_parameters import SHAPES, misfit
from pipeline.router import strict_json
from pipeline.router.strict_json import refuse, show_value

if TYPE_CHECKING:
    from pipeline.router.strict_json import Reader

Sent: TypeAlias = "Mapping[str, str | int | bool | Sent]"

MOST_ROUTES: Final = 16
_MOST_PARAMETERS: Final = 8
_DEEPEST: Final = 6

_REQUEST_SECONDS: Final = {
    "none": 120,
    "minimal": 120,
    "low": 120,
    "default": 180,
    "medium": 300,
    "on": 300,
    "high": 600,
    "xhigh": 900,
    "max": 900,
}
"""Longest wait for an answer of each effort before the next member is asked. One number for all, as LiteLLM's
600, is too long where a member does not think, and too short where it thinks as long as it may."""
_LONGEST_SECONDS: Final = 900

_parameter = strict_json.matching(r"[A-Za-z][A-Za-z0-9_]{0,63}", "the name of a parameter")
_word = strict_json.matching(rf"{strict_json.NO_REFERENCE}[!-~]{{1,64}}", "a word without spaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """List price in micro-dollars per million tokens."""

    input_microusd_per_mtok: int
    output_microusd_per_mtok: int
    cache_read_microusd_per_mtok: int | None
    """None: cached input is billed as input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """One way to buy a member."""

    model: str
    send: Sent
    """Exactly what buys the approved effort there; empty: nothing to send."""
    price: PriceView

    @property
    def parameters(self) -> dict[str, object]:
        """What is sent, in dictionaries, which JSON, YAML and a proxy take."""
        return _plain(self.send)


def request_seconds(effort: str) -> int:
    """Return how long a member of an effort may take to answer; an effort unknown here, the longest."""
    return _REQUEST_SECONDS.get(effort, _LONGEST_SECONDS)


def read_routes(value: object, where: str) -> Mapping[str, RouteView]:
    """Read the routes of a member of format 2."""
    fields = _some_routes(value, where)
    return MappingProxyType({name: _route(name, fields[name], f"{where}.{name}") for name in sorted(fields)})


def read_plain_routes(
    value: object, where: str, *, effort: str | None, price: PriceView
) -> Mapping[str, RouteView]:
    """Read the routes of a member of format 1: a model id each, with one effort and one price for all."""
    fields = _some_routes(value, where)
    send: Sent = MappingProxyType({"reasoning_effort": effort} if effort else {})
    return MappingProxyType(
        {
            name: RouteView(model=strict_json.route(fields[name], f"{where}.{name}"), send=send, price=price)
            for name in sorted(fields)
        }
    )


def read_price(value: object, where: str) -> PriceView:
    """Read a list price; who states it and what was said about it are for people."""
    fields = strict_json.mapping(value, where)
    strict_json.take_field(fields, "sources", strict_json.names, where)
    strict_json.take_field(fields, "note", strict_json.free_text, where)
    return PriceView(
        input_microusd_per_mtok=strict_json.take_field(
            fields, "input_microusd_per_mtok", strict_json.count, where
        ),
        output_microusd_per_mtok=strict_json.take_field(
            fields, "output_microusd_per_mtok", strict_json.count, where
        ),
        cache_read_microusd_per_mtok=strict_json.optional_value(
            fields, "cache_read_microusd_per_mtok", strict_json.count, where
        ),
    )


def _some_routes(value: object, where: str) -> Mapping[str, object]:
    fields = strict_json.mapping(value, where)
    if not 1 <= len(fields) <= MOST_ROUTES:
        refuse(where, f"holds {len(fields)} routes; a member has 1 to {MOST_ROUTES}")
    return {strict_json.slug(key, where): fields[key] for key in fields}


def _route(router: str, value: object, where: str) -> RouteView:
    fields = strict_json.mapping(value, where)
    send = strict_json.take_field(fields, "send", _read_sent, where)
    shape = SHAPES.get(router, {})
    if shape and (strange := sorted(set(send) - set(shape))):
        refuse(f"{where}.send", f"names {show_value(strange)}; {router} is sent {sorted(shape)} only")
    if shape and (problem := misfit(send, shape)):
        refuse(f"{where}.send", problem)
    return RouteView(
        model=strict_json.take_field(fields, "model", strict_json.route, where),
        send=send,
        price=strict_json.take_field(fields, "price", read_price, where),
    )


def _plain(send: Sent) -> dict[str, object]:
    return {key: _plain(value) if isinstance(value, Mapping) else value for key, value in send.items()}


def _read_sent(value: object, where: str, depth: int = 1) -> Sent:
    fields = strict_json.mapping(value, where)
    if len(fields) > _MOST_PARAMETERS or depth > _DEEPEST:
        refuse(where, f"holds more than {_MOST_PARAMETERS} parameters, or more than {_DEEPEST} levels")
    return MappingProxyType(
        {_parameter(key, where): _value(fields[key], f"{where}.{key}", depth + 1) for key in sorted(fields)}
    )


def _value(value: object, where: str, depth: int) -> str | int | bool | Sent:
    if isinstance(value, Mapping):
        return _read_sent(value, where, depth)
    if isinstance(value, bool):
        return value
    reader: Reader[str | int] = strict_json.integer if isinstance(value, int) else _word
    return reader(value, where)
