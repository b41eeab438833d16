"""Commands of the person who reviews: review, approve, reject, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import handle_errors, print_json, print_text
from pipeline.cli.options import (
    HERE,
    JsonOption,
    NoteOption,
    NowOption,
    ReviewerOption,
    WorkspaceOption,
    moment,
    only_writer,
    workspace_at,
)
from pipeline.domain.escape import escape_text

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.domain.proposal import Verdict

DigestArgument = Annotated[
    str, typer.Argument(metavar="DIGEST", help="First 8 characters of the digest you reviewed, or more.")
]

ChangeOption = Annotated[
    int | None, typer.Option("--change", metavar="N", help="Show the change of this number, whole.")
]
WholeOption = Annotated[bool, typer.Option("--all", help="Unfold everything that the page holds.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]


def review(
    workspace: WorkspaceOption = HERE,
    change: ChangeOption = None,
    whole: WholeOption = False,
    open_page: OpenOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the pending proposal as on its page: what changes, what to check, how to decide."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.approval.approve import pending_proposal
        from pipeline.flow.approval.stale_proposal import why_stale
        from pipeline.flow.record.review_page import ReviewQuery, review_blocks
        from pipeline.settings import Settings

        place = workspace_at(workspace)
        filed = pending_proposal(place, Settings.from_environment())
        if as_json:
            print_json(filed.proposal.model_dump(mode="json"))
            return
        from pipeline.cli.blocks_text import blocks_text
        from pipeline.cli.text_output import page_lines

        stale = why_stale(place, filed)
        query = ReviewQuery(today=moment(now).date(), stale=stale, change=change, whole=whole)
        blocks = review_blocks(place, filed.proposal, query)
        print_text(*blocks_text(blocks, unfold=whole), *page_lines(filed.folder))
        if open_page:
            typer.launch(str((filed.folder / "report.html").resolve()))


def approve(
    digest: DigestArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve exactly the pool whose digest you typed, and the judgements listed. Publishes nothing."""
    from pipeline.domain.proposal import Verdict

    _answer(Verdict.APPROVED, workspace, (digest, reviewer, note), now, as_json=as_json)


def reject(
    digest: DigestArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reject the pending proposal; the published pool stays in force."""
    from pipeline.domain.proposal import Verdict

    _answer(Verdict.REJECTED, workspace, (digest, reviewer, note), now, as_json=as_json)


def publish(workspace: WorkspaceOption = HERE, now: NowOption = None, as_json: JsonOption = False) -> None:
    """Publish the approved pool as the next version; refused without a matching approval."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as tell:
        from pipeline.flow.approval.publish import publish as publish_pool
        from pipeline.settings import Settings

        with only_writer(workspace) as place:
            done = publish_pool(place, Settings.from_environment(), today=moment(now).date())
        tell("published", version=done.version, sha256=done.sha256, reviewer=done.decision.reviewer)
        if as_json:
            print_json(
                {
                    "version": done.version,
                    "path": str(done.path),
                    "sha256": done.sha256,
                    "reviewer": done.decision.reviewer,
                    "expires_on": done.expires_on.isoformat(),
                    "expired": done.expired,
                }
            )
            return
        reviewer = escape_text(done.decision.reviewer)
        late = f"WARN It expired on {done.expires_on}: routers raise an alarm. Next: `modelpool run`."
        expired = (late,) if done.expired else ()
        print_text(
            f"Published v{done.version:04} ({done.sha256[:8]}), approved by {reviewer}.",
            f"File: {done.path}",
            *expired,
            "Next: `modelpool verify`, then `modelpool export litellm`; commit data/pools and reviews.",
        )


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (review, approve, reject, publish):
        app.command()(command)


def _answer(
    verdict: Verdict, workspace: Path, words: tuple[str, str, str], now: str | None, *, as_json: bool
) -> None:
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log") as tell:
        from pipeline.flow.approval.approve import DecisionInput, consent_digest, decide_proposal
        from pipeline.settings import Settings

        digest, reviewer, note = words
        ballot = DecisionInput(
            verdict=verdict, digest_start=digest, reviewer=reviewer, note=note, now=moment(now)
        )
        with only_writer(workspace) as place:
            done = decide_proposal(place, Settings.from_environment(), ballot)
        tell("decided", folder=done.filed.folder.name, **done.decision.model_dump(mode="json"))
        if as_json:
            said: dict[str, JsonValue] = done.decision.model_dump(mode="json")
            print_json(said | {"judged": [f"{one.source}:{one.key}" for one in done.judged]})
            return
        next_step = {
            "approved": "Next: `modelpool publish`.",
            "rejected": "The published pool stays in force; the next run proposes anew.",
        }
        from pipeline.cli.crosswalk_text import accepted_text

        print_text(
            f"{done.decision.verdict.value.capitalize()} {consent_digest(done.filed.proposal)[:8]} "
            f"({done.filed.folder.name}) by {escape_text(done.decision.reviewer)}.",
            *accepted_text(done.judged),
            next_step[done.decision.verdict.value],
        )
