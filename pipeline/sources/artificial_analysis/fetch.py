"""Fetches all pages of a list from Artificial Analysis, within the day's requests, and explains a refusal.

A free key may ask 100 times a day and a list has about four pages. A quota that is used up is told with the
moment it starts anew; nobody waits for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.sources.artificial_analysis.pages import page_count
from pipeline.sources.http.http_errors import LONGEST_WAIT_SECONDS, RefusalReason, RefusedRequest, retry_after
from pipeline.sources.http.request import RateLimit, Request, Response
from pipeline.sources.parsing.fields import value_text
from pipeline.sources.parsing.json_body import held_error

if TYPE_CHECKING:
    from pydantic import SecretStr

    from pipeline.domain.ids import SourceName
    from pipeline.domain.observation import Capture
    from pipeline.errors import SourceHeldError
    from pipeline.sources.http.session import SourceSession

REQUESTS_A_DAY = {"free": 100, "pro": 500}

_LISTS = {
    "free": "https://artificialanalysis.ai/api/v2/language/models/free",
    "pro": "https://artificialanalysis.ai/api/v2/language/models",
}
_PAID = frozenset({"pro", "commercial"})
_MOST_PAGES = 20
"""Four pages in September 2026."""
_FILE = "or give its answer as a file: --captures artificial-analysis=FILE"
_WORDS = {
    401: f"the key is not accepted; check MODELPOOL_AA_KEY or MODELPOOL_AA_KEY_FILE, {_FILE}",
    403: "the key's tier does not include this list; set MODELPOOL_AA_TIER=free or use another key",
    404: f"the list is not where it was; look for a newer modelpool, {_FILE}",
    410: f"the list was retired for good; look for a newer modelpool, {_FILE}",
    500: "an error inside their service; run again later",
}
"""What a documented status means here, and what to do about it."""
_FINAL = frozenset({401, 403, 404, 410})
_TOO_MANY = 429


def fetch_pages(session: SourceSession, key: SecretStr, tier: str) -> tuple[Capture, ...]:
    """Ask for every page of the list that a tier allows.

    Args:
        session: To Artificial Analysis.
        key: Sent in the header `x-api-key`.
        tier: `free`, `pro`, or `auto`: the free list, unless its answer says that the key may ask for more.

    Raises:
        SourceHeldError: A page gave no complete answer, or there are not requests enough for all pages.
    """
    kind = "pro" if tier == "pro" else "free"
    budget = RateLimit(limit=REQUESTS_A_DAY[kind], used=session.asked_today)
    first, budget = _page(session, key, kind, 1, budget)
    if tier == "auto" and first.headers.get("x-aa-tier") in _PAID:
        kind = "pro"
        first, budget = _page(session, key, kind, 1, budget)
    pages = [first.capture]
    count = page_count(first.capture)
    if count > _MOST_PAGES:
        raise held_error(session.source, f"{count} pages, more than {_MOST_PAGES}")
    if budget.left < count - 1:
        raise _used_up(session.source, budget, count - 1)
    for number in range(2, count + 1):
        answer, budget = _page(session, key, kind, number, budget)
        pages.append(answer.capture)
    return tuple(pages)


def _page(
    session: SourceSession, key: SecretStr, kind: str, number: int, budget: RateLimit
) -> tuple[Response, RateLimit]:
    if not budget.left:
        raise _used_up(session.source, budget, 1)
    url = f"{_LISTS[kind]}?page={number}"
    answer = session.ask(Request(url=url, key=key, explain=_explain))
    return answer, budget.after(answer.headers)


def _used_up(source: SourceName, budget: RateLimit, needed: int) -> SourceHeldError:
    return held_error(
        source, f"{budget.words()}, and {needed} are needed; run again when they start anew, {_FILE}"
    )


def _explain(answer: RefusedRequest) -> RefusalReason | None:
    """Say what a documented status means here; the body's own words are added where there are any."""
    if answer.status == _TOO_MANY:
        return _quota(answer)
    if answer.status not in _WORDS:
        return None
    tier = answer.headers.get("x-aa-tier")
    found = (
        f"HTTP status {answer.status}{f' (tier {value_text(tier)})' if tier else ''}: {_WORDS[answer.status]}"
    )
    return RefusalReason(
        found=found + _own_words(answer.excerpt), wait_seconds=None if answer.status in _FINAL else 1.0
    )


def _quota(answer: RefusedRequest) -> RefusalReason | None:
    """A quota is used up until its reset; only a short pause is left to what every source means by it."""
    wait = retry_after(answer.headers)
    if wait is not None and wait <= LONGEST_WAIT_SECONDS:
        return None
    day = REQUESTS_A_DAY["free"]
    words = RateLimit(limit=day, used=day).after(answer.headers).words()
    again = "" if wait is None else f" (in {wait / 3600:.1f} hours)"
    found = f"HTTP status {_TOO_MANY}: {words}; run again then{again}, {_FILE}"
    return RefusalReason(found=found + _own_words(answer.excerpt))


def _own_words(excerpt: bytes) -> str:
    try:
        document = json.loads(excerpt)
    except (ValueError, RecursionError):
        return ""
    said = document.get("error") if isinstance(document, dict) else None
    return f"; it says {value_text(said)}" if isinstance(said, str) else ""
