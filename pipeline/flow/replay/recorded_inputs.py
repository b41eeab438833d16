"""Reads a recorded run's answers and checks that its inputs are still there; the first difference is named.

In the order of use: captures, what people had written, their acceptances, the pool in force, the decisions,
the earlier runs, imported answers.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from pipeline.domain.calendar import read_moment
from pipeline.domain.document import sha256_hex
from pipeline.domain.observation import CLOCK, HELD, HELD_NEWER, NOT_ASKED, Capture, Finding
from pipeline.domain.proposal import ChainLink, Decision, Heartbeat, Proposal
from pipeline.domain.run_inputs import CAPTURED, InputKind, find_input, inputs_by_source, inputs_of
from pipeline.errors import PipelineError, RefusedError, SourceHeldError
from pipeline.flow.record.config_snapshots import WRITTEN, bytes_then, digests_of
from pipeline.flow.replay.past_workspace import PastRecord
from pipeline.publish.versions import PublishedVersion, versions
from pipeline.review.decisions.acceptances import Acceptance, acceptances
from pipeline.review.decisions.chain import DecisionChain
from pipeline.review.proposals import config_snapshots, documents
from pipeline.review.proposals.finding_lines import read_finding
from pipeline.review.proposals.proposal_store import Reviews
from pipeline.sources.price_lists.genai_prices import installed_table_bytes
from pipeline.sources.registry import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.domain.ids import SourceName
    from pipeline.domain.proposal import FindingLine
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.flow.record.capture_index import CaptureIndex
    from pipeline.workspace import Workspace


_SHOWN = 12


class DiffersError(RefusedError):
    """An input of a run is not what it was."""

    def __init__(self, name: str, message: str, *, hint: str) -> None:
        """Name the input as the run recorded it."""
        super().__init__(message, hint=hint)
        self.name = name


def check_recorded_inputs(
    run: Proposal | Heartbeat, workspace: Workspace, capture_index: CaptureIndex
) -> PastRecord:
    """Check that everything the run read is still there.

    Raises:
        DiffersError: An input is gone or is not what it was; the first one, in the order of use.
    """
    for kind in CAPTURED:
        for line in inputs_of(run.inputs, kind):
            capture_of(line, capture_index)
    digests = digests_of(run.inputs)
    written = {name: _written_bytes(name, digests.get(name, ""), workspace) for name in WRITTEN}
    acceptances = tuple(
        _acceptance(line, workspace.reviews) for line in inputs_of(run.inputs, InputKind.ACCEPTED)
    )
    published = _published_versions(run, workspace)
    decided = _decided_folders(run, published, workspace.reviews)
    runs: dict[Path, tuple[str, ...]] = dict.fromkeys(_earlier_runs(run, workspace.reviews), ())
    for file in decided:
        runs[file.parent] = (*runs.get(file.parent, ()), file.name)
    usage = tuple(_usage(line, workspace) for line in inputs_of(run.inputs, InputKind.USAGE))
    return PastRecord(written=written, runs=runs, acceptances=acceptances, published=published, usage=usage)


def capture_of(line: InputDigest, capture_index: CaptureIndex) -> Capture:
    """Return one capture as the run recorded it; the installed price table is written out again if need be.

    Raises:
        DiffersError: The bytes are not here, or are not those that were captured.
    """
    source = line.source
    if damage := capture_index.damage(source, line.sha256):
        raise DiffersError(line.name, f"{line.name}: {damage}", hint=damage.hint)
    if found := capture_index.recorded_captures(source, [line]):
        return found[0]
    moment = read_moment(line.fetched_at) if line.fetched_at else None
    table = installed_table_bytes(line.detail, moment) if moment else None
    if moment and table is not None and sha256_hex(table) == line.sha256:
        return Capture(source=source, url=line.detail, fetched_at=moment, status=200, body=table)
    raise _lost_capture_error(line, source, capture_index)


def _lost_capture_error(line: InputDigest, source: SourceName, capture_index: CaptureIndex) -> DiffersError:
    file = next(
        (
            f"{sidecar.week}/{sidecar.sha256}.gz"
            for sidecar in capture_index.sidecars()
            if sidecar.sha256 == line.sha256
        ),
        f"WEEK/{line.sha256}.gz (and its sidecar from git)",
    )
    pruned = capture_index.pruned_at(source, line.sha256)
    why = "is not on this machine" if pruned is None else f"was removed by `modelpool prune` at {pruned}"
    package = line.detail.removeprefix("package:")
    other = "" if package == line.detail else f" Or `pip install {package}`, which writes it again."
    return DiffersError(
        line.name,
        f"{line.name} {why}: {line.sha256}, {line.detail}, fetched {line.fetched_at}",
        hint=f"Put data/raw/{source}/{file} back from where it ran, or from a backup.{other}",
    )


def _written_bytes(name: str, digest: str, workspace: Workspace) -> bytes:
    try:
        found = bytes_then(workspace, name, digest)
    except PipelineError as error:
        raise DiffersError(name, f"{name}: {error}", hint=error.hint) from None
    if found is None:
        kept = config_snapshots.place_of(workspace.reviews, name, digest)
        raise DiffersError(
            name,
            f"{name} as the run used it ({digest[:_SHOWN]}) is neither kept nor what is written now",
            hint=f"Restore it: `git checkout -- {shlex.quote(str(kept))}`.",
        )
    return found


def _acceptance(line: InputDigest, reviews: Path) -> Acceptance:
    try:
        by_digest: dict[str, Acceptance] = {
            sha256_hex(documents.document_bytes(acceptance)): acceptance
            for acceptance in acceptances(reviews)
        }
    except RefusedError as error:
        raise DiffersError(line.name, f"{line.name}: {error}", hint=error.hint) from None
    if line.sha256 not in by_digest:
        raise DiffersError(
            line.name,
            f"{line.name} is not on record as it was: {line.detail} ({line.sha256[:_SHOWN]})",
            hint=f"Restore it: `git checkout -- {shlex.quote(line.detail)}`.",
        )
    return by_digest[line.sha256]


def _usage(line: InputDigest, workspace: Workspace) -> Path:
    file = workspace.root / line.detail
    if not file.exists():
        raise DiffersError(
            line.name,
            f"{line.name} is not on this machine: {line.detail}",
            hint="Put it back from where the run was made, or from a backup: it is not in git.",
        )
    return file


def _published_versions(run: Proposal | Heartbeat, workspace: Workspace) -> tuple[PublishedVersion, ...]:
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


def _decided_folders(
    run: Proposal | Heartbeat, published: tuple[PublishedVersion, ...], reviews: Path
) -> list[Path]:
    """Follow the chain of decisions back from the last one that was filed when the run was made."""
    chain: dict[str, tuple[Path, ChainLink]] = {
        digest: (file, decision) for file, decision, digest in DecisionChain.below(reviews).links
    }
    if isinstance(run, Proposal):
        head = run.pool.audit_head
    elif answers := find_input(run.inputs, InputKind.ANSWERS):
        head = answers.sha256
    else:
        last = published[-1].sha256 if published else None
        approvals = {digest: one for digest, (_, one) in chain.items() if isinstance(one, Decision)}
        head = next((digest for digest, one in approvals.items() if one.pool_sha256 == last), None)
    files: list[Path] = []
    while head is not None:
        if head not in chain:
            raise DiffersError(
                "decision",
                f"the decision {head[:_SHOWN]} that the run followed is not on record",
                hint=f"Restore it: `git log --stat -- {shlex.quote(str(reviews))}` shows which decision.json "
                "changed.",
            )
        file, decision = chain[head]
        files.append(file)
        head = decision.previous
    return files


def _earlier_runs(run: Proposal | Heartbeat, reviews: Path) -> list[Path]:
    """Follow the runs back, each naming the last one of an earlier week; with all attempts up to it."""
    folders = [reviews / documents.folder_name(run.week, attempt) for attempt in range(1, run.attempt)]
    line = find_input(run.inputs, InputKind.EARLIER)
    while line is not None:
        folder = reviews / line.detail
        week, attempt = documents.place_of(folder)
        try:
            document, digest = Reviews(folder.parent).run_in(folder)
        except RefusedError as error:
            raise DiffersError("earlier", f"earlier: {error}", hint=error.hint) from None
        if digest != line.sha256 or not attempt:
            raise DiffersError(
                "earlier",
                f"the earlier run {line.detail} is not what it was: {digest[:_SHOWN]}, "
                f"not {line.sha256[:_SHOWN]}",
                hint=f"Restore it: `git checkout -- {shlex.quote(str(folder))}`.",
            )
        folders.extend(reviews / documents.folder_name(week, each) for each in range(1, attempt + 1))
        line = find_input(document.inputs, InputKind.EARLIER)
    return folders


_LONGEST: Final = 60
_NOTHING: Final = "nothing"


def first_difference(then: JsonValue, now: JsonValue, where: str = "$") -> str | None:
    """Say where two JSON values first differ, in the order of sorted keys, and what stands there.

    Returns:
        E.g. `$.seed: 1, now 2`; None where they are the same.
    """
    for inner, left, right in _pairs(then, now, where):
        if found := first_difference(left, right, inner):
            return found
    if _compare_plain(then, now):
        return None
    return f"{where}: {_show(then)}, now {_show(now)}"


def _pairs(then: JsonValue, now: JsonValue, where: str) -> list[tuple[str, JsonValue, JsonValue]]:
    if isinstance(then, dict) and isinstance(now, dict):
        keys = sorted(then.keys() | now.keys())
        return [(f"{where}.{key}", then.get(key, _NOTHING), now.get(key, _NOTHING)) for key in keys]
    if isinstance(then, list) and isinstance(now, list):
        pairs = zip(then, now, strict=False)
        return [(f"{where}[{place}]", left, right) for place, (left, right) in enumerate(pairs)]
    return []


def _compare_plain(then: JsonValue, now: JsonValue) -> bool:
    """Compare what has no parts; of lists that agree as far as both go, the length."""
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now)
    return (isinstance(then, dict) and isinstance(now, dict)) or (type(then), then) == (type(now), now)


def _show(value: JsonValue) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def recorded_captures(
    run: Proposal | Heartbeat, capture_index: CaptureIndex
) -> dict[SourceName, tuple[Capture, ...] | SourceHeldError]:
    """Return what each source answered: its bytes, or why there were none; sources not asked are absent."""
    used, held = (inputs_by_source(run.inputs, kind) for kind in (InputKind.CAPTURE, InputKind.HELD))
    answers: dict[SourceName, tuple[Capture, ...] | SourceHeldError] = {}
    for source in SOURCES:
        failed = _failure(source, run.findings)
        lines = held.get(source, ()) or (() if failed else used.get(source, ()))
        asked = not any((finding.kind, finding.subject) == (NOT_ASKED, source) for finding in run.findings)
        if lines and asked:
            answers[source] = tuple(capture_of(line, capture_index) for line in lines)
        elif failed:
            answers[source] = failed
    return answers


def noticed_while_asking(run: Proposal | Heartbeat) -> tuple[Finding, ...]:
    """Return the findings of a run that its captures alone do not give again."""
    return tuple(read_finding(finding) for finding in run.findings if finding.kind == CLOCK)


def _failure(source: SourceName, findings: tuple[FindingLine, ...]) -> SourceHeldError | None:
    """Return why a source was held, as the run recorded it: an answer that never came has no bytes."""
    held = (line for line in findings if line.kind in {HELD, HELD_NEWER} and line.subject == source)
    found = next(held, None)
    return SourceHeldError(source, read_finding(found).reason, hint="") if found else None
