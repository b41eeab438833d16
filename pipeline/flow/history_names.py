"""Names of a weekly table, read as the workspace's crosswalk reads names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.backtest.history import named
from pipeline.identity.crosswalk import load_crosswalk
from pipeline.identity.kinship import Kinship

if TYPE_CHECKING:
    from pipeline.backtest.history import History
    from pipeline.workspace import Workspace


def with_names(history: History, workspace: Workspace) -> History:
    """Give each model of a table the vendor, family and effort that its name tells.

    Where the folder holds no crosswalk, names tell nothing: every model is of a vendor of its own.

    Raises:
        UsageError: A file of the crosswalk is not of the expected form.
    """
    if not workspace.crosswalk.is_dir():
        return history
    return named(history, Kinship(load_crosswalk(workspace.crosswalk)).of)
