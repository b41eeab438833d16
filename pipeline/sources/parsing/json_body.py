"""Parses bytes as JSON, or says in a sentence what they are instead."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from datetime import UTC, date
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from pipeline.errors import SourceHeldError
from pipeline.sources.parsing.fields import value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.domain.ids import Sha256, SourceName
    from pipeline.domain.observation import Capture

    Build = Callable[[list[tuple[str, object]]], dict[str, object]]

LARGEST_BODY_BYTES = 16 * 2**20
"""Four times the largest answer seen (3.7 MB); more is a mistake or an attack."""
MOST_VALUES = 600_000
"""Five times the values of the largest JSON answer seen; 16 MiB of `{},` would unfold to a gigabyte."""

_LARGEST_SEEN_BYTES = 4 * 2**20
"""Up to here brackets within brackets unfold to little; each count is a pass over the body."""
_OK = 200
_HINT = (
    "Nothing is replaced: the last good data is used. `modelpool sources check --live` shows what the source "
    "answers; then run again."
)
_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|!--|script|div|meta)", re.IGNORECASE)
_HEAD = 65_536


class _ForbiddenError(Exception):
    """JSON that the standard library would take and we do not."""


class CaptureOrigin(NamedTuple):
    """What every number of one capture carries; made once, since a digest costs a pass over the bytes."""

    capture: Sha256
    observed_on: date

    @classmethod
    def of(cls, capture: Capture) -> CaptureOrigin:
        """Take the digest, and the day of the fetch in UTC."""
        return cls(capture.sha256, capture.fetched_at.astimezone(UTC).date())


def held_error(source: SourceName, found: str) -> SourceHeldError:
    """Build the error that keeps a source's last good data in force."""
    return SourceHeldError(source, found, hint=_HINT)


def only_capture(source: SourceName, captures: Sequence[Capture]) -> Capture:
    """Return the one capture a source that answers in one piece must have.

    Raises:
        SourceHeldError: There is none, or there are several.
    """
    if len(captures) != 1:
        raise held_error(source, f"one capture is expected, there are {len(captures)}")
    return captures[0]


def read_json(capture: Capture, *, build: Build | None = None) -> object:
    """Read the whole body as JSON; NaN, infinity and a key given twice are refused.

    Args:
        capture: The bytes.
        build: Makes an object of its pairs, where a key given twice must not cost the whole answer.

    Raises:
        SourceHeldError: The body is anything else; the message says what it is.
    """
    check_body(capture)
    values = capture.body.count(b",")
    if len(capture.body) > _LARGEST_SEEN_BYTES:
        values += capture.body.count(b"[") + capture.body.count(b"{")
    if values > MOST_VALUES:
        raise held_error(capture.source, f"JSON of {values} values, more than {MOST_VALUES}")
    try:
        text = capture.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise held_error(capture.source, f"{_size(capture)} that are not text (byte {error.start})") from None
    try:
        value: object = json.loads(text, object_pairs_hook=build or _object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise held_error(capture.source, _describe_broken(capture, error)) from None
    except RecursionError:
        raise held_error(capture.source, "JSON nested too deeply to be data") from None
    except _ForbiddenError as error:
        raise held_error(capture.source, str(error)) from None
    except ValueError:
        raise held_error(capture.source, "JSON with an integer of thousands of digits") from None
    return value


def check_body(capture: Capture) -> None:
    """Refuse what is not data at all, whichever format is expected.

    Raises:
        SourceHeldError: A bad status, an empty body, a web page, an archive, or far too many bytes.
    """
    check_answer(capture)
    page = web_page(capture.body)
    if page:
        raise held_error(capture.source, f"{page}, not JSON")
    if capture.body.startswith(b"\x1f\x8b"):
        raise held_error(capture.source, "a gzip archive that is cut off or damaged")


def check_answer(capture: Capture) -> None:
    """Refuse what is not an answer, be it data or a page.

    Raises:
        SourceHeldError: A bad status, an empty body, or far too many bytes.
    """
    if capture.status != _OK:
        found = f"HTTP status {capture.status}" if capture.status else "its file could not be read"
        raise held_error(capture.source, found)
    if not capture.body.strip():
        raise held_error(capture.source, f"an empty answer ({len(capture.body)} bytes)")
    if len(capture.body) > LARGEST_BODY_BYTES:
        raise held_error(capture.source, f"{len(capture.body)} bytes, more than {LARGEST_BODY_BYTES}")


def web_page(body: bytes) -> str | None:
    """Name a web page by its title; None where the bytes are none."""
    if not _MARKUP.match(body[:_HEAD]):
        return None
    title = _TITLE.search(body[:_HEAD])
    if title is None:
        return "a web page without a title"
    words = " ".join(html.unescape(title[1].decode(errors="replace")).split())
    return f"a web page titled {value_text(words)}"


def _describe_broken(capture: Capture, error: json.JSONDecodeError) -> str:
    """Tell a body that was cut off from one that never was JSON."""
    rest = error.doc[error.pos :].strip()
    at_the_end = not rest or error.msg.startswith("Unterminated string")
    if at_the_end and error.doc.lstrip()[:1] in {"{", "["}:
        return f"JSON that is cut off after {_size(capture)}"
    near = value_text(error.doc[error.pos : error.pos + 20])
    return f"not JSON: {error.msg} at line {error.lineno}, near {near}"


def _size(capture: Capture) -> str:
    return f"{len(capture.body)} bytes"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = min(name for name, count in times.items() if count > 1)
        raise _ForbiddenError(f"JSON in which the key {value_text(twice)} is given twice")
    return fields


def _no_constant(word: str) -> NoReturn:
    raise _ForbiddenError(f"JSON with {word} in place of a number")
