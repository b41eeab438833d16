"""A run is kept complete, once, and in an order of its own."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from pipeline.domain.ids import LMARENA_TEXT, Sha256
from pipeline.errors import RefusedError
from pipeline.store.database import open_database
from pipeline.store.tables import CAPTURE, OBSERVATION, PRICE, RUN, SCORE
from tests.store.conftest import contents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

    from pipeline.domain.run import RunRecord
    from pipeline.store.database import Database
    from tests.store.conftest import Records

RATINGS = {"alpha": 1400.0, "beta": 1450.0}
ROOT = Path(__file__).parents[2]


def _rows(database: Database, table: Table) -> list[dict[str, object]]:
    with database._reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def _dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as whole:
        return list(whole.iterdump())


def test_every_number_is_kept_with_its_source_scale_day_and_capture(
    database: Database, records: Records
) -> None:
    run = records.run("2026-W33", RATINGS)
    database.record_run(run)
    captures = {row["id"]: row["sha256"] for row in _rows(database, CAPTURE)}
    columns = ("source", "key", "metric", "scale", "value", "low", "high", "votes", "observed_on", "variant")
    kept = {
        (*(row[column] for column in columns), captures[row["capture_id"]])
        for row in _rows(database, OBSERVATION)
    }
    assert kept == {
        (*(getattr(seen, column) for column in columns[:-1]), f"{seen.key}@high", seen.capture)
        for seen in run.readings[0].observations
    }
    assert {(row["key"], row["input_microusd_per_mtok"]) for row in _rows(database, PRICE)} == {
        ("vendor/alpha", 1_000_000),
        ("vendor/beta", 1_000_000),
    }


def test_a_variant_has_a_value_or_the_reason_why_not(database: Database, records: Records) -> None:
    database.record_run(records.run("2026-W33", RATINGS, microusd=None))
    assert [
        (row["variant"], row["quality"], row["usd_per_task"], row["unscored"], row["unpriced"])
        for row in _rows(database, SCORE)
    ] == [
        ("alpha@high", 0.6, None, None, "price_unknown"),
        ("beta@high", 0.6, None, None, "price_unknown"),
        ("ghost@high", None, None, "no_score", None),
    ]


def test_the_same_run_again_changes_nothing(database: Database, file: Path, records: Records) -> None:
    run = records.run("2026-W33", RATINGS)
    database.record_run(run)
    before = file.read_bytes()
    database.record_run(run)
    assert file.read_bytes() == before


def test_the_order_of_the_input_leaves_no_trace(tmp_path: Path, records: Records) -> None:
    run = records.large_run("2026-W33", names=7, metrics=3)
    dumps = []
    for seed in range(3):
        mixed = _mixed(run, random.Random(seed))  # noqa: S311 - a shuffle, not a secret
        with open_database(f"sqlite:///{tmp_path / str(seed)}.sqlite") as database:
            database.record_run(mixed)
        dumps.append(_dump(tmp_path / f"{seed}.sqlite"))
    assert dumps[0] == dumps[1] == dumps[2]


def _mixed(run: RunRecord, chance: random.Random) -> RunRecord:
    ratings, prices = run.readings
    board = run.scoreboards["general"]
    return replace(
        run,
        captures=tuple(chance.sample(run.captures, len(run.captures))),
        readings=(
            replace(prices, prices=tuple(chance.sample(prices.prices, len(prices.prices)))),
            replace(
                ratings, observations=tuple(chance.sample(ratings.observations, len(ratings.observations)))
            ),
        ),
        scoreboards={
            "general": replace(
                board, scores=dict(chance.sample(sorted(board.scores.items()), len(board.scores)))
            )
        },
    )


def test_a_capture_used_in_two_runs_is_kept_once(database: Database, records: Records) -> None:
    """A held source's last good capture is used again."""
    first = records.run("2026-W33", RATINGS)
    later = records.run("2026-W34", RATINGS)
    database.record_run(first)
    database.record_run(
        replace(
            later,
            captures=(first.captures[0], later.captures[1]),
            readings=(first.readings[0], later.readings[1]),
            held=(LMARENA_TEXT,),
        )
    )
    assert len(_rows(database, CAPTURE)) == 3
    assert len(_rows(database, OBSERVATION)) == 4


def test_an_attempt_begun_again_after_a_crash_is_a_run_of_its_own(
    database: Database, records: Records
) -> None:
    run = records.run("2026-W33", RATINGS)
    for minutes in (0, 5, 0):
        database.record_run(replace(run, as_of=run.as_of + timedelta(minutes=minutes)))
    assert [row["attempt"] for row in _rows(database, RUN)] == [1, 1, 1]


def test_a_number_whose_capture_the_run_does_not_hold_is_refused(
    database: Database, records: Records
) -> None:
    run = records.run("2026-W33", RATINGS)
    with pytest.raises(ValueError, match="does not hold capture"):
        database.record_run(replace(run, captures=run.captures[1:]))
    assert database.is_empty()


def test_the_same_number_twice_is_refused_and_leaves_nothing(database: Database, records: Records) -> None:
    run = records.run("2026-W33", RATINGS)
    ratings = run.readings[0]
    twice = replace(ratings, observations=ratings.observations + ratings.observations[:1])
    with pytest.raises(RefusedError, match="observation"):
        database.record_run(replace(run, readings=(twice, run.readings[1])))
    assert database.is_empty()


def test_a_moment_without_time_zone_is_refused(database: Database, records: Records) -> None:
    naive = datetime(2026, 8, 15)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="naive"):
        database.record_run(replace(records.run("2026-W33", RATINGS), as_of=naive))


class _Stop(Exception):  # noqa: N818 - it stands for a kill, not an error
    pass


@contextmanager
def _stopped_after(database: Database, statements: int) -> Iterator[None]:
    seen: list[str] = []

    def stop(*arguments: object) -> None:
        seen.append(str(arguments[2]))
        if len(seen) == statements:
            raise _Stop

    event.listen(database._engine, "after_cursor_execute", stop)
    try:
        yield
    finally:
        event.remove(database._engine, "after_cursor_execute", stop)


def test_a_run_stopped_after_any_statement_leaves_the_desk_as_it_was(
    database: Database, file: Path, records: Records
) -> None:
    database.record_run(records.run("2026-W33", RATINGS))
    before, run = _dump(file), records.run("2026-W34", RATINGS, missing=("alpha",))
    fired = 0
    for statements in count(1):
        try:
            with _stopped_after(database, statements):
                database.record_run(run)
        except _Stop:
            fired += 1
            assert _dump(file) == before
        else:
            break
    assert fired >= 14
    assert _dump(file) != before


WRITER = """
import os, signal, sys
from sqlalchemy import event
from pipeline.store.database import open_database
from tests.store.conftest import Records

url, last = sys.argv[1], int(sys.argv[2])
database = open_database(url)
seen = []

def small_cache(driver, record):
    if url.startswith("sqlite"):
        driver.execute("PRAGMA cache_size=8")  # pages reach the file before the commit

def kill(*arguments):
    seen.append(arguments)
    if len(seen) == last:
        os.kill(os.getpid(), signal.SIGKILL)

database._engine.dispose()
event.listen(database._engine, "connect", small_cache)
event.listen(database._engine, "after_cursor_execute", kill)
database.record_run(Records().large_run("2026-W34", names=60))
"""


@pytest.mark.parametrize("last", [9, 12, 14])
def test_a_killed_writer_leaves_a_readable_desk_without_a_trace(
    url: str, file: Path, records: Records, last: int
) -> None:
    with open_database(url) as database:
        database.record_run(records.run("2026-W33", RATINGS))
    before, pages = _dump(file), file.stat().st_size
    assert _run(WRITER, url, last) == -signal.SIGKILL
    assert file.stat().st_size > pages, "the kill came before anything reached the file"
    assert file.with_name(f"{file.name}-journal").exists()
    open_database(url).__exit__()
    assert _dump(file) == before


def test_a_run_that_was_acknowledged_survives_a_kill(url: str, records: Records) -> None:
    script = WRITER + "os.kill(os.getpid(), signal.SIGKILL)"
    killed = _run(script, url, 10**6)
    assert killed == -signal.SIGKILL
    with open_database(url) as database:
        before = contents(database)
        database.record_run(records.large_run("2026-W34", names=60))
        assert contents(database) == before
    assert len(before["run"]) == 1


def _run(script: str, url: str, last: int) -> int:
    path = os.pathsep.join([str(ROOT), *(path for path in sys.path if path)])
    command = [sys.executable, "-c", script, url, str(last)]
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False).returncode


def test_numbers_are_only_ever_inserted(database: Database, records: Records) -> None:
    seen: list[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *arguments: seen.append(str(arguments[2])))
    pool = records.pool(1, "2026-W33", {"frugal": ("alpha",)})
    database.record_run(records.run("2026-W33", RATINGS))
    records.publish(database, pool)
    database.record_run(records.run("2026-W33", RATINGS, microusd=5))
    database.record_crosswalk(records.crosswalk(["alpha"]), at=datetime.fromisoformat("2026-08-15T12:00:00Z"))
    changes = [line for line in seen if line.startswith(("UPDATE", "DELETE", "REPLACE"))]
    assert changes
    assert [line for line in changes if " observation" in line or " price" in line] == []


def test_a_full_week_is_kept_in_less_than_a_second(database: Database, records: Records) -> None:
    run = records.large_run("2026-W33")
    begun = time.process_time()
    database.record_run(run)
    assert time.process_time() - begun < 1
    assert len(_rows(database, OBSERVATION)) == 10_800


def test_the_crosswalk_of_the_run_says_whom_a_number_is_about(database: Database, records: Records) -> None:
    run = records.run("2026-W33", RATINGS)
    database.record_run(replace(run, crosswalk=records.crosswalk(["alpha"], routed=False)))
    assert [row["variant"] for row in _rows(database, OBSERVATION)] == [None, None]


def test_a_digest_that_is_none_cannot_be_kept(database: Database, records: Records) -> None:
    run = records.run("2026-W33", RATINGS)
    with pytest.raises(RefusedError, match="ck_run_crosswalk_sha256_is_a_digest"):
        database.record_run(replace(run, crosswalk=replace(run.crosswalk, sha256=Sha256("short"))))
