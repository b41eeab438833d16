"""Transport faults on raw sockets: at connect, in the headers, in the body, for every source that is asked.

A case is bad when something was accepted, when it took longer than its deadline and a second, when another
host was reached, or when the key is in what was said.
"""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from pipeline.domain.ids import ARTIFICIAL_ANALYSIS
from pipeline.errors import SourceHeldError
from pipeline.sources.http import session
from pipeline.sources.registry import open_sources
from pipeline.sources.spec import SourceAccess
from tests.faults.wire import BODY, CONNECT, HEADERS, wire
from tests.replica.sessions import open_http_session
from tests.replica.sites import HOSTS, KEY, replica
from tests.replica.stored import from_sample, models_page, parquet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.example import Example
    from tests.faults.conftest import Tally
    from tests.faults.wire import Peer

DEADLINE = 1.0
SOURCES = open_sources(SourceAccess(keys={ARTIFICIAL_ANALYSIS: SecretStr(KEY)}))
ASKED = ("lmarena-text", "artificial-analysis", "openrouter")
FAULTS = {
    **{f"at connect: {name}": act for name, act in CONNECT.items()},
    **{f"in the headers: {name}": act for name, act in HEADERS.items()},
    **{f"in the body: {name}": act for name, act in BODY.items()},
}


@dataclass(frozen=True, slots=True)
class Outcome:
    case: str
    fired: bool
    bad: str


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_BACKOFF_SECONDS", 0.05)


@pytest.fixture(scope="module")
def bodies() -> dict[str, bytes]:
    stored = from_sample()
    page = models_page(stored.models, 1)
    assert page is not None
    return {
        "lmarena-text": parquet(stored.boards["text_style_control"], stored.published["text_style_control"]),
        "artificial-analysis": page,
        "openrouter": stored.openrouter,
    }


def _mirrors(port: int) -> dict[str, str]:
    return {f"https://{host}": f"http://127.0.0.1:{port}" for host in HOSTS}


def _ask(source: str, port: int) -> str:
    """Ask and read; returns what is bad about how it went, empty when it was held in time."""
    start = time.monotonic()
    said = "accepted"
    (chosen,) = (found for name, found in SOURCES.items() if name == source)
    with open_http_session(chosen.name, _mirrors(port), seconds=DEADLINE) as session:
        try:
            chosen.parse(chosen.fetch(session))
        except SourceHeldError as error:
            said = KEY if KEY in f"{error}{error.hint}{error!r}{error.__cause__!r}" else ""
    took = time.monotonic() - start
    return said or (f"took {took:.1f} s" if took > DEADLINE + 1 else "")


def _case(source: str, fault: str, act: Callable[[Peer], None], body: bytes) -> Outcome:
    with wire(act, body) as served:
        bad = _ask(source, served.port)
        return Outcome(f"{source}, {fault}", fired=bool(served.heads), bad=bad)


def test_a_fault_of_the_transport_holds_the_source_in_time(bodies: dict[str, bytes], tally: Tally) -> None:
    cases = [(source, fault, act) for source in ASKED for fault, act in FAULTS.items()]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda case: _case(case[0], case[1], case[2], bodies[case[0]]), cases))
    for one in found:
        tally.count("transport", fired=one.fired, bad=bool(one.bad))
    assert [one for one in found if one.bad or not one.fired] == []
    assert len(found) >= 160


@pytest.mark.parametrize("source", ASKED)
def test_a_closed_port_holds_the_source_in_time(source: str, tally: Tally) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    bad = _ask(source, port)
    tally.count("transport", fired=True, bad=bool(bad))
    assert not bad


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("source", ASKED)
def test_no_redirect_leads_to_another_host(
    source: str, status: str, bodies: dict[str, bytes], tally: Tally
) -> None:
    with wire(lambda peer: peer.whole(peer.body), bodies[source]) as other:
        location = f"location: http://127.0.0.1:{other.port}/elsewhere"
        with wire(lambda peer: peer.whole(b"", location, status=status)) as served:
            bad = _ask(source, served.port) or ("another host was reached" if other.heads else "")
            asked = b"".join(served.heads)
    tally.count("transport", fired=bool(asked), bad=bool(bad))
    assert asked
    assert not bad
    assert (KEY.encode() in asked) == (source == "artificial-analysis")


RUNS = (
    ("silence", "dripping header", "chunks without an end"),
    ("status 503", "status 429", "gzip without its trailer"),
    ("dripping body", "a web page", "a length too short"),
    ("endless chunks", "reset midway", "closed at once"),
)


@pytest.mark.parametrize("faults", RUNS, ids=[run[0] for run in RUNS])
def test_a_whole_run_over_faulty_wires_changes_no_pool(
    example: Example,
    faults: tuple[str, str, str],
    bodies: dict[str, bytes],
    tally: Tally,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acts = CONNECT | HEADERS | BODY
    hosts = {"lmarena-text": HOSTS[:3], "artificial-analysis": HOSTS[3:4], "openrouter": HOSTS[4:]}
    before = example.pools()
    with (
        replica(from_sample()) as sites,
        wire(acts[faults[0]], bodies["lmarena-text"]) as text,
        wire(acts[faults[1]], bodies["artificial-analysis"]) as models,
        wire(acts[faults[2]], bodies["openrouter"]) as catalogue,
    ):
        served = dict(zip(ASKED, (text, models, catalogue), strict=True))
        faulty = {
            f"https://{host}": f"http://127.0.0.1:{served[source].port}"
            for source, own in hosts.items()
            for host in own
        }
        monkeypatch.setenv("MODELPOOL_MIRRORS", json.dumps(sites.mirrors | faulty))
        monkeypatch.setenv("MODELPOOL_AA_KEY", KEY)
        monkeypatch.setenv("MODELPOOL_PROXY", "")
        monkeypatch.setenv("MODELPOOL_DEADLINE_SECONDS", str(DEADLINE))
        start = time.monotonic()
        answer = example("run", "--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")
        took = time.monotonic() - start
    for source in ASKED:
        held = f"{source} is held" in answer.out
        tally.count("transport", fired=bool(served[source].heads), bad=not held or example.pools() != before)
        assert held, answer.out
        assert served[source].heads
    assert answer.code == 20
    assert "Traceback" not in answer.err
    assert example.pools() == before
    assert took < len(SOURCES) * (DEADLINE + 1) + 10
