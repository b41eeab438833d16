"""Walks at random over all that people, runs, clocks and kills do to a gate, beside a model of what is right.

`python -m tests.gate.state_machine 500` walks so many sequences of 30 steps and prints what was done.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from typer.testing import CliRunner

from pipeline import workspace_lock
from pipeline.domain.calendar import Week, moment_text
from pipeline.domain.crosswalk import Judgement
from pipeline.domain.ids import SourceKey, SourceModelName, SourceName, VariantId
from pipeline.domain.proposal import ProvisionalLine, Verdict
from pipeline.errors import PipelineError, RefusedError
from pipeline.flow.record.record_files import RecordFiles
from pipeline.flow.run import clock_checks
from pipeline.identity.crosswalk.judgements import append_judgement, undo_judgement
from pipeline.review.decisions.chain import latest_decision
from pipeline.review.decisions.decisions import DecisionInput, file_decision, make_decision
from pipeline.review.proposals import proposal_store
from pipeline.store.database import open_database
from tests.databases import is_on_server, remove_database
from tests.gate.kill import Kill
from tests.gate.model import VALID, Attempt, Edit
from tests.gate.walker import DONE, NOTE, Walker
from tests.gate.workspace import NOON, edit_consistently

if TYPE_CHECKING:
    from pipeline.review.proposals.proposal_store import StoredProposal

STEPS: Final = 30
_INVOKE: Final = CliRunner.invoke
"""As it is before any test keeps what is printed."""
BOARD: Final = SourceName("lmarena-text")

PEOPLE: Final = st.sampled_from(["A. Person", "A. Person", "B. Person", "B. Person", "Your Name", " "])
TYPED: Final = st.sampled_from(["right", "right", "right", "right", "short", "wrong", "another's"])
SAID: Final = st.sampled_from(["right", "right", "right", "right", "right", "wrong", "another's"])
MOSTLY: Final = st.sampled_from([True, True, False])
JUMPS: Final = st.sampled_from(
    [
        *(timedelta(hours=hours) for hours in (1, 1, -1, 30, -30)),
        *(timedelta(days=days) for days in (7, -8, 22)),
    ]
)
ENDS: Final = st.sampled_from(
    [
        "published",
        "published",
        "waits",
        "withdrawn",
        "a later one rejected",
        "approval dies",
        "publication dies",
        "expires",
    ]
)
MOVED: Final = st.tuples(
    st.sampled_from(["", "", "tiers.toml", "expectations.toml", "a-member", "nobody", "the proposal"]),
    st.sampled_from(["approval", "publication"]),
)
RUNS: Final = st.sampled_from(
    ["plain", "plain", "plain", "names", "earlier week", "future week", "old future"]
)


@functools.cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite"
        with open_database(f"sqlite:///{file}"):
            pass
        return file.read_bytes()


class GateMachine(Walker):
    """All that may happen to a workspace, in any order."""

    @initialize(database=MOSTLY)
    def begin(self, database: bool) -> None:  # noqa: FBT001 - Hypothesis calls it by name
        self.has_database = database or is_on_server()
        if is_on_server():
            remove_database(self.gate.folder)
        elif database:
            self.gate.place.database.write_bytes(_empty_database())

    # What happens outside of decisions.

    @rule(kind=RUNS)
    def run(self, kind: str) -> None:
        """File what a run would file now, unless the run refuses; a second later it is done."""
        weeks = {"earlier week": -1, "future week": 1, "old future": 1}.get(kind, 0)
        week = Week(f"{self.now + timedelta(weeks=weeks):%G-W%V}")
        why = [*self.model.why_not_run(week, self.now)]
        if kind == "old future" and why == ["lies in the future"]:
            why = []  # it was filed before a run refused this, and lies here since
        elif self._run_is_refused(week, why):
            return
        number, variant = len(self.model.attempts), min(self.members())
        line = ProvisionalLine(
            source=BOARD, key=f"spelled-{number}", name="S", variant=variant, evidence=("E",), touches=()
        )
        names = (line,) if kind == "names" else ()
        self._remember_proposal(self.gate.propose(self.now, week=week, mark=f"run {number}", names=names))
        self.now += timedelta(seconds=1)
        DONE[f"run {kind}"] += 1

    def _remember_proposal(self, filed: StoredProposal) -> None:
        recorded = self.has_database and not (self.model.is_damaged or self.model.is_torn)
        self.model.attempts.append(
            Attempt(
                folder=filed.folder,
                made_at=self.now,
                written=self.model.now_written(),
                members=self.members(),
                accepted={(one.source, one.key): one.variant for one in filed.proposal.provisional},
                base=self.model.published[-1][1] if self.model.published else None,
                recorded=recorded,
            )
        )
        if recorded:
            self.gate.record()

    def _run_is_refused(self, week: Week, why: list[str]) -> bool:
        refused = ""
        try:
            clock_checks.refuse_future_week(week, self.now)
            clock_checks.refuse_clock_behind(RecordFiles(self.gate.place), self.now)
        except PipelineError as error:
            refused = str(error)
        assert bool(refused) is bool(why), (refused, why)
        assert not why or any(one in refused for one in why), (refused, why)
        DONE["run refused"] += bool(refused)
        return bool(refused)

    @rule(by=JUMPS)
    def jump(self, by: timedelta) -> None:
        self.now = max(NOON - timedelta(days=20), min(NOON + timedelta(days=80), self.now + by))

    @rule(name=st.sampled_from(["tiers.toml", "expectations.toml"]), changed=st.booleans())
    def write_policy(self, name: str, changed: bool) -> None:  # noqa: FBT001 - Hypothesis calls it by name
        (self.gate.folder / "data/policy" / name).write_bytes(
            self.original[name] + b"# a thought\n" * changed
        )

    def _is_original(self, name: str) -> bool:
        return (self.gate.folder / "data/policy" / name).read_bytes() == self.original[name]

    @rule(key=st.sampled_from(["a-member", "nobody"]), undo=st.booleans())
    def judge(self, key: str, undo: bool) -> None:  # noqa: FBT001 - Hypothesis calls it by name
        """Say whom a name means, or take that back, as `crosswalk map` and `undo` write it."""
        before, place, day = self.model.answers(), (BOARD, SourceKey(key)), self.now.date()
        line = Judgement(
            source=BOARD,
            key=place[1],
            name=SourceModelName(key),
            variant=VariantId(min(self.members())) if key == "a-member" else None,
            decided_on=day,
            decided_by="A. Person",
            reason="the same",
        )
        try:
            if undo:
                undo_judgement(self.gate.place.crosswalk, place, "A. Person", day, "an error")
            else:
                append_judgement(self.gate.place.crosswalk, line)
        except PipelineError:
            assert self.model.answers() == before
            DONE["judge refused"] += 1
            return
        after = self.model.answers()
        assert {one for one in after if before.get(one) != after[one]} <= {place}
        DONE[f"judge {key}{' undone' if undo else ''}"] += 1

    @precondition(lambda self: self.model.attempts)
    @rule(how=st.sampled_from(Edit), last=MOSTLY, restore=MOSTLY)
    def edit(self, how: Edit, last: bool, restore: bool) -> None:  # noqa: FBT001 - Hypothesis calls it by name
        """Change a proposal's file; who asks is told, and mostly somebody restores it then."""
        attempt = self.model.attempts[-1 if last else 0]
        if attempt.edit is not None:
            return
        file, body = attempt.folder / "proposal.json", attempt.body
        if how is Edit.CONSISTENT:
            edit_consistently(proposal_store.read_proposal(attempt.folder))
        else:
            document = json.loads(body)
            document["pool"]["attribution"] = ["torn"]
            file.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n")
        if attempt.body == body:
            return
        attempt.edit = how
        DONE[f"edit {how.value}"] += 1
        self.ask()
        if restore or attempt.is_damaged or attempt.is_torn:
            self.publish(although_expired=True)
            self.decide("approve", "A. Person", "right")
            if attempt.edit is not None:
                file.write_bytes(body)
                attempt.edit = None

    # What people type.

    @rule(end=ENDS, kind=st.sampled_from(["plain", "names"]), at=st.integers(0, 8), moved=MOVED, said=SAID)
    def a_week_passes(self, end: str, kind: str, at: int, moved: tuple[str, str], said: str) -> None:
        """What mostly happens: a run, an approval, and what follows; and at times something moves between."""
        self.jump(timedelta(days=7))
        self.run(kind)
        self._move(*moved, before="approval")
        right = self.typed(said, self.model.pending)
        self.answer("approve", "A. Person", right, Kill(at) if end == "approval dies" else None)
        self._move(*moved, before="publication")
        if end == "withdrawn":
            self.withdraw("B. Person", "right")
        if end == "a later one rejected":
            self.run("plain")
            self.decide("reject", "B. Person", "right")
        if end == "publication dies" and self.model.waiting:
            self.publish_and_die(at)
            self.ask()
        if end == "expires":
            self.jump(VALID)
        if end != "waits":
            self.publish(although_expired=False)

    def _move(self, what: str, when: str, *, before: str) -> None:
        if when != before:
            return
        if what.endswith(".toml"):
            self.write_policy(what, changed=self._is_original(what))
        elif what == "the proposal":
            if self.model.attempts:
                self.edit(Edit.CONSISTENT, last=True, restore=True)
        elif what:
            self.judge(what, undo=(str(BOARD), what) in self.model.answers())

    @rule(verdict=st.sampled_from(["approve", "approve", "approve", "reject"]), who=PEOPLE, digest=TYPED)
    def decide(self, verdict: str, who: str, digest: str) -> None:
        self.answer(verdict, who, self.typed(digest, self.model.pending), None)

    @precondition(lambda self: self.model.pending)
    @rule(verdict=st.sampled_from(["approve", "approve", "reject"]), at=st.integers(0, 6))
    def decide_and_die(self, verdict: str, at: int) -> None:
        self.answer(verdict, "A. Person", self.typed("right", self.model.pending), Kill(at))

    @rule(although_expired=st.booleans())
    def publish(self, although_expired: bool) -> None:  # noqa: FBT001 - Hypothesis calls it by name
        self.publication(None, although_expired=although_expired)

    @precondition(lambda self: self.model.waiting)
    @rule(at=st.integers(0, 9))
    def publish_and_die(self, at: int) -> None:
        self.publication(Kill(at), although_expired=True)

    @precondition(lambda self: self.model.last_approved)
    @rule(who=PEOPLE, digest=TYPED)
    def withdraw(self, who: str, digest: str) -> None:
        self.withdrawal(who, self.typed(digest, self.model.last_approved), None)

    @precondition(lambda self: self.model.waiting)
    @rule(at=st.integers(0, 4))
    def withdraw_and_die(self, at: int) -> None:
        self.withdrawal("A. Person", self.typed("right", self.model.last_approved), Kill(at))

    @rule(
        by=st.sampled_from([timedelta(seconds=1), timedelta(hours=1), timedelta(hours=30), timedelta(days=8)])
    )
    def the_clock_is_set_back(self, by: timedelta) -> None:
        """Somebody decides, or a run files, and the next decision is typed on a clock that is behind."""
        self.now += timedelta(hours=2)
        self.decide("approve", "A. Person", "right")
        self.now -= by
        self.run("plain")
        self.decide("approve", "B. Person", "right")
        self.now += by
        self.run("plain")
        self.now -= by
        self.decide("reject", "B. Person", "right")
        self.now += by

    @precondition(lambda self: self.model.pending)
    @rule(first=st.sampled_from(["approve", "reject"]), who=PEOPLE)
    def decide_while_another_decides(self, first: str, who: str) -> None:
        """Somebody read and typed before another decided, and what was typed is filed after it."""
        found, head = self.model.pending, latest_decision(self.gate.place.reviews)
        assert found is not None
        decision_input = DecisionInput(
            verdict=Verdict.APPROVED,
            digest_start=found.consent[:16],
            reviewer="C. Person",
            note=NOTE,
            now=self.now,
        )
        try:
            read = proposal_store.read_proposal(found.folder)
            typed = make_decision(read, decision_input, previous=head[1] if head else None)
        except RefusedError:
            return
        self.answer(first, who, found.consent[:16], None)
        if found.decision is not None:
            with pytest.raises(RefusedError):
                file_decision(read, typed)
            DONE["late decision refused"] += 1

    @precondition(lambda self: self.model.pending or self.model.waiting)
    @rule(command=st.sampled_from(["approve", "reject", "publish", "withdraw"]))
    def wait_for_another(self, command: str) -> None:
        """Another process writes, and does not end."""
        found = self.model.pending or self.model.last_approved
        digest = found.consent[:16] if found else "0" * 16
        words = (command,) if command == "publish" else (command, digest, *self.say_who("A. Person"))
        before = self.gate.files()
        descriptor = os.open(self.gate.folder / "data" / workspace_lock.LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(workspace_lock, "WAIT_SECONDS", 0.0)
                said = self.gate(*words, at=self.now)
        finally:
            os.close(descriptor)
        assert said.code == 30, f"{command} did not wait for another: {said}"
        assert "Nothing was changed" in said.err, f"{command} did not wait for another: {said}"
        assert self.gate.files() == before
        DONE["busy"] += 1

    @precondition(lambda self: self.model.cut_off)
    @rule()
    def remove_what_was_cut_off(self) -> None:
        (self.gate.folder / f"data/pools/v{len(self.model.published) + 1:04}.json").unlink()
        self.model.cut_off = None

    @rule()
    def ask(self) -> None:
        """`status` and `verify` say what is so."""
        model = self.model
        broken = model.is_altered or model.cut_off is not None
        shown = self.gate("status", "--json", at=self.now)
        beside = "a cut-off publication" if model.cut_off else "an edited file" if broken else "nothing"
        assert shown.code == (30 if broken else 0), f"status was to name {beside}: {shown}"
        if not broken:
            self.compare(shown.json)
        checked = self.gate("verify", "--now", moment_text(self.now))
        right = bool(model.published) and not broken
        assert (checked.code == 0) is right, f"verify was to name {beside}: {checked}"
        DONE["altered, named" if broken else "intact"] += 1

    @invariant()
    def the_record_holds(self) -> None:
        DONE["steps"] += 1
        self.nothing_is_in_force_that_nobody_approved()
        self.no_decision_is_lost_or_changed()


def walk(sequences: int, *, derandomize: bool = False, verbosity: Verbosity = Verbosity.normal) -> None:
    """Walk so many sequences; raises what a step found wrong. What is printed is judged, not executed."""
    asked = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=derandomize,
        phases=(Phase.generate,),
        suppress_health_check=tuple(HealthCheck),
        report_multiple_bugs=False,
        verbosity=verbosity,
    )
    with mock.patch.object(CliRunner, "invoke", _INVOKE):
        run_state_machine_as_test(GateMachine, settings=asked)


def main() -> int:
    """Walk so many sequences and print what was done; a fault ends it with its steps, after the counts."""
    try:
        walk(int(sys.argv[1]))
    finally:
        for name, count in sorted(DONE.items()):
            sys.stdout.write(f"{count:7} {name}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
