"""A publication that is cut off anywhere leaves the old version or the new one, and can be finished."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import RefusedError
from pipeline.publish.versions import file_bytes, version_in_force
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Event

    from pipeline.domain.pool import Pool
    from tests.publish.conftest import Press

CALLS = ("fsync", "link", "unlink", "replace")
STEPS = 7
"""Per publication: fsync, link, unlink, fsync folder; fsync, replace, fsync folder."""


@dataclass(slots=True)
class Saboteur:
    """Lets the file calls of a publication pass, except for the one at `step`."""

    step: int | None
    number: int = errno.ENOSPC
    passed: list[str] = field(default_factory=list)
    fired: str | None = None

    def wrap(self, name: str, original: Callable[..., None]) -> Callable[..., None]:
        """Count the call, and raise in its place when its turn has come."""

        def call(*arguments: object, **options: object) -> None:
            if len(self.passed) == self.step and self.fired is None:
                self.fired = name
                raise OSError(self.number, os.strerror(self.number))
            self.passed.append(name)
            original(*arguments, **options)

        return call

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put the wrapped calls in place of those of `os`."""
        for name in CALLS:
            patch.setattr(os, name, self.wrap(name, getattr(os, name)))


def _finish(press: Press, pool: Pool, folder: Path) -> None:
    """Run the publication again: it ends with the pool in force, whatever was there before."""
    latest = version_in_force(folder)
    if latest is not None and latest.version == pool.version:
        with pytest.raises(RefusedError, match="already published"):
            press.publish(pool, folder)
    else:
        press.publish(pool, folder)
    assert verify(folder, today=None).version == pool.version
    assert sorted(path.name for path in folder.iterdir()) == ["latest.json", "v0001.json", "v0002.json"]
    assert (folder / "v0002.json").read_bytes() == file_bytes(pool)


def test_the_number_of_steps_is_the_one_that_is_sabotaged(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Saboteur(step=None)
    watcher.install(monkeypatch)
    press.publish(press.pool(), tmp_path)
    assert watcher.passed == ["fsync", "link", "unlink", "fsync", "fsync", "replace", "fsync"]
    assert len(watcher.passed) == STEPS


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS], ids=os.strerror)
@pytest.mark.parametrize("step", range(STEPS))
def test_a_disk_that_fails_at_any_step_leaves_a_whole_version_and_a_rerun_converges(
    press: Press, tmp_path: Path, step: int, number: int
) -> None:
    first = press.pool()
    second = press.pool(first, week="2026-W34")
    press.publish(first, tmp_path)
    saboteur = Saboteur(step=step, number=number)
    with pytest.MonkeyPatch.context() as patch:
        saboteur.install(patch)
        with pytest.raises(RefusedError, match=os.strerror(number)) as caught:
            press.publish(second, tmp_path)
    assert saboteur.fired is not None, "the fault fired"
    assert isinstance(caught.value.__cause__, OSError)
    assert "`modelpool publish` again" in caught.value.hint
    assert verify(tmp_path, today=None).version in {1, 2}
    _finish(press, second, tmp_path)


def test_a_rerun_after_the_last_sync_failed_syncs_before_it_says_already_published(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.publish(press.pool(), tmp_path)
    watcher = Saboteur(step=None)
    watcher.install(monkeypatch)
    with pytest.raises(RefusedError, match="already published"):
        press.publish(press.pool(), tmp_path)
    assert watcher.passed[-1] == "fsync"


PUBLISHER = """
import sys
from pathlib import Path
from pipeline.domain.proposal import Decision
from pipeline.publish.versions import read_pool_file
from pipeline.publish.release import release
work = Path(sys.argv[1])
pool = read_pool_file((work / "pool").read_bytes(), "pool")
decision = Decision.model_validate_json((work / "decision").read_bytes())
release(pool, decision, work / "pools", check=lambda body: None)
"""
TRACED = "fsync,link,linkat,unlink,unlinkat,rename,renameat,renameat2"


def _publisher(work: Path, *strace: str) -> subprocess.CompletedProcess[str]:
    command = ["strace", "-qq", "-f", *strace, sys.executable, "-B", "-c", PUBLISHER, str(work)]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def traced_work(press: Press, tmp_path: Path) -> tuple[Path, Pool]:
    """A folder with v0001 published and v0002 approved; skipped where strace cannot trace."""
    tracer = shutil.which("strace")
    if tracer is None or subprocess.run([tracer, "-qq", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not installed or may not trace here")
    first = press.pool()
    second = press.pool(first, week="2026-W34")
    press.publish(first, tmp_path / "pools")
    (tmp_path / "pool").write_bytes(file_bytes(second))
    (tmp_path / "decision").write_text(press.decision(second).model_dump_json())
    return tmp_path, second


@pytest.mark.timeout(100)
def test_a_publisher_killed_at_any_file_call_leaves_a_whole_version(
    press: Press, traced_work: tuple[Path, Pool], tmp_path_factory: pytest.TempPathFactory
) -> None:
    work, second = traced_work
    pristine = tmp_path_factory.mktemp("pristine") / "pools"
    shutil.copytree(work / "pools", pristine)
    counted = _publisher(work, "-e", f"trace={TRACED}")
    assert counted.returncode == 0, counted.stderr
    calls = Counter(line.split("(")[0].split()[-1] for line in counted.stderr.splitlines() if "(" in line)
    assert sum(calls.values()) == STEPS, counted.stderr
    for name, count in calls.items():
        for turn in range(1, count + 1):
            shutil.rmtree(work / "pools")
            shutil.copytree(pristine, work / "pools")
            killed = _publisher(
                work, "-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={turn}"
            )
            assert killed.returncode in {-9, 137}, f"the kill at {name} {turn} fired"
            assert verify(work / "pools", today=None).version in {1, 2}
            _finish(press, second, work / "pools")


def _read_until(
    folder: Path, stop: Event, results: multiprocessing.SimpleQueue[tuple[int, list[str]]]
) -> None:
    reads, faults, last = 0, [], 0
    while not stop.is_set():
        try:
            version = verify(folder, today=None).version
        except RefusedError as error:
            faults.append(str(error))
        else:
            if version < last:
                faults.append(f"went back from {last} to {version}")
            last = version
        reads += 1
    results.put((reads, faults))


def test_readers_during_200_publications_never_see_a_torn_missing_or_older_pool(
    press: Press, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.SimpleQueue()
    pool = press.pool()
    press.publish(pool, tmp_path)
    readers = [context.Process(target=_read_until, args=(tmp_path, stop, results)) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(200):
            pool = press.pool(pool)
            press.publish(pool, tmp_path)
    finally:
        stop.set()
    seen = [results.get() for _ in readers]
    for reader in readers:
        reader.join(timeout=30)
    assert [faults for _, faults in seen] == [[], []]
    assert all(reads > 20 for reads, _ in seen), "the readers did read meanwhile"
    assert verify(tmp_path, today=None).version == 201
