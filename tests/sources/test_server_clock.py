"""The date of an answer tells how far a clock is from a server's, whatever the date may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain.ids import OPENROUTER
from pipeline.errors import SourceHeldError
from pipeline.sources.http.request import Request
from pipeline.sources.http.session import clock_error
from tests.replica.sessions import open_session

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
NOON = "Sat, 15 Aug 2026 12:00:00 GMT"
ELEVEN = "Sat, 15 Aug 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"date": NOON}, 0, id="the same"),
        pytest.param({"date": ELEVEN}, 3600, id="ahead"),
        pytest.param({"date": "Sat, 15 Aug 2026 14:00:00 GMT"}, -7200, id="behind"),
        pytest.param({"date": "Sat, 15 Aug 2026 14:00:00 +0200"}, 0, id="another zone"),
        pytest.param({"date": ELEVEN, "age": "3500"}, 100, id="stored for nearly as long"),
        pytest.param({"date": NOON, "age": "3500"}, 0, id="stored, and dated anew"),
        pytest.param(
            {"date": "Sat, 15 Aug 2026 14:00:00 GMT", "age": "9999999999"}, -7200, id="behind, stored"
        ),
    ],
)
def test_how_far(headers: dict[str, str], seconds: int) -> None:
    assert clock_error(headers, now=NOW) == timedelta(seconds=seconds)


@given(date=st.text(), age=st.text())
@example(date="Sat, 15 Aug 2026 12:00:00 -0000", age="")
@example(date="Sat, 99 Aug 2026 12:00:00 GMT", age="")
@example(date="Sat, 15 Aug 99999999999999999999 12:00:00 GMT", age="")
@example(date="Mon, 01 Jan 0001 00:00:00 +9999", age="")
@example(date="Sat, 15 Aug 2026 12:00:00 GMT", age="\u0663")
def test_no_header_makes_it_fail(date: str, age: str) -> None:
    clock_error({"date": date, "age": age}, now=NOW)


def test_a_session_believes_the_nearest_answer_of_the_server_it_asked() -> None:
    hour = timedelta(hours=1)
    dates = iter((hour, 2 * hour, timedelta(days=400)))

    def answer(request: httpx.Request) -> httpx.Response:
        dated = datetime.now(UTC) - next(dates)
        headers = {"date": f"{dated:%a, %d %b %Y %H:%M:%S} GMT", "location": "https://cdn.example/x"}
        return httpx.Response(
            302 if request.url.host == "source.example" else 404, headers=headers, content=iter([b""])
        )

    with open_session(OPENROUTER, transport=httpx.MockTransport(answer)) as session:
        with pytest.raises(SourceHeldError):
            session.ask(Request(url="https://source.example/list"))
        with pytest.raises(SourceHeldError):
            session.ask(Request(url="https://source.example/list", hosts=("cdn.example",)))
        assert next(dates, None) is None
        assert session.clock_errors.keys() == {"source.example"}
        assert hour <= session.clock_errors["source.example"] < hour + timedelta(minutes=1)
