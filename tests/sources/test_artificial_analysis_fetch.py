"""Asking Artificial Analysis: pages, tiers, the day's requests, and every documented refusal in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS
from pipeline.errors import SourceHeldError
from pipeline.sources.artificial_analysis.source import ArtificialAnalysis
from pipeline.sources.http.request import RateLimit
from tests.replica.sessions import open_session
from tests.replica.sites import KEY
from tests.replica.stored import Row, from_sample, models_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.domain.observation import Capture

MODELS = from_sample().models * 2


def served(
    asked: list[str], *, tier: str = "free", left: int = 50, models: tuple[Row, ...] = MODELS
) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2] + request.url.query.decode())
        page = models_page(models, int(request.url.params["page"]))
        remaining = str(left - len(asked))
        headers = {"x-aa-tier": tier, "x-ratelimit-limit": "100", "x-ratelimit-remaining": remaining}
        return httpx.Response(200, headers=headers, content=iter([page or b""]))

    return answer


def fetch(
    answer: Callable[[httpx.Request], httpx.Response], *, tier: str = "free", asked_today: int = 0
) -> tuple[Capture, ...]:
    source = ArtificialAnalysis(key=SecretStr(KEY), tier=tier)
    transport = httpx.MockTransport(answer)
    with open_session(ARTIFICIAL_ANALYSIS, transport=transport, asked_today=asked_today) as session:
        return source.fetch(session)


def refused(status: int, body: object = None, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(body).encode()
    with pytest.raises(SourceHeldError) as held:
        fetch(lambda _: httpx.Response(status, headers=named, content=iter([content])))
    assert KEY not in f"{held.value} {held.value.hint}"
    return held.value.found


def test_every_page_of_the_free_list_is_asked_once() -> None:
    asked: list[str] = []
    assert len(fetch(served(asked))) == 2
    assert asked == ["freepage=1", "freepage=2"]


@pytest.mark.parametrize(
    ("tier", "of_the_key", "expected"),
    [
        ("pro", "pro", ["modelspage=1", "modelspage=2"]),
        ("auto", "pro", ["freepage=1", "modelspage=1", "modelspage=2"]),
        ("auto", "free", ["freepage=1", "freepage=2"]),
        ("free", "commercial", ["freepage=1", "freepage=2"]),
    ],
)
def test_the_fuller_list_is_asked_where_the_tier_allows(
    tier: str, of_the_key: str, expected: list[str]
) -> None:
    asked: list[str] = []
    fetch(served(asked, tier=of_the_key), tier=tier)
    assert asked == expected


def test_a_row_of_the_fuller_list_is_read_and_its_further_fields_noted() -> None:
    row = {**MODELS[0], "context_window_tokens": 1000, "modalities": {}}
    page = models_page([row], 1, tier="pro")
    assert page is not None
    reading = ArtificialAnalysis().parse(
        fetch(lambda _: httpx.Response(200, content=iter([page])), tier="pro")
    )
    assert len(reading.entries) == 1
    assert {finding.kind for finding in reading.findings} <= {"drift"}


def test_nothing_is_asked_when_our_own_count_says_the_day_is_used_up() -> None:
    asked: list[str] = []
    with pytest.raises(SourceHeldError, match="0 of 100 requests of today are left, and 1 are needed"):
        fetch(served(asked), asked_today=100)
    assert asked == []


def test_no_page_is_asked_when_not_all_of_them_can_be() -> None:
    asked: list[str] = []
    with pytest.raises(SourceHeldError, match="0 of 100 requests of today are left, and 1 are needed"):
        fetch(served(asked, left=1))
    assert asked == ["freepage=1"]


def test_the_second_page_is_not_asked_when_the_third_could_not_be() -> None:
    asked: list[str] = []
    with pytest.raises(SourceHeldError, match="1 of 100 requests of today are left, and 2 are needed"):
        fetch(served(asked, left=2, models=MODELS + MODELS[:1]))
    assert asked == ["freepage=1"]


def test_a_list_of_far_too_many_pages_is_not_asked_for() -> None:
    asked: list[str] = []
    with pytest.raises(SourceHeldError, match="21 pages, more than 20"):
        fetch(served(asked, models=MODELS[:1] * 4001))
    assert asked == ["freepage=1"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "the key is not accepted; check MODELPOOL_AA_KEY"),
        (403, "the key's tier does not include this list; set MODELPOOL_AA_TIER=free"),
        (404, "the list is not where it was; look for a newer modelpool"),
        (410, "the list was retired for good; look for a newer modelpool"),
        (500, "an error inside their service; run again later"),
    ],
)
def test_a_documented_refusal_says_what_it_means_and_what_to_do(status: int, words: str) -> None:
    found = refused(status, {"error": "for a reason"}, x_aa_tier="free")
    assert words in found
    assert "tier 'free'" in found
    assert "it says 'for a reason'" in found
    assert "it says" not in refused(status, {"error": f"because of {KEY}"})


def test_a_quota_names_its_reset_and_nobody_waits_for_it() -> None:
    found = refused(
        429,
        {"error": "Rate limit exceeded"},
        retry_after="43200",
        x_ratelimit_limit="100",
        x_ratelimit_remaining="0",
        x_ratelimit_reset="1786838400",
    )
    assert "0 of 100 requests of today are left; it starts anew at 2026-08-16 00:00 UTC" in found
    assert "(in 12.0 hours)" in found
    assert "asked" not in found.partition("run again")[0].replace("asked again", "")


@pytest.mark.parametrize("body", [None, [], {"error": 5}, "x"])
def test_a_refusal_without_words_is_told_all_the_same(body: object) -> None:
    assert refused(401, body).startswith("HTTP status 401: the key is not accepted")


@pytest.mark.parametrize("stated", ["", "-1", "many", "9" * 30, "1e3"])
def test_a_count_that_is_none_changes_nothing_but_our_own(stated: str) -> None:
    budget = RateLimit(limit=100, used=3).after(
        {"x-ratelimit-remaining": stated, "x-ratelimit-reset": stated, "x-ratelimit-limit": stated}
    )
    assert (budget.limit, budget.used, budget.resets_at) == (100, 4, None)
