"""Guards of the gate, each taken away by a patch, so that a walk shows that it would miss it.

`python -m tests.gate.seeded_bugs 200` walks up to so many sequences with each, and prints how many of them it
took to find it; words after the number select guards by their names.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final
from unittest import mock

import pytest
from hypothesis import Verbosity

from pipeline import atomic_files, workspace_lock
from pipeline.flow.approval import approve, publish, stale_proposal
from pipeline.flow.record import database, integrity
from pipeline.flow.run import clock
from pipeline.publish import release
from pipeline.review.decisions import chain, decisions
from pipeline.review.proposals import proposal_store
from pipeline.store import comparison
from tests.gate.state_machine import walk
from tests.gate.walker import DONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Seed = Callable[[pytest.MonkeyPatch], None]


def _pass(*_: object, **__: object) -> None:
    """Let everything through."""


def _says_nothing(*_: object, **__: object) -> str:
    return ""


def _written_in_place(target: Path, body: bytes) -> None:
    """Write as if nobody could be killed meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb", buffering=0) as file:
        file.write(body[: len(body) // 2])
        os.fsync(file.fileno())
        file.write(body[len(body) // 2 :])


def _replace(place: object, name: str, value: object) -> Seed:
    return lambda patch: patch.setattr(place, name, value)


_APPROVED: Final = property(lambda self: self.decision is not None and self.decision.verdict == "approved")

SEEDED: Final[dict[str, Seed]] = {
    "any digest is consent": _replace(decisions, "check_consent", _pass),
    "a reviewer needs no name": _replace(decisions, "check_reviewer_text", _pass),
    "a decision before its proposal": _replace(decisions, "check_moment", _pass),
    "a decision after another one": _replace(decisions, "check_follows", _pass),
    "a policy that changed": _replace(stale_proposal, "_policy_moved", _says_nothing),
    "expectations that changed": _replace(stale_proposal, "_expectations_moved", _says_nothing),
    "a crosswalk line that changed": _replace(stale_proposal, "_crosswalk_moved", _says_nothing),
    "another base": _replace(stale_proposal, "_base_moved", _says_nothing),
    "a week in the future": _replace(stale_proposal, "week_of", lambda _: "9999-W52"),
    "stale at publication": _replace(publish, "refuse_if_stale", _pass),
    "a withdrawal": _replace(chain.DecidedAttempt, "is_approved", _APPROVED),
    "a rejection after the approval": _replace(publish, "_refuse_if_withdrawn", _pass),
    "an expired pool": _replace(publish, "_refuse_if_expired", _pass),
    "published twice": _replace(release, "_require_next", _pass),
    "bytes that no run wrote": _replace(database.DatabaseMirror, "refuse_if_edited", _pass),
    "a pool without its digest": _replace(proposal_store, "document_digest", lambda _: mock.ANY),
    "judgements that a kill kept back": _replace(approve, "write_accepted_names", lambda _: ()),
    "a run before the last one": _replace(clock, "refuse_clock_behind", _pass),
    "two writers": _replace(workspace_lock, "hold_lock", lambda *_: nullcontext()),
    "a file that is written in place": _replace(atomic_files, "create_file", _written_in_place),
    "a publication that was cut off": _replace(integrity, "_refuse_later_files", _pass),
    "an edited proposal, when asked": _replace(comparison, "_edited_proposal", lambda *_: None),
}
"""What each patch lets through."""


def sequences_until_found(seed: Seed, at_most: int) -> int | None:
    """Return how many sequences a walk needs to fail once a guard is gone; None where so many do not fail."""
    DONE["sequences"] = 0
    with pytest.MonkeyPatch.context() as patch:
        seed(patch)
        try:
            walk(at_most, derandomize=True, verbosity=Verbosity.quiet)
        except Exception:  # noqa: BLE001 - whatever a step found wrong
            return DONE["sequences"] - 1  # Hypothesis repeats the one that failed
        return None


def main() -> int:
    """Take each guard away and print whether the walk found it."""
    at_most, words, missed = int(sys.argv[1]), sys.argv[2:], 0
    chosen = {name: seed for name, seed in SEEDED.items() if all(word in name for word in words)}
    for name, seed in chosen.items():
        begun = time.process_time()
        found = sequences_until_found(seed, at_most)
        missed += found is None
        told = f"found after {found:3}" if found is not None else f"MISSED in {at_most:5}"
        sys.stdout.write(f"{told} sequences  {time.process_time() - begun:6.1f} s  {name}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} guards taken away; missed: {missed}\n")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
