"""Extracts the data of a Next.js page: pieces of a flight stream, a value per line, with references.

A page pushes text in pieces, `self.__next_f.push([1,"..."])`, cut anywhere, so all pieces are joined before
anything is read. A line is `id:value`; the value is JSON, or text of a stated length (`T2a6,`), or something
for the browser only. `"$19:0:1"` stands for a part of line 19. Regular expressions over the whole text also
find what belongs to plots and menus; here a value is found by its shape.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PUSH = re.compile(r"\s*self\.__next_f\.push\((\[1,.*\])\)\s*;?\s*", re.DOTALL)
_LINE = re.compile(rb"([0-9a-f]+):")
_TEXT = re.compile(rb"T([0-9a-f]{1,8}),")
_REFERENCE = re.compile(r"\$([0-9a-f]{1,8})((?::[^:]+)*)")
_PLACE = re.compile(r"[0-9]{1,9}")
_PROPS = 3
_MOST_LINES = 10_000
_MOST_STEPS = 20
_MOST_TAGS = 200_000
_MOST_SCRIPTS = 1_000
"""A page of eight boards has 45,000 tags and 54 scripts."""


class FlightError(Exception):
    """The stream is damaged, or a reference in it leads nowhere."""


class Flight:
    """The values of one page, by the id of their line."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def find(self, fields: frozenset[str]) -> tuple[Mapping[str, object], ...]:
        """Return every object that has all these fields, wherever it lies."""
        return tuple(
            found for value in self.values.values() for found in _objects(value) if fields <= found.keys()
        )

    def resolve(self, value: object) -> object:
        """Return what a value stands for: itself, or the part of another line that it refers to.

        Raises:
            FlightError: It refers to something that is not there, or to itself.
        """
        for _ in range(_MOST_STEPS):
            match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
            if match is None:
                return value
            value = self._part(match[1], match[2].split(":")[1:])
        raise FlightError("references that lead in a circle")

    def _part(self, line: str, path: list[str]) -> object:
        if line not in self.values:
            raise FlightError(f"a reference to line {line}, which is not there")
        value = self.values[line]
        for step in path:
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and step == "props" and len(value) > _PROPS:
                value = value[_PROPS]
            elif isinstance(value, list) and _PLACE.fullmatch(step) and int(step) < len(value):
                value = value[int(step)]
            else:
                raise FlightError(f"a reference into line {line} that leads nowhere")
        return value


def read_flight(page: bytes) -> Flight:
    """Read the flight stream of a page, or a bare one as the site serves it for `RSC: 1`.

    Raises:
        FlightError: A piece or a line is damaged, or there are far too many.
    """
    if _LINE.match(page):
        return Flight(dict(_lines(page)))
    if page.count(b"<") > _MOST_TAGS or page.count(b"<script") > _MOST_SCRIPTS:
        raise FlightError("more tags or scripts than a page has")
    from bs4 import BeautifulSoup, SoupStrainer  # here, since most weeks read no page

    pieces = []
    soup = BeautifulSoup(page, "html.parser", parse_only=SoupStrainer("script"))
    for script in soup.find_all("script"):
        match = _PUSH.fullmatch(script.get_text())
        if match:
            pieces.append(_piece(match[1]))
    return Flight(dict(_lines("".join(pieces).encode())))


def _piece(pushed: str) -> str:
    """Read one pushed piece; its JavaScript string is a JSON string."""
    try:
        value = json.loads(pushed)
    except (ValueError, RecursionError):
        raise FlightError("a damaged piece of its data") from None
    if len(value) <= 1 or not isinstance(value[1], str):
        raise FlightError("a piece of its data that is not text")
    return str(value[1])


def _lines(stream: bytes) -> Iterator[tuple[str, object]]:
    """Cut the stream into lines; a text line is as many bytes as it says, whatever it holds."""
    at = 0
    for _ in range(_MOST_LINES):
        start = _LINE.match(stream, at)
        text = _TEXT.match(stream, start.end()) if start else None
        if start and text:
            end = text.end() + int(text[1], 16)
            if end > len(stream):
                raise FlightError("its data are cut off")
            yield start[1].decode(), stream[text.end() : end].decode(errors="replace")
            at = end + (stream[end : end + 1] == b"\n")
            continue
        end = stream.find(b"\n", at)
        end = len(stream) if end < 0 else end
        if start and stream[start.end() : start.end() + 1] in _JSON_STARTS:
            yield start[1].decode(), _value(stream[start.end() : end])
        at = end + 1
        if at >= len(stream):
            return
    raise FlightError(f"more than {_MOST_LINES} lines of data")


_JSON_STARTS = frozenset({b"{", b"[", b'"'})


def _value(text: bytes) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise FlightError("its data are cut off or damaged") from None
    return value


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
