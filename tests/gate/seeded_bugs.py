"""Guards of the gate, each taken away by a patch, so that a walk shows that it would miss it.

`python -m tests.gate.seeded_bugs 200` walks up to so many sequences with each, and prints how many of them it
took to find it; words after the number select guards by their names.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unittest import mock

import pytest
from hypothesis import Verbosity

from pipeline import atomic_files, workspace_lock
from pipeline.flow.approval import approve, publish, stale_proposal
from pipeline.flow.record import database, integrity
from pipeline.flow.run import clock_checks
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

SEEDED: Final[dict[str, tuple[Seed, str]]] = {
    "any digest is consent": (
        _replace(decisions, "check_consent", _pass),
        r"\['is not the digest of the pending proposal",
    ),
    "a reviewer needs no name": (_replace(decisions, "check_reviewer_text", _pass), r"'--reviewer'"),
    "a decision before its proposal": (
        _replace(decisions, "check_moment", _pass),
        r"'but 2026-W\d\d[.\d]* was made at'",
    ),
    "a decision after another one": (
        _replace(decisions, "check_follows", _pass),
        r"'before the last decision at'|DID NOT RAISE",
    ),
    "a policy that changed": (
        _replace(stale_proposal, "_policy_moved", _says_nothing),
        r"\['the policy changed'",
    ),
    "expectations that changed": (
        _replace(stale_proposal, "_expectations_moved", _says_nothing),
        r"'the expectations changed'",
    ),
    "a crosswalk line that changed": (
        _replace(stale_proposal, "_crosswalk_moved", _says_nothing),
        r"'data/crosswalk changed'",
    ),
    "another base": (
        _replace(stale_proposal, "_base_moved", _says_nothing),
        r"'starts from v'|'was made at'",
    ),
    "a week in the future": (
        _replace(stale_proposal, "week_of", lambda _: "9999-W52"),
        r"'lies in the future'",
    ),
    "stale at publication": (
        _replace(publish, "refuse_if_stale", _pass),
        r"Published v.*'(the policy|the expectations|data/crosswalk) changed'|Published v.*'starts from v'",
    ),
    "a withdrawal": (
        _replace(chain.DecidedAttempt, "is_approved", _APPROVED),
        (
            r"was refused and judged|nobody approved|'nothing is approved'|'no approval waits'|'after it, and"
            r"|waits to be published, not"
        ),
    ),
    "a rejection after the approval": (
        _replace(publish, "_refuse_if_withdrawn", _pass),
        r"Published v.*'after it, and",
    ),
    "an expired pool": (_replace(publish, "_refuse_if_expired", _pass), r"'expired on'"),
    "published twice": (
        _replace(release, "_require_next", _pass),
        r"'is already published'|'is not approved'",
    ),
    "bytes that no run wrote": (
        _replace(database.DatabaseMirror, "refuse_if_edited", _pass),
        r"differs from what the run wrote",
    ),
    "a pool without its digest": (
        _replace(proposal_store, "document_digest", lambda _: mock.ANY),
        r"'was changed after it was written'|to name an edited file",
    ),
    "judgements that a kill kept back": (
        _replace(approve, "write_accepted_names", lambda _: ()),
        r"accepted and not judged|Approved .*'was changed after it was written'",
    ),
    "a run before the last one": (
        _replace(clock_checks, "refuse_clock_behind", _pass),
        r"'before the last run'",
    ),
    "two writers": (
        _replace(workspace_lock, "hold_lock", lambda *_: nullcontext()),
        r"did not wait for another",
    ),
    "a file that is written in place": (
        _replace(atomic_files, "create_file", _written_in_place),
        r"is not what was filed|is not what was published|JSONDecodeError|was cut off|not what",
    ),
    "a publication that was cut off": (
        _replace(integrity, "_refuse_later_files", _pass),
        r"to name a cut-off publication",
    ),
    "an edited proposal, when asked": (
        _replace(comparison, "_edited_proposal", lambda *_: None),
        r"to name an edited file",
    ),
}
"""What each patch lets through, and what the walk says of just that."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk came to without a guard."""

    sequences: int
    """How many it needed."""
    said: str
    """What the step that failed found wrong."""


def walk_without(guard: str, at_most: int) -> Found | None:
    """Walk until a step fails because a guard is gone; None where so many sequences do not fail."""
    seed, _ = SEEDED[guard]
    DONE["sequences"] = 0
    with pytest.MonkeyPatch.context() as patch:
        seed(patch)
        try:
            walk(at_most, derandomize=True, verbosity=Verbosity.quiet)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - whatever a step found wrong
            return Found(
                DONE["sequences"] - 1, f"{type(error).__name__}: {error}"
            )  # the last one is repeated
        return None


def is_its_own(guard: str, said: str) -> bool:
    """Tell whether what a walk found wrong is what a guard was there for."""
    return re.search(SEEDED[guard][1], " ".join(said.split())) is not None


def main() -> int:
    """Take each guard away and print whether the walk found it, and found just it."""
    at_most, words, missed = int(sys.argv[1]), sys.argv[2:], 0
    chosen = [name for name in SEEDED if all(word in name for word in words)]
    for name in chosen:
        begun = time.process_time()
        found = walk_without(name, at_most)
        told = f"MISSED in {at_most:5}" if found is None else f"found after {found.sequences:3}"
        own = found is not None and is_its_own(name, found.said)
        missed += not own
        sys.stdout.write(f"{told} sequences  {time.process_time() - begun:6.1f} s  {name}\n")
        if found is not None and not own:
            sys.stdout.write(f"  ANOTHER FAULT: {found.said[:2000]}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} guards taken away; missed, or found by another fault: {missed}\n")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
