"""What all tests share: the real captures beside the project, and the worked example."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typer import Typer
    from typer.testing import CliRunner, Result

    from tests.example import Example
    from tests.postgres_server import PostgresServer
    from tests.printed_commands import PrintedCommands

settings.register_profile("modelpool", deadline=None)
settings.load_profile("modelpool")  # a busy machine is not a failing test; pytest-timeout bounds each test

gc.set_threshold(50_000, *gc.get_threshold()[1:])  # as the command line does

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let every test use a PostgreSQL server in place of SQLite files."""
    parser.addoption("--postgres", action="store_true", help="Keep databases in a PostgreSQL server.")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of this session; tests that need it skip where Debian's package or the driver is absent."""
    from tests.postgres_server import binaries, postgres_server

    found = binaries()
    if found is None:
        pytest.skip("no PostgreSQL server is installed (Debian: postgresql)")
    pytest.importorskip("psycopg", reason="the driver of the extra `postgres` is not installed")
    with postgres_server(found) as server:
        yield server


@pytest.fixture(autouse=True)
def _database_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--postgres`, let the commands of a test find a new database of that server."""
    if request.config.getoption("--postgres"):
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("MODELPOOL_DATABASE_URL", server.new_database())


@pytest.fixture
def _sqlite_file(request: pytest.FixtureRequest) -> None:
    """The test is about the file of a SQLite database."""
    if request.config.getoption("--postgres"):
        pytest.skip("about the file of a SQLite database, which --postgres replaces")


@pytest.fixture(scope="session")
def real_captures() -> Path:
    """The folder of real captures; tests that need it skip where it is absent."""
    folder = SHARED / "sources"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/sources with real captures beside the project")
    return folder


@pytest.fixture(scope="session")
def history() -> Path:
    """The folder of weekly history; tests that need it skip where it is absent."""
    folder = SHARED / "history"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/history with weekly tables beside the project")
    return folder


@pytest.fixture(scope="session")
def _printed_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintedCommands]:
    """Read what every command prints that a test of this process runs."""
    from typer.testing import CliRunner

    from tests.printed_commands import PrintedCommands

    printed, invoke = PrintedCommands(tmp_path_factory.mktemp("printed")), CliRunner.invoke

    def read(runner: CliRunner, app: Typer, typed: Sequence[str], **more: bool) -> Result:
        result = invoke(runner, app, typed, **more)  # type: ignore[arg-type] # flags of the runner
        printed.read(typed, result.output)
        return result

    with mock.patch.object(CliRunner, "invoke", read):
        yield printed


@pytest.fixture(autouse=True)
def _printed_commands_work(
    request: pytest.FixtureRequest, _printed_commands: PrintedCommands
) -> Iterator[None]:
    """Execute, after a test, each command that was printed in it and is the first of its kind.

    Of the rooms `cli` and `gate`; `make printed-commands` takes the others too.
    """
    from tests.printed_commands import EVERY_MESSAGE

    yield
    if EVERY_MESSAGE or request.path.parent.name in {"cli", "gate"}:
        failed = _printed_commands.execute()
        assert not failed, "a printed command does not work:\n" + "\n".join(failed)
    _printed_commands.forget()


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """The shipped record in a folder of its own, before the second week."""
    from tests.example import Example, copy_record

    folder = tmp_path / "workspace"
    copy_record(folder)
    return Example(folder)


@pytest.fixture(scope="session")
def _after_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.example import Example, copy_record

    folder = tmp_path_factory.mktemp("ran") / "workspace"
    copy_record(folder)
    assert Example(folder).run().code == 10
    return folder


@pytest.fixture
def ran(_after_the_run: Path, _database_elsewhere: None, tmp_path: Path) -> Example:
    """The shipped record after the second week's run: a proposal is pending."""
    from tests.databases import copy_workspace

    return copy_workspace(_after_the_run, tmp_path / "ran")


@pytest.fixture
def files_below() -> Callable[[Path], dict[str, bytes]]:
    """Read every file below a folder, by relative name."""

    def read(folder: Path) -> dict[str, bytes]:
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    return read
