"""Opens a database that will be filled again from the files of record, whatever lies in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.store.database import WAIT_SECONDS, open_database
from pipeline.store.driver import UnusableError, place_of, read_url

if TYPE_CHECKING:
    from pipeline.store.database import Database


def recreate_database(url: str, *, wait_seconds: float = WAIT_SECONDS) -> Database:
    """Open a database for `modelpool rebuild`: an unusable SQLite file is renamed, not repaired.

    A sound database is opened as it is, for `clear()` inside `together()`. A file of something else is
    never touched.

    Raises:
        UsageError: The URL cannot be read or its driver is not installed.
        RefusedError: The database is locked, not writable, or belongs to something else.
    """
    try:
        return open_database(url, wait_seconds=wait_seconds, thorough=True)
    except UnusableError:
        if set_aside(url) is None:
            raise
        return open_database(url, wait_seconds=wait_seconds)


def set_aside(url: str) -> Path | None:
    """Rename a SQLite file (and its journal) to `<name>.broken`, so that a new one can be made.

    Returns:
        The new name; None when there is no file, or the database is not a file.

    Raises:
        UsageError: The URL cannot be read.
    """
    address = read_url(url)
    place = Path(place_of(address))
    if address.get_backend_name() != "sqlite" or not place.is_file():
        return None
    journal = place.with_name(f"{place.name}-journal")
    broken = place.with_name(f"{place.name}.broken")
    if journal.is_file():
        # A journal left beside a new file of the same name would be rolled into it.
        journal.replace(place.with_name(f"{broken.name}-journal"))
    return place.replace(broken)
