"""Keeps what people had written when a run used it, and reads it again for a past run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import sha256_hex
from pipeline.domain.run_inputs import InputKind
from pipeline.errors import PipelineError, RefusedError
from pipeline.identity.crosswalk.csv_reader import read_csv_bytes
from pipeline.identity.crosswalk.load import crosswalk_bytes, cut_back, unpack
from pipeline.review.proposals import config_snapshots
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.domain.proposal import Heartbeat, Proposal
    from pipeline.domain.run_inputs import InputDigest
    from pipeline.flow.record.config import Config

POLICY: Final[str] = InputKind.POLICY
EXPECTATIONS: Final[str] = InputKind.EXPECTATIONS
CROSSWALK: Final[str] = InputKind.CROSSWALK
WRITTEN: Final = (POLICY, EXPECTATIONS, CROSSWALK)
"""The inputs that people write, in the order in which a replay looks at them."""


def bytes_now(workspace: Workspace, name: str) -> bytes:
    """Read what people have written now.

    Raises:
        UsageError: A file is missing or cannot be read.
    """
    if name == CROSSWALK:
        return crosswalk_bytes(workspace.crosswalk)
    return read_csv_bytes(workspace.policy if name == POLICY else workspace.expectations)


def keep_config(workspace: Workspace, rules: Config) -> None:
    """Keep the bytes behind the rules of a run, so that its week can be rebuilt whatever is edited later.

    Raises:
        RefusedError: A file was edited while the run used it.
        OSError: The disk refused; nothing is half written.
    """
    digests = {
        POLICY: rules.policy_sha256,
        EXPECTATIONS: rules.expectations_sha256,
        CROSSWALK: rules.crosswalk.sha256,
    }
    for name, digest in digests.items():
        body = bytes_now(workspace, name)
        if sha256_hex(body) != digest:
            raise RefusedError(
                f"the {name} was edited while the run used it",
                hint="Nothing was proposed; run the command again: `modelpool run`.",
            )
        config_snapshots.keep_snapshot(workspace.reviews, name, body)


def bytes_then(workspace: Workspace, name: str, sha256: str) -> bytes | None:
    """Return what people had written: kept by a run, or still the same; None where it is not here.

    Raises:
        RefusedError: What a run kept was changed since, and nothing else has the digest.
        UsageError: Nothing was kept, and the file of now is missing.
    """
    try:
        kept = config_snapshots.read_snapshot(workspace.reviews, name, sha256)
    except RefusedError:
        if (found := _still_there(workspace, name, sha256)) is not None:
            return found
        raise
    return _still_there(workspace, name, sha256) if kept is None else kept


def _still_there(workspace: Workspace, name: str, sha256: str) -> bytes | None:
    """Return what is written now if it has a digest, or had it before the latest judgements."""
    now = bytes_now(workspace, name)
    if name == CROSSWALK:
        return cut_back(now, sha256)
    return now if sha256_hex(now) == sha256 else None


def lay_out(place: Workspace, written: Mapping[str, bytes]) -> None:
    """Write what people had written into another workspace."""
    for folder in (place.policy.parent, place.crosswalk):
        folder.mkdir(parents=True, exist_ok=True)
    place.policy.write_bytes(written[POLICY])
    place.expectations.write_bytes(written[EXPECTATIONS])
    for name, body in unpack(written[CROSSWALK]).items():
        (place.crosswalk / name).write_bytes(body)


def config_from(written: Mapping[str, bytes]) -> Config:
    """Read rules from the bytes people had written.

    Raises:
        UsageError: This version of the program does not read them.
    """
    from pipeline.flow.record.config import read_config

    with TemporaryDirectory(prefix="modelpool-") as folder:
        place = Workspace(Path(folder))
        lay_out(place, written)
        return read_config(place)


def past_config(workspace: Workspace, now: Config) -> Callable[[Proposal | Heartbeat], Config]:
    """Return a function that finds the rules of a run: the recorded ones, or today's where those are lost."""
    known: dict[tuple[str, str, str], Config] = {
        (now.policy_sha256, now.expectations_sha256, now.crosswalk.sha256): now
    }

    def find(run: Proposal | Heartbeat) -> Config:
        digests = digests_of(run.inputs)
        if len(digests) < len(WRITTEN):
            return now
        wanted = (digests[POLICY], digests[EXPECTATIONS], digests[CROSSWALK])
        if wanted not in known:
            known[wanted] = _rules_or(now, workspace, digests)
        return known[wanted]

    return find


def digests_of(inputs: Sequence[InputDigest]) -> dict[str, str]:
    """Return the digests of what people had written, by name."""
    return {line.name: line.sha256 for line in inputs if line.name in WRITTEN}


def _rules_or(now: Config, workspace: Workspace, digests: Mapping[str, str]) -> Config:
    """Read the rules of a run; those of now where they are lost or of a form that is no longer read."""
    try:
        found = {name: bytes_then(workspace, name, digests[name]) for name in WRITTEN}
        written = {name: body for name, body in found.items() if body is not None}
        return config_from(written) if len(written) == len(found) else now
    except PipelineError:
        return now
