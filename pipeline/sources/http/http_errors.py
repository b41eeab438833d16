"""Explains an answer that is not the data asked for: what it is, and what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pipeline.sources.parsing.fields import value_text
from pipeline.sources.parsing.json_body import web_page

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WAIT_SECONDS = 30.0
"""A server that asks for more patience than this is asked again by the next run, not by this one."""

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOO_MANY = 429
_CHALLENGE = re.compile(
    rb"just a moment\.\.\.|challenges\.cloudflare\.com|cf-browser-verification|_cf_chl_opt", re.IGNORECASE
)
_PAGE = ("text/html", "text/x-component")
_NOT_DATA = ("text/html", "application/xhtml", "image/", "audio/", "video/", "font/", "application/pdf")
_LATER = "Nothing is replaced: the last good data is used. Run again later."
_LOOK = (
    "Nothing is replaced: the last good data is used. `modelpool sources check --live` shows what the source "
    "answers; then run again."
)
_SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRequest:
    """An answer with another status than 200."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    excerpt: bytes
    """The beginning of its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalReason:
    """The same in words."""

    found: str
    hint: str = _LOOK
    wait_seconds: float | None = None
    """After how long to ask again; None: not in this run."""


def is_challenge(excerpt: bytes, headers: Mapping[str, str]) -> bool:
    """Return whether a body asks for proof that a person is looking."""
    return headers.get("cf-mitigated", "") == "challenge" or _CHALLENGE.search(excerpt) is not None


def has_expected_type(headers: Mapping[str, str], *, page: bool) -> bool:
    """Return whether an answer claims to be data, or a page where one is wanted; or claims nothing."""
    kind = headers.get("content-type", "").strip().lower()
    return kind.startswith(_PAGE) if page and kind else not kind.startswith(_NOT_DATA)


def foreign_answer(excerpt: bytes, headers: Mapping[str, str]) -> RefusalReason:
    """Explain an answer with status 200 of another type than the one that was asked for."""
    if is_challenge(excerpt, headers):
        return CHALLENGED
    kind = headers.get("content-type", "")
    return RefusalReason(
        found=f"{web_page(excerpt) or f'an answer of type {value_text(kind)}'}, not what was asked for"
    )


CHALLENGED = RefusalReason(
    found="a challenge page that asks for a person at a browser",
    hint="It is not worked around. The last good data is used; the official dataset, or a file given "
    "with --captures, needs no browser.",
)


def explain_refusal(answer: RefusedRequest, *, now: datetime, backoff_seconds: float) -> RefusalReason:
    """Explain an answer of any source.

    Args:
        answer: What came.
        now: For a Retry-After that names a moment and an answer without a date.
        backoff_seconds: How long to wait where the server does not say.
    """
    if is_challenge(answer.excerpt, answer.headers):
        return CHALLENGED
    found = f"HTTP status {answer.status}"
    page = web_page(answer.excerpt)
    if page:
        found += f" with {page}"
    if answer.status not in _TRANSIENT:
        return RefusalReason(found=found)
    wait = retry_after(answer.headers, now=now)
    if answer.status == _TOO_MANY and wait is None:
        return RefusalReason(found=f"{found}, too many requests", hint=_LATER, wait_seconds=backoff_seconds)
    if wait is not None and wait > LONGEST_WAIT_SECONDS:
        return RefusalReason(found=f"{found}; it wants to be asked again in {wait:.0f} seconds", hint=_LATER)
    return RefusalReason(
        found=found, hint=_LATER, wait_seconds=max(wait if wait is not None else 0.0, backoff_seconds)
    )


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Return the seconds a server asks to be left alone; None where it says nothing that can be read."""
    stated = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(stated):
        return float(stated)
    try:
        until = parsedate_to_datetime(stated)
        since = parsedate_to_datetime(headers["date"]) if "date" in headers else now
        return max(0.0, (_utc(until) - _utc(since)).total_seconds()) if since else None
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
