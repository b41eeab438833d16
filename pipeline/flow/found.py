"""What a recorded run found, found again input by input; the first that differs is named.

In the order of use: captures, what people had written, their acceptances, the pool in force, the decisions,
the earlier runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.canonical import sha256_hex
from pipeline.domain.names import SourceName
from pipeline.domain.observation import Capture
from pipeline.domain.proposal import Proposal
from pipeline.errors import PipelineError, RefusedError
from pipeline.flow.stood import Past
from pipeline.flow.written import WRITTEN, bytes_then, digests_of
from pipeline.publish.shelf import versions
from pipeline.review import folder as filing
from pipeline.review import shelf, used
from pipeline.review.accept import accepted
from pipeline.review.decide import decisions
from pipeline.review.moments import read_moment
from pipeline.sources.genai_prices import rewritten

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.proposal import Decision, Heartbeat, InputDigest
    from pipeline.flow.archive import Archive
    from pipeline.publish.shelf import Published
    from pipeline.review.accept import Acceptance
    from pipeline.workspace import Workspace

_SHOWN = 12
_CAPTURED = ("capture", "approved", "held")


class DiffersError(RefusedError):
    """An input of a run is not what it was."""

    def __init__(self, name: str, message: str, *, hint: str) -> None:
        """Name the input as the run recorded it."""
        super().__init__(message, hint=hint)
        self.name = name


def find_again(run: Proposal | Heartbeat, workspace: Workspace, archive: Archive) -> Past:
    """Find everything a run found.

    Raises:
        DiffersError: An input is gone or is not what it was; the first one, in the order of use.
    """
    for word in _CAPTURED:
        for line in run.inputs:
            if line.name.startswith(f"{word}:"):
                capture_of(line, archive)
    digests = digests_of(run.inputs)
    written = {name: _written(name, digests.get(name, ""), workspace) for name in WRITTEN}
    acceptances = tuple(
        _acceptance(line, workspace.reviews) for line in run.inputs if line.name.startswith("accepted:")
    )
    published = _published(run, workspace)
    decided = _decided(run, published, workspace.reviews)
    runs = dict.fromkeys(_before(run, workspace.reviews), False) | dict.fromkeys(decided, True)
    return Past(written=written, runs=runs, acceptances=acceptances, published=published)


def capture_of(line: InputDigest, archive: Archive) -> Capture:
    """Return one capture as the run recorded it; the installed price table is written out again if need be.

    Raises:
        DiffersError: The bytes are not here, or are not those that were captured.
    """
    source = SourceName(line.name.split(":")[1])
    try:
        found = archive.again(source, [line])
    except RefusedError as error:
        raise DiffersError(line.name, f"{line.name}: {error}", hint=error.hint) from None
    if found:
        return found[0]
    moment = read_moment(line.fetched_at) if line.fetched_at else None
    table = rewritten(line.detail, moment) if moment else None
    if moment and table is not None and sha256_hex(table) == line.sha256:
        return Capture(source=source, url=line.detail, fetched_at=moment, status=200, body=table)
    raise _lost(line, source, archive)


def _lost(line: InputDigest, source: SourceName, archive: Archive) -> DiffersError:
    file = next(
        (f"{car.week}/{car.sha256}.gz" for car in archive.sidecars() if car.sha256 == line.sha256),
        f"WEEK/{line.sha256}.gz (and its sidecar from git)",
    )
    package = line.detail.removeprefix("package:")
    other = "" if package == line.detail else f" Or `pip install {package}`, which writes it again."
    return DiffersError(
        line.name,
        f"{line.name} is not on this machine: {line.sha256}, {line.detail}, fetched {line.fetched_at}",
        hint=f"Put data/raw/{source}/{file} back from where it ran, or from a backup.{other}",
    )


def _written(name: str, digest: str, workspace: Workspace) -> bytes:
    try:
        found = bytes_then(workspace, name, digest)
    except PipelineError as error:
        raise DiffersError(name, f"{name}: {error}", hint=error.hint) from None
    if found is None:
        raise DiffersError(
            name,
            f"{name} as the run used it ({digest[:_SHOWN]}) is neither kept nor what is written now",
            hint=f"Restore it: `git checkout -- {used.place_of(workspace.reviews, name, digest)}`.",
        )
    return found


def _acceptance(line: InputDigest, reviews: Path) -> Acceptance:
    try:
        by_digest: dict[str, Acceptance] = {
            sha256_hex(shelf.document_bytes(one)): one for one in accepted(reviews)
        }
    except RefusedError as error:
        raise DiffersError(line.name, f"{line.name}: {error}", hint=error.hint) from None
    if line.sha256 not in by_digest:
        raise DiffersError(
            line.name,
            f"{line.name} is not on record as it was: {line.detail} ({line.sha256[:_SHOWN]})",
            hint=f"Restore it: `git checkout -- {line.detail}`.",
        )
    return by_digest[line.sha256]


def _published(run: Proposal | Heartbeat, workspace: Workspace) -> tuple[Published, ...]:
    if isinstance(run, Proposal):
        version = run.pool.base.version if run.pool.base else 0
        digest = run.pool.base.sha256 if run.pool.base else None
    else:
        version, digest = run.base_version or 0, None
    try:
        chain = versions(workspace.pools) if version else ()
    except RefusedError as error:
        raise DiffersError("base", f"base: {error}", hint=error.hint) from None
    if len(chain) < version or (version and digest not in {None, chain[version - 1].sha256}):
        raise DiffersError(
            "base",
            f"the run started from v{version:04} ({(digest or '')[:_SHOWN]}), which is not published here",
            hint="Restore the published versions: `git checkout -- data/pools`.",
        )
    return chain[:version]


def _decided(run: Proposal | Heartbeat, published: tuple[Published, ...], reviews: Path) -> list[Path]:
    """Follow the chain of decisions back from the last one that was filed when the run was made."""
    chain: dict[str, tuple[Path, Decision]] = {
        digest: (folder, decision) for folder, decision, digest in decisions(reviews)
    }
    if isinstance(run, Proposal):
        head = run.pool.audit_head
    else:
        last = published[-1].sha256 if published else None
        head = next((digest for digest, (_, one) in chain.items() if one.pool_sha256 == last), None)
    folders: list[Path] = []
    while head is not None:
        if head not in chain:
            raise DiffersError(
                "decision",
                f"the decision {head[:_SHOWN]} that the run followed is not on record",
                hint=f"Restore it: `git log --stat -- {reviews}` shows which decision.json changed.",
            )
        folder, decision = chain[head]
        folders.append(folder)
        head = decision.previous
    return folders


def _before(run: Proposal | Heartbeat, reviews: Path) -> list[Path]:
    """Follow the runs back, each naming the last one of an earlier week; with all attempts up to it."""
    folders = [reviews / shelf.folder_name(run.week, attempt) for attempt in range(1, run.attempt)]
    line = _earlier(run)
    while line is not None:
        folder = reviews / line.detail
        week, attempt = shelf.place(folder)
        try:
            document, digest = filing.run_in(folder)
        except RefusedError as error:
            raise DiffersError("earlier", f"earlier: {error}", hint=error.hint) from None
        if digest != line.sha256 or not attempt:
            raise DiffersError(
                "earlier",
                f"the earlier run {line.detail} is not what it was: {digest[:_SHOWN]}, "
                f"not {line.sha256[:_SHOWN]}",
                hint=f"Restore it: `git checkout -- {folder}`.",
            )
        folders.extend(reviews / shelf.folder_name(week, each) for each in range(1, attempt + 1))
        line = _earlier(document)
    return folders


def _earlier(run: Proposal | Heartbeat) -> InputDigest | None:
    return next((line for line in run.inputs if line.name == "earlier"), None)
