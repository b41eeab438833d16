"""Runs commands in a workspace and judges each by the model: what was done, what was said and refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypothesis.stateful import RuleBasedStateMachine

from pipeline.domain.calendar import moment_text
from tests.gate.kill import Kill, KilledError, killed
from tests.gate.model import Attempt, Edit, Model
from tests.gate.workspace import NOON, GateWorkspace, make_small_workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.example import Answer

NOTE: Final = "Read the page."
DONE: Counter[str] = Counter()
"""What was done so far in this process, by command and outcome."""


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


class Walker(RuleBasedStateMachine):
    """A workspace, its model, and a clock that people set as they like."""

    def __init__(self) -> None:
        super().__init__()
        DONE["sequences"] += 1
        memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it; files there cost no disk
        self.home = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
        self.gate: GateWorkspace = make_small_workspace(self.home / "gate")
        self.model = Model(self.gate.folder)
        self.now = NOON
        policy = self.gate.folder / "data/policy"
        self.original = {file.name: file.read_bytes() for file in policy.glob("*.toml")}

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    def members(self) -> frozenset[str]:
        tiers = self.gate.template.pool.tiers.values()
        return frozenset(str(one.variant) for tier in tiers for one in tier.members)

    def compare(self, shown: dict[str, object]) -> None:
        model, night = self.model, self.now.replace(hour=23, minute=59, second=59)
        in_force, pending, approved = model.published, model.pending, model.waiting
        said = shown["in_force"]
        assert (said["version"] if isinstance(said, dict) else 0) == len(in_force)
        waits = shown["pending"]
        assert (waits["folder"] if isinstance(waits, dict) else None) == (pending and pending.folder.name)
        if isinstance(waits, dict) and pending is not None:
            why = [*model.why_stale(pending, night, model.answers())]
            assert waits["digest"] == pending.consent
            assert bool(waits["stale"]) is bool(why), (waits, why)
            assert not why or any(one in waits["stale"] for one in why), (waits, why)
        waiting = approved and approved.folder.name
        assert shown["approved"] == waiting, f"{shown['approved']} waits to be published, not {waiting}"
        if approved is not None:
            why = [*model.why_stale(approved, night, model.answers())]
            assert bool(shown["approved_stale"]) is bool(why), (shown["approved_stale"], why)

    def typed(self, kind: str, found: Attempt | None) -> str:
        consent = found.consent if found else "0" * 64
        others = [one.consent[:16] for one in self.model.attempts if one is not found]
        return {
            "right": consent[:16],
            "short": consent[:7],
            "wrong": "0123456789abcdef",
            "another's": others[-1] if others else "f" * 16,
        }[kind]

    def say_who(self, who: str) -> tuple[str, str, str, str]:
        return ("--reviewer", who, "--note", NOTE)

    def _said(self, words: tuple[str, ...], why: Iterable[str], kill: Kill | None) -> bool | None:
        """Run a command; return whether it did what was typed, None where it was killed."""
        reasons, before, late = [*why], self._files(), self.model.late_answers()
        answers = self.model.answers()
        try:
            if kill is None:
                said = self.gate(*words, at=self.now)
            else:
                with killed(kill):
                    said = self.gate(*words, at=self.now)
        except KilledError:
            DONE[f"{words[0]} killed"] += 1
            return None
        self._judge_answer(said, reasons)
        if said.code:
            assert self._files() == before, f"{words[0]} was refused and changed files"
            judged = self.model.answers()
            assert judged in (answers, answers | late), f"{words[0]} was refused and judged {judged}"
        DONE[f"{words[0]} {'refused' if said.code else 'done'}"] += 1
        return said.code == 0

    def _judge_answer(self, said: Answer, reasons: list[str]) -> None:
        assert said.code in {0, 2, 30}, said
        if self.model.is_torn and said.code and "was changed after it was written" in _flat(said.err):
            return  # it read the file that is torn, whether or not it had to
        assert (said.code != 0) is bool(reasons), (said, reasons)
        assert not reasons or any(one in _flat(said.err) for one in reasons), (said, reasons)
        assert "WARN" not in said.out or "expired" in said.out, said

    def _files(self) -> dict[str, bytes]:
        """Read all files of record but judgements.csv, and but what a kill left behind."""
        left_out = ("judgements.csv", ".new")
        return {name: body for name, body in self.gate.files().items() if not name.endswith(left_out)}

    def answer(self, verdict: str, who: str, typed: str, kill: Kill | None) -> None:
        model, found = self.model, self.model.pending
        earlier, late = model.last_approved, model.late_answers()
        again = bool(late) and verdict == "approve" and earlier is not None
        again = again and earlier is not None and earlier.consent.startswith(typed) and len(typed) >= 8
        why = () if again else model.why_refused((verdict, typed, who), self.now)
        done = self._said((verdict, typed, *self.say_who(who)), why, kill)
        file = found.folder / "decision.json" if found else None
        there = file is not None and file.exists() and found is not None and found.decision is None
        assert done is None or again or there is done
        if there and found is not None and file is not None:
            self._remember_decision(found, file.read_bytes(), who)
        if done and not again:
            assert model.late_answers() == {}, f"accepted and not judged: {model.late_answers()}"

    def _remember_decision(self, found: Attempt, body: bytes, who: str) -> None:
        said = json.loads(body)
        assert said["reviewer"] == who.strip()
        assert said["pool_sha256"] == found.pool_sha256
        assert said["proposal_sha256"] == sha256(found.body).hexdigest()
        assert said["decided_at"] == moment_text(self.now)
        found.decision, found.verdict = body, said["verdict"]
        assert found.edit is None or not found.recorded, "what was decided differs from what the run wrote"
        if found.edit is Edit.CONSISTENT:
            found.edit = None  # what was decided is what lies there
        self.model.decided.append(found)
        self.model.spoken_at = self.now

    def publication(self, kill: Kill | None, *, although_expired: bool) -> None:
        model, found = self.model, self.model.last_approved
        why = model.why_unpublished(self.now, although_expired=although_expired)
        words = ("publish", *(("--although-expired",) if although_expired else ()))
        done = self._said(words, why, kill)
        pools, version = self.gate.folder / "data/pools", len(model.published) + 1
        numbered = pools / f"v{version:04}.json"
        pointer = json.loads((pools / "latest.json").read_bytes()) if (pools / "latest.json").exists() else {}
        moved = pointer.get("version", 0) == version
        assert done is None or moved is done
        if moved and found is not None:
            model.published.append((found, numbered.read_bytes()))
            model.cut_off = None
        elif numbered.exists() and model.cut_off is None:
            model.cut_off = found

    def withdrawal(self, who: str, typed: str, kill: Kill | None) -> None:
        model, found = self.model, self.model.last_approved
        why = model.why_kept(typed, who, self.now)
        done = self._said(("withdraw", typed, *self.say_who(who)), why, kill)
        file = found.folder / "withdrawal.json" if found else None
        there = file is not None and file.exists()
        assert done is None or there is done
        if there and found is not None and file is not None:
            said = json.loads(file.read_bytes())
            assert (said["reviewer"], said["decided_at"]) == (who, moment_text(self.now))
            found.withdrawal = file.read_bytes()
            model.spoken_at = self.now

    def nothing_is_in_force_that_nobody_approved(self) -> None:
        """Compare data/pools with the approvals that a named person gave, byte for byte."""
        pools = self.gate.folder / "data/pools"
        names = [f"v{number:04}.json" for number, _ in enumerate(self.model.published, start=1)]
        for (attempt, body), name in zip(self.model.published, names, strict=True):
            assert (pools / name).read_bytes() == body, f"{name} is not what was published"
            said = json.loads((attempt.folder / "decision.json").read_bytes())
            pool = body.removeprefix(b'{"signatures":[],"signed":').removesuffix(b"}\n")
            assert said["pool_sha256"] == sha256(pool).hexdigest(), f"{name} is not what was approved"
            assert (said["verdict"], attempt.withdrawal) == ("approved", None), f"nobody approved {name}"
            assert said["reviewer"] in {"A. Person", "B. Person", "C. Person"}, said
        there = {path.name for path in pools.glob("v*.json")} if pools.is_dir() else set()
        assert len(there - {*names}) == (self.model.cut_off is not None), f"{there} and not {names}"
        if names:
            pointer = json.loads((pools / "latest.json").read_bytes())
            body = self.model.published[-1][1]
            assert (pointer["file"], pointer["sha256"]) == (names[-1], sha256(body).hexdigest())

    def no_decision_is_lost_or_changed(self) -> None:
        """Compare decisions and withdrawals with what was filed."""
        for attempt in self.model.attempts:
            for name, body in (("decision", attempt.decision), ("withdrawal", attempt.withdrawal)):
                file = attempt.folder / f"{name}.json"
                found = file.read_bytes() if file.exists() else None
                assert found == body, f"{file} is not what was filed: {found!r}"
