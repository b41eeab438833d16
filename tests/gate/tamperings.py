"""What somebody who can write to the files of a workspace, or to its database, may do to the record.

The record is of six proposals: `2026-W33` is v0001, `2026-W34` was rejected, `2026-W34.2` is v0002, the
approvals of `2026-W35` and of `2026-W35.2` were withdrawn, and `2026-W36` waits.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pipeline.domain.document import canonical_json, sha256_hex
from pipeline.publish.versions import pointer_bytes
from pipeline.review.proposals.proposal_store import read_proposal
from tests.databases import changed_rows, remove_database
from tests.gate.workspace import (
    NOON,
    SAY,
    GateWorkspace,
    edit_consistently,
    make_small_workspace,
    small_template,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import JsonValue

    Tampering = Callable[[Path], None]

WEEK: Final = timedelta(weeks=1)
LAST: Final = NOON + 3 * WEEK + timedelta(hours=1)
OTHER: Final = "5" * 64
V1: Final = "data/pools/v0001.json"
V2: Final = "data/pools/v0002.json"
V3: Final = "data/pools/v0003.json"
POINTER: Final = "data/pools/latest.json"
FIRST: Final = "reviews/2026-W33"
REJECTED: Final = "reviews/2026-W34"
SECOND: Final = "reviews/2026-W34.2"
TAKEN_BACK: Final = "reviews/2026-W35"
NEWEST: Final = "reviews/2026-W35.2"
PENDING: Final = "reviews/2026-W36"


def recorded_workspace(folder: Path, mark: str = "") -> GateWorkspace:
    """Make the record that is tampered with, in files and in the database; `mark` makes other pools."""
    gate = make_small_workspace(folder)
    gate.record()

    def decide(command: str, weeks: int, *after: str) -> None:
        at = NOON + weeks * WEEK + timedelta(minutes=len(list(gate.place.reviews.iterdir())))
        filed = gate.propose(at, mark=f"{at} {mark}")
        gate.record()
        digest = filed.proposal.pool_sha256[:16]
        for words in ((command, digest, *SAY), *((one, digest, *SAY) for one in after)):
            said = gate(*(words[:1] if words[0] == "publish" else words), at=at)
            assert said.code == 0, said.err

    decide("approve", 0, "publish")
    decide("reject", 1)
    decide("approve", 1, "publish")
    decide("approve", 2, "withdraw")
    decide("approve", 2, "withdraw")
    gate.propose(NOON + 3 * WEEK, mark=f"pending {mark}")
    gate.record()
    return gate


def _written(file: Path, document: JsonValue) -> None:
    file.write_bytes(canonical_json(document) + b"\n")


def _set(name: str, *path: str | int, to: JsonValue) -> Tampering:
    """Set one value of a document, in the form in which it is written."""

    def tamper(folder: Path) -> None:
        document = json.loads((folder / name).read_bytes())
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to
        _written(folder / name, document)

    return tamper


def _rewrite(name: str, change: Callable[[bytes], bytes]) -> Tampering:
    def tamper(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return tamper


def _replace(name: str, body: bytes) -> Tampering:
    return _rewrite(name, lambda _: body)


def _cut(name: str) -> Tampering:
    return _rewrite(name, lambda body: body[:-100])


def _spaced(name: str) -> Tampering:
    """Write the same document in another form."""
    return _rewrite(name, lambda body: json.dumps(json.loads(body), indent=1).encode())


def _without_database(name: str) -> Tampering:
    """Remove a file and the database, so that the log of commands alone knows of it."""

    def tamper(folder: Path) -> None:
        remove_database(folder)
        (folder / name).unlink()

    return tamper


def _remove(name: str) -> Tampering:
    return lambda folder: (folder / name).unlink()


def _remove_folder(name: str) -> Tampering:
    return lambda folder: shutil.rmtree(folder / name)


def _copy(name: str, to: str) -> Tampering:
    def tamper(folder: Path) -> None:
        shutil.copyfile(folder / name, folder / to)

    return tamper


def _rename(name: str, to: str) -> Tampering:
    def tamper(folder: Path) -> None:
        (folder / name).rename(folder / to)

    return tamper


def _swap(one: str, two: str) -> Tampering:
    def tamper(folder: Path) -> None:
        first, second = (folder / one).read_bytes(), (folder / two).read_bytes()
        (folder / one).write_bytes(second)
        (folder / two).write_bytes(first)

    return tamper


def _sql(*statements: str) -> Tampering:
    """Write to the database as somebody would who wants to: no constraint is in the way."""

    def tamper(folder: Path) -> None:
        for statement in statements:
            assert changed_rows(folder, statement) > 0, statement

    return tamper


def _consistently(name: str) -> Tampering:
    return lambda folder: edit_consistently(read_proposal(folder / name))


def _point(folder: Path, version: int) -> None:
    body = (folder / f"data/pools/v{version:04}.json").read_bytes()
    (folder / POINTER).write_bytes(pointer_bytes(version, body))


def _and_point(change: Tampering, version: int) -> Tampering:
    """Let the pointer name what was changed, so that a router would load it."""

    def tamper(folder: Path) -> None:
        change(folder)
        _point(folder, version)

    return tamper


def _forged_version(folder: Path) -> None:
    """Write a version that follows the one in force and that nobody approved."""
    document = json.loads((folder / V2).read_bytes())
    pool = document["signed"]
    base: JsonValue = {"version": 2, "sha256": sha256_hex(canonical_json(pool))}
    _written(folder / V3, {**document, "signed": {**pool, "version": 3, "base": base}})


def _unpublish(folder: Path) -> None:
    """Remove the version in force, and let the pointer name the one before."""
    (folder / V2).unlink()
    _point(folder, 1)


def _price(name: str) -> Tampering:
    """Make the first member of a pool cost nothing."""

    def tamper(folder: Path) -> None:
        document = json.loads((folder / name).read_bytes())
        pool = document.get("pool") or document["signed"]
        tier = next(iter(pool["tiers"].values()))
        tier["members"][0]["price"]["input_microusd_per_mtok"] = 1
        _written(folder / name, document)

    return tamper


PROPOSALS: Final[dict[str, Tampering]] = {
    "a price of the pending pool": _price(f"{PENDING}/proposal.json"),
    "the pending pool with its digests": _consistently(PENDING),
    "how large the pending proposal is": _set(f"{PENDING}/proposal.json", "large", to=True),
    "a finding of the pending proposal": _set(
        f"{PENDING}/proposal.json",
        "findings",
        to=[{"kind": "note", "severity": "note", "subject": "x", "message": "All is well."}],
    ),
    "the moment of the pending proposal": _set(
        f"{PENDING}/proposal.json", "as_of", to="2026-08-16T12:00:00Z"
    ),
    "the seed of the pending proposal": _set(f"{PENDING}/proposal.json", "seed", to=1),
    "an input of the pending proposal": _set(f"{PENDING}/proposal.json", "inputs", 0, "sha256", to=OTHER),
    "another form of the pending proposal": _spaced(f"{PENDING}/proposal.json"),
    "the end of the pending proposal": _cut(f"{PENDING}/proposal.json"),
    "no byte of the pending proposal": _replace(f"{PENDING}/proposal.json", b""),
    "a field more in the pending proposal": _set(f"{PENDING}/proposal.json", "approved", to=True),
    "the pending proposal gone": _remove(f"{PENDING}/proposal.json"),
    "the folder of the pending proposal gone": _remove_folder(PENDING),
    "the pending proposal as another week's": _rename(PENDING, "reviews/2026-W37"),
    "a proposal in the place of another": _copy(f"{NEWEST}/proposal.json", f"{PENDING}/proposal.json"),
    "a price of the pool in force": _price(f"{SECOND}/proposal.json"),
    "a decided pool with its digests": _consistently(SECOND),
    "a rejected pool with its digests": _consistently(REJECTED),
    "a decided proposal that is gone": _remove(f"{FIRST}/proposal.json"),
    "two decided proposals exchanged": _swap(f"{FIRST}/proposal.json", f"{SECOND}/proposal.json"),
}
DECISIONS: Final[dict[str, Tampering]] = {
    "the first reviewer": _set(f"{FIRST}/decision.json", "reviewer", to="S. Omebody"),
    "the last reviewer": _set(f"{NEWEST}/decision.json", "reviewer", to="S. Omebody"),
    "the first note": _set(f"{FIRST}/decision.json", "note", to="Did not read it."),
    "the moment of the last decision": _set(
        f"{NEWEST}/decision.json", "decided_at", to="2026-08-30T00:00:00Z"
    ),
    "the moment of the first decision": _set(
        f"{FIRST}/decision.json", "decided_at", to="2026-08-29T20:00:00Z"
    ),
    "a rejection made an approval": _set(f"{REJECTED}/decision.json", "verdict", to="approved"),
    "an approval made a rejection": _set(f"{SECOND}/decision.json", "verdict", to="rejected"),
    "the pool that was approved": _set(f"{SECOND}/decision.json", "pool_sha256", to=OTHER),
    "the proposal that was approved": _set(f"{SECOND}/decision.json", "proposal_sha256", to=OTHER),
    "what a decision follows": _set(f"{SECOND}/decision.json", "previous", to=OTHER),
    "nothing that a decision follows": _set(f"{SECOND}/decision.json", "previous", to=None),
    "the week of a decision": _set(f"{SECOND}/decision.json", "week", to="2026-W33"),
    "an approval that is gone": _remove(f"{SECOND}/decision.json"),
    "a rejection that is gone": _remove(f"{REJECTED}/decision.json"),
    "the folder of a rejection that is gone": _remove_folder(REJECTED),
    "the folder of a withdrawn approval that is gone": _remove_folder(NEWEST),
    "two decisions exchanged": _swap(f"{FIRST}/decision.json", f"{SECOND}/decision.json"),
    "another form of a decision": _spaced(f"{FIRST}/decision.json"),
    "the end of a decision": _cut(f"{FIRST}/decision.json"),
    "an approval of another proposal": _copy(f"{SECOND}/decision.json", f"{PENDING}/decision.json"),
    "all reviews gone": _remove_folder("reviews"),
    "a withdrawal that is gone": _remove(f"{TAKEN_BACK}/withdrawal.json"),
    "the last withdrawal that is gone": _remove(f"{NEWEST}/withdrawal.json"),
    "the last withdrawal that is gone, and the database": _without_database(f"{NEWEST}/withdrawal.json"),
    "who withdrew first": _set(f"{TAKEN_BACK}/withdrawal.json", "reviewer", to="S. Omebody"),
    "what was withdrawn": _set(f"{NEWEST}/withdrawal.json", "decision_sha256", to=OTHER),
    "a withdrawal of another approval": _copy(f"{NEWEST}/withdrawal.json", f"{SECOND}/withdrawal.json"),
}
VERSIONS: Final[dict[str, Tampering]] = {
    "a price of the first version": _price(V1),
    "a price of the version in force": _price(V2),
    "a price that the pointer names": _and_point(_price(V2), 2),
    "the end of validity": _and_point(_set(V2, "signed", "expires_on", to="2030-01-01"), 2),
    "the base of the version in force": _and_point(_set(V2, "signed", "base", "sha256", to=OTHER), 2),
    "the head of decisions in a version": _and_point(_set(V2, "signed", "audit_head", to=OTHER), 2),
    "a signature that nobody made": _and_point(_set(V2, "signatures", to=[{"key": "k", "sig": "s"}]), 2),
    "the first version gone": _remove(V1),
    "the version in force gone": _remove(V2),
    "one version in the place of another": _copy(V2, V1),
    "the end of a version": _cut(V1),
    "a version that nobody approved": _forged_version,
    "a version that nobody approved, in force": _and_point(_forged_version, 3),
    "the pointer moved back": lambda folder: _point(folder, 1),
    "the last publication undone": _unpublish,
    "the pointer gone": _remove(POINTER),
    "the version that the pointer names": _set(POINTER, "version", to=1),
    "the digest that the pointer names": _set(POINTER, "sha256", to=OTHER),
    "the length that the pointer names": _set(POINTER, "length", to=1),
    "the file that the pointer names": _set(POINTER, "file", to="../pools/v0002.json"),
    "the format of the pointer": _set(POINTER, "format", to=9),
    "a pointer that is none": _replace(POINTER, b"v0002.json\n"),
}
# A row that is missing about a proposal, a decision or a pool was not recorded yet: the next command adds it.
ROWS: Final[dict[str, Tampering]] = {
    "the reviewer in the database": _sql("UPDATE decision SET reviewer = 'S. Omebody'"),
    "the note in the database": _sql("UPDATE decision SET note = 'x'"),
    "the verdict in the database": _sql(
        "UPDATE decision SET verdict = 'approved' WHERE verdict = 'rejected'"
    ),
    "the pool of a proposal in the database": _sql("UPDATE proposal SET pool_sha256 = sha256"),
    "the end of validity in the database": _sql("UPDATE pool SET expires_on = '2030-01-01'"),
    "the digest of a pool in the database": _sql(
        "UPDATE pool SET sha256 = replace(sha256, substr(sha256, 1, 8), '00000000') WHERE version = 2"
    ),
    "a member in the database": _sql("UPDATE pool_member SET variant = variant || 'x'"),
    "a place in the database": _sql("UPDATE pool_member SET rank = rank + 10"),
    "a member gone from the database": _sql("DELETE FROM pool_member WHERE version = 2 AND rank = 1"),
}


def _in_a_clone(change: Tampering) -> Tampering:
    """Remove the database and the log too: files are the record, and a fresh clone has neither."""

    def tamper(folder: Path) -> None:
        remove_database(folder)
        GateWorkspace(folder).place.log.unlink(missing_ok=True)
        change(folder)

    return tamper


def _decide_for_another(folder: Path) -> None:
    """Approve what is pending in the name of somebody who was not asked."""
    gate = GateWorkspace(folder, small_template())
    filed = gate.place.reviews / "2026-W36/proposal.json"
    digest = json.loads(filed.read_bytes())["pool_sha256"][:16]
    assert gate("approve", digest, "--reviewer", "S. Omebody", "--note", "Fine.", at=LAST).code == 0


NEED_A_SIGNATURE: Final[dict[str, Tampering]] = {
    "an approval in another's name": _decide_for_another,
    "who withdrew last": _set(f"{NEWEST}/withdrawal.json", "reviewer", to="S. Omebody"),
    "the last withdrawal that is gone, in a fresh clone": _in_a_clone(_remove(f"{NEWEST}/withdrawal.json")),
    "the pending pool with its digests, in a fresh clone": _in_a_clone(_consistently(PENDING)),
    "the last publication undone, in a fresh clone": _in_a_clone(_unpublish),
}
"""What no digest shows, because whoever writes the last word can write all digests that depend on it."""
