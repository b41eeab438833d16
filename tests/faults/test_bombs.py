"""Small answers that unpack or unfold into large ones: refused in words, in a process of ordinary size.

Each bomb is served over loopback to a process of its own, which asks, reads and reports its peak memory.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.example import ROOT
from tests.faults.wire import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.conftest import Tally
    from tests.faults.wire import Peer

MOST_MIB = 300
MIB = 2**20
VICTIM = """
import sys
from pipeline.errors import SourceHeldError
from pipeline.sources.http.request import Request
from pipeline.sources.registry import SOURCES
from tests.replica.sessions import open_http_session
source = next(name for name in SOURCES if name == sys.argv[1])
said = ""
with open_http_session(source, {"https://source.example": "http://127.0.0.1:" + sys.argv[2]}) as session:
    try:
        page = sys.argv[3] == "page"
        SOURCES[source].parse((session.ask(Request(url="https://source.example/", page=page)).capture,))
    except SourceHeldError as error:
        said = error.found
(peak,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(said, int(peak.split()[1]) / 1024, sep="|")
"""


def _packed(body: bytes) -> Callable[[Peer], None]:
    return lambda peer: peer.whole(gzip.compress(body, 6), "content-encoding: gzip")


def _plain(body: bytes, *headers: str) -> Callable[[Peer], None]:
    return lambda peer: peer.whole(body, *headers)


def _parquet(rows: int, name: str) -> bytes:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), [name])
    sink = io.BytesIO()
    pq.write_table(pa.table({"category": column, "model_name": column}), sink)
    return sink.getvalue()


BOMBS: dict[str, tuple[str, Callable[[], Callable[[Peer], None]], str]] = {
    "gzip of 1,000 times its size": ("openrouter", lambda: _packed(b" " * 256 * MIB), "more than"),
    "gzip in gzip": (
        "openrouter",
        lambda: _packed(gzip.compress(b"0" * 64 * MIB)),
        "not text|not JSON|archive",
    ),
    "gzip in gzip, both declared": (
        "openrouter",
        lambda: (
            lambda peer: peer.whole(
                gzip.compress(gzip.compress(b"0" * 64 * MIB)), "content-encoding: gzip, gzip"
            )
        ),
        "a kind that was not asked for",
    ),
    "a million rows": ("openrouter", lambda: _packed(b'{"data":[' + b"{}," * 999_999 + b"{}]}"), "values"),
    "a million rows of one field": (
        "artificial-analysis",
        lambda: _packed(b"[" + b'{"a":1},' * 10**6 + b"{}]"),
        "values",
    ),
    "a depth of a hundred thousand": (
        "openrouter",
        lambda: _packed(b"[" * 10**5 + b"]" * 10**5),
        "too deeply",
    ),
    "a depth of objects": (
        "artificial-analysis",
        lambda: _packed(b'{"a":' * 10**5 + b"1" + b"}" * 10**5),
        "too deeply",
    ),
    "one string of 15 MiB beyond the basic plane": (
        "openrouter",
        lambda: _packed(b'{"data":"' + b"a" * 15 * MIB + "\U0001f600".encode() + b'"}'),
        "no list of models",
    ),
    "a number of a million digits": (
        "openrouter",
        lambda: _packed(b'{"data":[' + b"9" * 10**6 + b"]}"),
        "thousands of digits",
    ),
    "a parquet file of a million rows": ("lmarena-text", lambda: _plain(_parquet(10**6, "a")), "rows"),
    "a parquet file whose names unfold": (
        "lmarena-text",
        lambda: _plain(_parquet(30_000, "a" * MIB)),
        "with a text of 1048576 bytes",
    ),
    "a page of a million scripts": (
        "lmarena-text",
        lambda: (
            lambda peer: peer.whole(
                gzip.compress(b"<html>" + b'<script>self.__next_f.push([1,""])</script>' * 300_000),
                "content-encoding: gzip",
                "content-type: text/html",
            )
        ),
        "more tags or scripts",
    ),
    "an endless list of keys": (
        "openrouter",
        lambda: _packed(b"{" + b",".join(b'"%x":0' % at for at in range(10**6)) + b"}"),
        "values",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_ordinary_memory(bomb: str, tally: Tally) -> None:
    source, make, words = BOMBS[bomb]
    with wire(make()) as served:
        kind = "page" if "page" in bomb else "data"
        done = subprocess.run(
            [sys.executable, "-c", VICTIM, source, str(served.port), kind],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        fired = bool(served.heads)
    said, _, mib = done.stdout.rpartition("|")
    matched = any(word in said for word in words.split("|"))
    small = done.returncode == 0 and float(mib) < MOST_MIB
    tally.count("bombs", fired=fired, bad=not small or not matched)
    assert fired
    assert matched, (done.stdout, done.stderr)
    assert small, mib
