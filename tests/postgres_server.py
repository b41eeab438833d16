"""A PostgreSQL server of its own on loopback, in a temporary folder, for as long as a test session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACCOUNT: Final = "postgres"
"""The server refuses to run as root; Debian's package brings this user."""
_QUICK: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")


def binaries() -> Path | None:
    """Find the newest server that Debian's package installed; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@dataclass
class PostgresServer:
    """A running server; every test gets a schema of its own, which is a database to those who use it."""

    port: int
    made: int = 0

    def new_database(self) -> str:
        """Make an empty schema; return the address under which it is the whole database."""
        self.made += 1
        name = f"test_{self.made}"
        whole = f"postgresql+psycopg://{_ACCOUNT}@127.0.0.1:{self.port}/postgres"
        engine = create_engine(whole, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        engine.dispose()
        return f"{whole}?options=-csearch_path%3D{name}"


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """Start a server from the binaries in a folder; its data is removed with it."""
    memory = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one
    place = memory if memory.is_dir() else None
    home = Path(tempfile.mkdtemp(prefix="modelpool-postgres-", dir=place))
    user = _ACCOUNT if os.geteuid() == 0 else None
    if user:
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    data = home / "data"
    try:
        made: list[Path | str] = [
            folder / "initdb",
            "-D",
            data,
            "-U",
            _ACCOUNT,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run(made, user=user, cwd=home, check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = [word for one in _QUICK for word in ("-c", one)]
        words: list[Path | str] = [folder / "pg_ctl", "start", "-w", "-s", "-D", data, "-l", home / "log"]
        words += ["-o", " ".join([f"-p {port} -h 127.0.0.1", *settings])]
        subprocess.run(words, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL)
        try:
            yield PostgresServer(port)
        finally:
            process = int((data / "postmaster.pid").read_text().split()[0])
            os.kill(process, signal.SIGQUIT)
    finally:
        shutil.rmtree(home, ignore_errors=True)
