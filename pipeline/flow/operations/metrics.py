"""Writes what a monitor watches as a textfile for Prometheus's node exporter.

Ages are left to the monitor: the file says when something happened, so that a file that nobody writes any
more shows as an age that grows. Every line bears the workspace, because a machine may have several.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline import atomic_files
from pipeline.domain.calendar import read_moment
from pipeline.domain.ids import SourceName
from pipeline.domain.proposal import Proposal
from pipeline.domain.run_inputs import InputKind, inputs_by_source
from pipeline.flow.approval.stale_proposal import waits_to_be_published
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.record.run_log import read_run_log
from pipeline.flow.record.source_status import ABOUT_HOLDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.domain.proposal import Heartbeat
    from pipeline.publish.versions import PublishedVersion
    from pipeline.workspace import Workspace

ALERT_RULES: Final = Path(__file__).with_name("alert_rules.yml")
"""Rules for Prometheus about these metrics."""
_SAID: Final[Mapping[str, str]] = {
    "modelpool_pool_version": "Version of the pool in force; 0 before the first publication.",
    "modelpool_pool_made_timestamp_seconds": "When the pool in force was made.",
    "modelpool_pool_expires_timestamp_seconds": "From when on routers raise an alarm about it.",
    "modelpool_source_fetched_timestamp_seconds": "When the data that the last run used was fetched.",
    "modelpool_source_held": "1 where the last run held what the source said.",
    "modelpool_open_names": "Names that nobody has judged, in the last proposal.",
    "modelpool_proposal_made_timestamp_seconds": "When what waits for a person was made.",
    "modelpool_run_filed_timestamp_seconds": "When the last run filed a proposal or a heartbeat.",
    "modelpool_run_ended_timestamp_seconds": "When the last run on this machine ended, well or not.",
    "modelpool_run_exit_code": "Its exit code.",
    "modelpool_run_duration_seconds": "How long it took.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    metric: str
    value: int
    labels: tuple[tuple[str, str], ...] = ()


def write_metrics(workspace: Workspace, file: Path) -> None:
    """Replace the textfile, whole or not at all.

    Raises:
        RefusedError: A file of record is damaged.
        OSError: The disk refused; the file is as it was.
    """
    atomic_files.replace_file(file, metrics_text(workspace).encode())


def metrics_text(workspace: Workspace) -> str:
    """Say the state of a workspace in the text format of Prometheus.

    Raises:
        RefusedError: A file of record is damaged.
    """
    name = workspace.root.resolve().name
    samples: dict[str, list[_Sample]] = {metric: [] for metric in _SAID}
    for sample in _samples(workspace):
        samples[sample.metric].append(sample)
    lines: list[str] = []
    for metric, found in samples.items():
        if found:
            lines += [f"# HELP {metric} {_SAID[metric]}", f"# TYPE {metric} gauge"]
            lines += [_line(one, name) for one in found]
    return "".join(f"{line}\n" for line in lines)


def _samples(workspace: Workspace) -> Iterator[_Sample]:
    record = RecordFiles(workspace)
    yield from _pool(record.in_force)
    if record.reviews.runs:
        yield from _last_run(record.reviews.runs)
    for state, waiting in (
        ("pending", record.reviews.pending),
        ("approved", waits_to_be_published(record)),
    ):
        if waiting is not None:
            made = _seconds(read_moment(waiting.proposal.as_of))
            yield _Sample(
                metric="modelpool_proposal_made_timestamp_seconds", value=made, labels=(("state", state),)
            )
    yield from _log(workspace)


def _pool(published: PublishedVersion | None) -> Iterator[_Sample]:
    yield _Sample(metric="modelpool_pool_version", value=published.version if published else 0)
    if published is not None:
        made = read_moment(published.pool.as_of)
        expires = date.fromisoformat(published.pool.expires_on)
        ends = datetime(expires.year, expires.month, expires.day, tzinfo=UTC)
        yield _Sample(metric="modelpool_pool_made_timestamp_seconds", value=_seconds(made))
        yield _Sample(metric="modelpool_pool_expires_timestamp_seconds", value=_seconds(ends))


def _last_run(runs: Sequence[Proposal | Heartbeat]) -> Iterator[_Sample]:
    last = max(runs, key=lambda run: run.as_of)
    filed = _seconds(read_moment(last.as_of))
    yield _Sample(metric="modelpool_run_filed_timestamp_seconds", value=filed)
    held = {line.subject for line in last.findings if line.kind in ABOUT_HOLDING}
    used = inputs_by_source(last.inputs, InputKind.CAPTURE)
    for source in sorted({*used, *held}):
        lines = used.get(SourceName(source), ())
        label = (("source", str(source)),)
        yield _Sample(metric="modelpool_source_held", value=int(source in held), labels=label)
        moments = [line.fetched_at for line in lines if line.fetched_at]
        if moments:
            fetched = _seconds(read_moment(max(moments)))
            yield _Sample(metric="modelpool_source_fetched_timestamp_seconds", value=fetched, labels=label)
    proposals = [run for run in runs if isinstance(run, Proposal)]
    if proposals:
        yield _Sample(metric="modelpool_open_names", value=proposals[-1].coverage.open)


def _log(workspace: Workspace) -> Iterator[_Sample]:
    last = read_run_log(workspace.log).last
    if last is None:
        return
    ended = _seconds(read_moment(last.at))
    yield _Sample(metric="modelpool_run_ended_timestamp_seconds", value=ended)
    yield _Sample(metric="modelpool_run_exit_code", value=last.exit_code)
    if last.seconds is not None:
        yield _Sample(metric="modelpool_run_duration_seconds", value=last.seconds)


def _line(sample: _Sample, workspace: str) -> str:
    labels = (("workspace", workspace), *sample.labels)
    written = ",".join(f'{name}="{_escape(value)}"' for name, value in labels)
    return f"{sample.metric}{{{written}}} {sample.value}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
