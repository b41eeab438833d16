"""A tiny YAML writer: block style, every text quoted, so that no name can become syntax.

PyYAML and the YAML 1.2 parsers read it alike: numbers have a dot or are integers, text is in
double quotes with everything outside printable ASCII escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

Yaml: TypeAlias = "str | int | bool | Decimal | Sequence[Yaml] | Mapping[str, Yaml]"

_PLAIN_KEY = re.compile(r"[a-z]{2,}(_[a-z]+)*")
_WORDS_WITH_MEANING = frozenset({"on", "off", "no", "yes", "true", "false", "null"})
_ESCAPED = re.compile(r"[^ !#-\[\]-~]")
_LAST_OF_BASIC_PLANE = 0xFFFF


def yaml_text(value: Mapping[str, Yaml]) -> str:
    """Write a mapping as a YAML document; a list holds mappings only or scalars only."""
    return "".join(f"{line}\n" for line in _lines(value))


def quoted(text: str) -> str:
    """Write text as a double-quoted YAML scalar in ASCII."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def comment(text: str) -> str:
    """Write one comment line; what could end the line or hide text is replaced by `?`."""
    return "# " + "".join(sign if sign.isprintable() else "?" for sign in text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in '"\\':
        return f"\\{match[0]}"
    return f"\\u{code:04x}" if code <= _LAST_OF_BASIC_PLANE else f"\\U{code:08x}"


def _lines(value: Mapping[str, Yaml]) -> list[str]:
    lines: list[str] = []
    for key, item in value.items():
        plain = _PLAIN_KEY.fullmatch(key) and key not in _WORDS_WITH_MEANING
        name = key if plain else quoted(key)
        block = _block(item)
        lines.extend([f"{name}: {block}"] if isinstance(block, str) else [f"{name}:", *block])
    return lines


def _block(item: Yaml) -> str | list[str]:
    """Write a scalar or an empty or flat list on one line, anything else as indented lines."""
    if isinstance(item, Mapping):
        return [f"  {line}" for line in _lines(item)] or "{}"
    if isinstance(item, str):
        return quoted(item)
    if isinstance(item, Sequence):
        return _list(item)
    return _number(item)


def _list(items: Sequence[Yaml]) -> str | list[str]:
    mappings = [item for item in items if isinstance(item, Mapping)]
    if not mappings:
        return f"[{', '.join(str(_block(item)) for item in items)}]"
    lines: list[str] = []
    for item in mappings:
        first, *rest = _lines(item)
        lines.extend([f"  - {first}", *(f"    {line}" for line in rest)])
    return lines


def _number(item: int | Decimal) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int):
        return str(item)
    text = f"{item:f}"
    shortest = text.rstrip("0") if "." in text else f"{text}."
    return f"{shortest}0" if shortest.endswith(".") else shortest
