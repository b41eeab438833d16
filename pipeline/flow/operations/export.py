"""Writes the pool in force in the format of a router or gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import RefusedError, UsageError
from pipeline.flow.record.integrity import refuse_missing_versions
from pipeline.flow.record.record_files import RecordFiles
from pipeline.router.verify import verify

if TYPE_CHECKING:
    from pipeline.exporters.exporter import Exporter
    from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTarget:
    """What can be written."""

    target: str
    title: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """The pool in force in the format of a target."""

    target: str
    version: int
    text: str
    file: str
    """The name under which an operator keeps the text."""
    config: str | None
    """The configuration an operator starts from, where the target needs one beside the text."""
    required_env: tuple[str, ...]
    deployments: int
    """How many members the text holds, e.g. what `litellm --validate_config` must count."""
    left_out: tuple[str, ...]
    """Members that have no route for this target."""
    inexpressible: tuple[str, ...]
    """What else of this pool the target's format cannot hold."""


def export_targets() -> tuple[ExportTarget, ...]:
    """List the targets."""
    from pipeline.exporters.registry import EXPORTERS

    return tuple(
        ExportTarget(target=exporter.target, title=exporter.title, file=exporter.file)
        for exporter in EXPORTERS
    )


def export_pool(workspace: Workspace, target: str) -> ExportResult:
    """Write the verified pool in force for a target, and read it back as the target does.

    Raises:
        UsageError: There is no such target.
        RefusedError: No pool is in force, it does not verify, or the target would lose a tier of it.
    """
    from pipeline.exporters.exporter import left_out, routed_members

    exporter = _exporter(target)
    refuse_missing_versions(RecordFiles(workspace))
    view = verify(workspace.pools, minimum_version=0, today=None).pool
    text = exporter.render(view)
    if problems := exporter.validate(text, view):
        raise RefusedError(
            f"what was written for {target} is not what the pool holds: {problems[0]}",
            hint="This is a bug of the exporter; keep the file you have, and report the line above.",
        )
    return ExportResult(
        target=target,
        version=view.version,
        text=text,
        file=exporter.file,
        config=exporter.config(view) if exporter.config else None,
        required_env=exporter.required_env(view),
        deployments=sum(map(len, routed_members(view, exporter.route, exporter.obstacle).values())),
        left_out=left_out(view, exporter.route, exporter.obstacle),
        inexpressible=exporter.inexpressible(view),
    )


def _exporter(target: str) -> Exporter:
    from pipeline.exporters.registry import EXPORTERS

    known = {exporter.target: exporter for exporter in EXPORTERS}
    if target not in known:
        raise UsageError(
            f"there is no export target {target!r}",
            hint=f"Name one of {', '.join(known)}: `modelpool export`.",
        )
    return known[target]
