"""Lets several processes decide at once: `python -m tests.gate.races ROUNDS` prints what each was told."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.flow.record.integrity import verify_record
from pipeline.flow.record.record_files import RecordFiles
from pipeline.review.proposals import proposal_store
from pipeline.review.proposals.proposal_store import Reviews
from tests.example import ROOT, Example, copy_record
from tests.gate.workspace import SAY, GateWorkspace, make_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence


NAME: Final = ("2e9ff877-fd2c-4ce7-b631-7ca1bdb6d13e", "--source", "artificial-analysis")
"""A name of the sample's second week that nobody judged."""
PROPOSAL_WAITS: Final = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What one process was told."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str


def at_once(gate: GateWorkspace, commands: Sequence[tuple[str, ...]]) -> list[Told]:
    """Run each command in a process of its own; all begin when the last one is ready."""
    start, go = os.pipe()
    children = []
    for words in commands:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            code = 99
            try:
                os.close(go)
                os.read(start, 1)  # ends for all of them at once, when the parent closes its end
                answer = gate(*words)
                os.write(writer, json.dumps([answer.code, answer.out[-8000:], answer.err[-8000:]]).encode())
                code = 0
            finally:
                os._exit(code)
        os.close(writer)
        children.append((words, child, reader))
    os.close(go)
    os.close(start)
    told = []
    for words, child, reader in children:
        with os.fdopen(reader, "rb") as file:
            code, out, err = json.loads(file.read())
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        told.append(Told(words, code, out, err))
    return told


def race_approvers(gate: GateWorkspace, mark: str, count: int = 6) -> list[str]:
    """Let several people approve one proposal at once; return what is wrong with what they were told."""
    filed = gate.propose(mark=mark)
    digest, names = filed.proposal.pool_sha256[:16], [f"Person {number}" for number in range(count)]
    told = at_once(gate, [("approve", digest, "--reviewer", name, "--note", "Read it.") for name in names])
    decided = proposal_store.read_proposal(filed.folder).decision
    wrong = [] if decided is not None else ["nobody's decision is on file"]
    for one, name in zip(told, names, strict=True):
        mine = decided is not None and decided.reviewer == name
        if mine is not (one.code == 0):
            wrong.append(f"{name} was told {one.code} {one.out}{one.err}")
        if one.code not in {0, 30}:
            wrong.append(f"{name} ended with {one.code}: {one.err}")
    verify_record(RecordFiles(gate.place))
    return wrong


def race_publishers(gate: GateWorkspace) -> list[str]:
    """Let two people publish what is approved at once; return what is wrong with what they were told."""
    before = gate.published()
    told = at_once(gate, [("publish",), ("publish",)])
    codes = sorted(one.code for one in told)
    wrong = [] if codes == [0, 30] else [f"{one.code} {one.out}{one.err}" for one in told]
    if gate.published() != before + 1:
        wrong.append(f"v{gate.published()} is in force")
    refused = [one for one in told if one.code == 30 and "is already published" not in one.err]
    return [*wrong, *(one.err for one in refused)]


def race_mapping_beside_run(shipped: GateWorkspace, folder: Path) -> list[str]:
    """Let one person map a name while the week is run; return what is wrong with what they were told.

    Args:
        shipped: A workspace that has run a week.
        folder: Where a copy of it is made.
    """
    shutil.copytree(shipped.folder, folder)
    gate, file = GateWorkspace(folder, shipped.template), folder / "data/crosswalk/judgements.csv"
    before = file.read_bytes()
    mapping = ("crosswalk", "map", *NAME, "--not-routed", *SAY)
    run = ("run", "--captures", str(ROOT / "data/sample/2026-W33"), "--week", "2026-W33")
    mapped, ran = at_once(gate, [mapping, run])
    body, filed = file.read_bytes(), Reviews(gate.place.reviews).pending
    wrong = [] if mapped.code == 0 and body.startswith(before) and len(body) > len(before) else [mapped.err]
    if ran.code != PROPOSAL_WAITS or filed is None:
        return [*wrong, f"the run ended with {ran.code}: {ran.err}"]
    used = {line.name: line.sha256 for line in filed.proposal.inputs}["crosswalk"]
    kept = folder / f"reviews/used/crosswalk-{used}.gz"
    verify_record(RecordFiles(gate.place))
    return wrong if kept.exists() else [*wrong, "the crosswalk that the run used is not kept"]


def main() -> int:
    """Race approvers, then publishers, then a mapping and a run, so many times; print what was wrong."""
    rounds, wrong = int(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as folder:
        gate = make_workspace(Path(folder) / "gate")
        copy_record(Path(folder) / "shipped")
        shipped = GateWorkspace(Path(folder) / "shipped", gate.template)
        assert Example(shipped.folder).run().code == PROPOSAL_WAITS
        for number in range(rounds):
            found = [*race_approvers(gate, f"round {number}"), *race_publishers(gate)]
            found += race_mapping_beside_run(shipped, Path(folder) / str(number))
            shutil.rmtree(Path(folder) / str(number))
            wrong += len(found)
            for one in found:
                sys.stdout.write(f"round {number}: {one}\n")
    sys.stdout.write(
        f"{rounds} rounds of six approvers, two publishers, a mapping beside a run; wrong words: {wrong}\n"
    )
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
