"""One command at a time writes into a database; another waits, then is told."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.store.database import open_database
from tests.example import ROOT

if TYPE_CHECKING:
    from tests.store.conftest import Records

_WRITER = """
import sys
from pipeline.store.database import open_database
with open_database(sys.argv[1]) as database, database.transaction():
    database.clear()
    print("writes", flush=True)
    sys.stdin.read()
"""


def test_another_writer_waits_and_is_told_until_the_first_is_gone(url: str, records: Records) -> None:
    with open_database(url) as database:
        database.record_run(records.run("2026-W33", {"alpha": 1400.0}))
    path = os.pathsep.join([str(ROOT), *(path for path in sys.path if path)])
    command = [sys.executable, "-c", _WRITER, url]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writes\n"
        with open_database(url, wait_seconds=0.2) as database:
            with pytest.raises(RefusedError, match="is being written by another modelpool command"):
                database.record_run(records.run("2026-W34", {"alpha": 1400.0}))
            assert database.attempts() == {("2026-W33", 1)}, "who reads does not wait"
        writer.kill()
    with open_database(url) as database:
        database.record_run(records.run("2026-W34", {"alpha": 1400.0}))
        assert database.attempts() == {("2026-W33", 1), ("2026-W34", 1)}
