"""A small workspace with the shipped policy and crosswalk, in which a test files proposals as a run would."""

from __future__ import annotations

import csv
import functools
import io
import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.domain.calendar import moment_text, week_of
from pipeline.domain.document import sha256_hex
from pipeline.domain.pool import Base
from pipeline.domain.proposal import Proposal
from pipeline.domain.run_inputs import InputDigest
from pipeline.flow.record.config_snapshots import WRITTEN, bytes_now
from pipeline.flow.record.database import record_documents
from pipeline.flow.record.record_files import RecordFiles
from pipeline.publish.versions import version_in_force
from pipeline.review.decisions.chain import latest_decision
from pipeline.review.proposals import config_snapshots, documents, proposal_store
from pipeline.review.proposals.proposal_store import RenderedPages
from pipeline.store.database import open_database
from pipeline.workspace import Workspace
from tests.databases import address
from tests.example import FIRST_WEEK, ROOT, invoke

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.proposal import ProvisionalLine
    from pipeline.review.proposals.proposal_store import StoredProposal
    from tests.example import Answer

NOON = datetime(2026, 8, 15, 12, tzinfo=UTC)
SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")
_PAGES = RenderedPages(markdown="# page\n", html="<!doctype html>\n", open_names="source\r\n")


@functools.cache
def _template() -> Proposal:
    """The proposal of the shipped week, without what is long and decides nothing."""
    found = Proposal.model_validate_json((ROOT / "reviews" / FIRST_WEEK / documents.PROPOSAL).read_bytes())
    return found.model_copy(
        update={"tiers": {}, "prices": (), "findings": (), "open_names": (), "changes": ()}
    )


@dataclass(frozen=True, slots=True)
class GateWorkspace:
    """A workspace whose proposals are made here instead of by a run."""

    folder: Path
    template: Proposal = field(default_factory=_template)
    """What every proposal here is like."""

    @property
    def place(self) -> Workspace:
        """Where its files are."""
        return Workspace(self.folder)

    @property
    def member(self) -> str:
        """A variant that every proposal holds."""
        return next(iter(self.template.pool.tiers.values())).members[0].variant

    def __call__(self, *arguments: str, at: datetime = NOON) -> Answer:
        """Run a command here, in this process; commands that are dated are dated `at`."""
        dated = arguments[0] in {"approve", "reject", "withdraw", "publish", "status", "run"}
        moment = ("--now", moment_text(at)) if dated else ()
        return invoke([*arguments, *moment, "--workspace", str(self.folder)])

    def propose(
        self,
        at: datetime = NOON,
        *,
        week: str | None = None,
        mark: str = "",
        names: tuple[ProvisionalLine, ...] = (),
    ) -> StoredProposal:
        """File what a run at a moment would file now; `mark` makes it another pool."""
        place, template = self.place, self.template
        published, head = version_in_force(place.pools), latest_decision(place.reviews)
        week = week or week_of(at)
        bodies = {name: bytes_now(place, name) for name in WRITTEN}
        for name, body in bodies.items():
            config_snapshots.keep_snapshot(place.reviews, name, body)
        pool = template.pool.model_copy(
            update={
                "version": published.pool.version + 1 if published else 1,
                "base": Base(version=published.pool.version, sha256=published.sha256) if published else None,
                "week": week,
                "as_of": moment_text(at),
                "expires_on": (at + timedelta(days=21)).date().isoformat(),
                "audit_head": head[1] if head else None,
                "policy_sha256": sha256_hex(bodies["policy"]),
                "attribution": (*template.pool.attribution, *([mark] if mark else [])),
            }
        )
        proposal = template.model_copy(
            update={
                "week": week,
                "attempt": proposal_store.next_attempt(place.reviews, week),
                "as_of": moment_text(at),
                "pool": pool,
                "pool_sha256": documents.document_digest(pool),
                "inputs": tuple(_input(name, body) for name, body in bodies.items()),
                "provisional": names,
            }
        )
        return proposal_store.read_proposal(proposal_store.write_proposal(proposal, place.reviews, _PAGES))

    def record(self) -> None:
        """Let the database know the proposals, as a run does; it is made where there is none."""
        with open_database(address(self.folder)) as database:
            record_documents(database, RecordFiles(self.place))

    def approve(self, filed: StoredProposal, at: datetime = NOON) -> Answer:
        """Approve a proposal by its digest."""
        return self("approve", filed.proposal.pool_sha256[:16], *SAY, at=at)

    def published(self) -> int:
        """Return the version in force; 0 where there is none."""
        found = version_in_force(self.place.pools)
        return found.pool.version if found else 0

    def files(self) -> dict[str, bytes]:
        """Read every file of record, by name: all but the database, the logs and the lock."""
        kept = {}
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if path.is_file() and not name.startswith(("data/pipeline.sqlite", "data/log", "data/workspace")):
                kept[name] = path.read_bytes()
        return kept


def make_workspace(folder: Path) -> GateWorkspace:
    """Make a workspace in which nothing is proposed yet."""
    for name in ("policy", "crosswalk"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    (folder / "reviews").mkdir()
    return GateWorkspace(folder)


def small_template() -> Proposal:
    """Return a proposal with one tier."""
    template = _template()
    name, tier = min(template.pool.tiers.items(), key=lambda one: len(one[1].members))
    return template.model_copy(update={"pool": template.pool.model_copy(update={"tiers": {name: tier}})})


def make_small_workspace(folder: Path) -> GateWorkspace:
    """Make a workspace with one tier, and with what the crosswalk says of its members alone."""
    template, place = small_template(), make_workspace(folder).place
    held = {one.variant for tier in template.pool.tiers.values() for one in tier.members}
    for file, column in (("variants.csv", 0), ("judgements.csv", 3)):
        first, *lines = csv.reader(io.StringIO((place.crosswalk / file).read_text()))
        kept = [line for line in lines if line[column] in held]
        with (place.crosswalk / file).open("w", newline="") as written:
            csv.writer(written, lineterminator="\n").writerows([first, *kept])
    prices = place.crosswalk / "prices.csv"
    prices.write_text(prices.read_text().splitlines(keepends=True)[0])
    return GateWorkspace(folder, template)


def _input(name: str, body: bytes) -> InputDigest:
    return InputDigest(name=name, sha256=sha256_hex(body), detail=name, fetched_at=None)


def edit_consistently(filed: StoredProposal) -> None:
    """Change a filed pool, and every digest in the file with it, as whoever wants to deceive would."""
    file = filed.folder / documents.PROPOSAL
    pool = filed.proposal.pool.model_copy(update={"attribution": ("edited",)})
    edited = filed.proposal.model_copy(update={"pool": pool, "pool_sha256": documents.document_digest(pool)})
    file.write_bytes(documents.document_bytes(edited))
    assert json.loads(file.read_bytes())["pool"]["attribution"] == ["edited"]
