"""Writes YAML in which every text is text for every reader, YAML 1.1 and 1.2 alike.

PyYAML leaves `1e3` and some dates bare, which YAML 1.2 reads as numbers; so text is always quoted, and
only a key that is a plain identifier stands bare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeAlias

import yaml

Yaml: TypeAlias = "str | int | bool | Decimal | Sequence[Yaml] | Mapping[str, Yaml]"

_PLAIN_KEY: Final = re.compile(r"[A-Za-z]{2,}(_[A-Za-z0-9]+)*")
_WORDS_WITH_MEANING: Final = frozenset({"on", "off", "no", "yes", "true", "false", "null"})


class _Writer(yaml.SafeDumper):
    """Block style, lists indented, flat lists on one line, text in double quotes, no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature of PyYAML
        super().increase_indent(flow=flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature of PyYAML
        return True


def yaml_document(value: Mapping[str, Yaml]) -> str:
    """Write a mapping as a YAML document in ASCII, keys in the order given."""
    return yaml.dump(
        value, Dumper=_Writer, sort_keys=False, default_flow_style=False, allow_unicode=False, width=10**6
    )


def comment(text: str) -> str:
    """Write one comment line; what could end the line or hide text is replaced by `?`."""
    return "# " + "".join(sign if sign.isprintable() else "?" for sign in text)


def _text(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"')


def _fraction(writer: yaml.SafeDumper, number: Decimal) -> yaml.Node:
    text = f"{number:f}"
    shortest = text.rstrip("0") if "." in text else f"{text}."
    return writer.represent_scalar(
        "tag:yaml.org,2002:float", f"{shortest}0" if shortest.endswith(".") else shortest
    )


def _mapping(writer: yaml.SafeDumper, value: Mapping[str, Yaml]) -> yaml.Node:
    node = writer.represent_mapping("tag:yaml.org,2002:map", value, flow_style=not value)
    for key, _ in node.value:
        if _PLAIN_KEY.fullmatch(key.value) and key.value.lower() not in _WORDS_WITH_MEANING:
            key.style = None
    return node


def _list(writer: yaml.SafeDumper, items: Sequence[Yaml]) -> yaml.Node:
    flat = not any(isinstance(item, Mapping) for item in items)
    return writer.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flat)


_Writer.add_representer(str, _text)
_Writer.add_representer(Decimal, _fraction)
_Writer.add_representer(dict, _mapping)
_Writer.add_representer(MappingProxyType, _mapping)
_Writer.add_representer(list, _list)
_Writer.add_representer(tuple, _list)
