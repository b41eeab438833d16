"""Defines the reviewer's commands: `review`, `approve`, `reject`, `withdraw`, `publish`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.chosen_workspace import workspace_at
from pipeline.cli.console import handle_errors, page_text, print_json, print_text
from pipeline.cli.options import (
    HERE,
    DigestArgument,
    JsonOption,
    NoteOption,
    NowOption,
    ReviewerOption,
    WorkspaceOption,
    environment_settings,
    metrics_after,
    moment,
    only_writer,
    past_moment,
)
from pipeline.domain.escape import escape_text
from pipeline.flow.record.record_files import RecordFiles

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from pipeline.domain.proposal import Verdict

ChangeOption = Annotated[
    int | None, typer.Option("--change", metavar="N", help="Show the change of this number, whole.")
]
ExpiredOption = Annotated[
    bool, typer.Option("--although-expired", help="Publish a pool for which routers raise an alarm.")
]
WholeOption = Annotated[bool, typer.Option("--all", help="Unfold everything that the page holds.")]
OpenOption = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]
PlainOption = Annotated[bool, typer.Option("--no-pager", help="Print it in one piece, however long it is.")]


def review(
    workspace: WorkspaceOption = HERE,
    change: ChangeOption = None,
    whole: WholeOption = False,
    open_page: OpenOption = False,
    plain: PlainOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the pending proposal as on its page: what changes, what to check, how to decide."""
    with handle_errors(as_json=as_json, log=workspace / "data" / "errors.log"):
        from pipeline.flow.approval.approve import pending_proposal
        from pipeline.flow.approval.stale_proposal import find_blocker
        from pipeline.flow.record.review_page import ReviewQuery, review_blocks

        place = workspace_at(workspace)
        filed = pending_proposal(place, environment_settings())
        if as_json:
            print_json(filed.proposal.model_dump(mode="json"))
            return
        from pipeline.cli.blocks_text import blocks_text
        from pipeline.cli.text_output import page_lines

        record = RecordFiles(place)
        stale = find_blocker(record, filed, now=moment(now)).stale
        query = ReviewQuery(today=moment(now).date(), stale=stale, change=change, whole=whole)
        blocks = review_blocks(record, filed.proposal, query)
        show = print_text if plain else page_text
        show(*blocks_text(blocks, unfold=whole), *page_lines(filed.folder, offers_all=not (whole or stale)))
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


def publish(
    workspace: WorkspaceOption = HERE,
    although_expired: ExpiredOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish the approved pool as the next version; refused without a matching approval."""
    log = workspace / "data" / "errors.log"
    with metrics_after(workspace), handle_errors(as_json=as_json, log=log) as log_event:
        from pipeline.flow.approval.publish import publish as publish_pool

        with only_writer(workspace) as place:
            done = publish_pool(
                place, environment_settings(), now=past_moment(now), although_expired=although_expired
            )
        log_event("published", version=done.version, sha256=done.sha256, reviewer=done.decision.reviewer)
        if as_json:
            print_json(
                {
                    "version": done.version,
                    "path": str(done.path),
                    "sha256": done.sha256,
                    "reviewer": done.decision.reviewer,
                    "expires_on": done.expires_on.isoformat(),
                    "expired": done.expired,
                    "warnings": list(done.warnings),
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
            *(f"WARN {warning}." for warning in done.warnings),
            "Next: `modelpool verify`, then `modelpool export litellm`; commit data/pools and reviews.",
        )


def withdraw(
    digest: DigestArgument,
    reviewer: ReviewerOption,
    note: NoteOption,
    workspace: WorkspaceOption = HERE,
    now: NowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an approval back that is not published yet; the published pool stays in force."""
    log = workspace / "data" / "errors.log"
    with metrics_after(workspace), handle_errors(as_json=as_json, log=log) as log_event:
        from pipeline.flow.approval.approve import WithdrawalInput, withdraw_approval

        withdrawal = WithdrawalInput(digest_start=digest, reviewer=reviewer, note=note, now=past_moment(now))
        with only_writer(workspace) as place:
            done = withdraw_approval(place, environment_settings(), withdrawal)
        log_event("withdrawn", folder=done.filed.folder.name, **done.withdrawal.model_dump(mode="json"))
        if as_json:
            print_json(done.withdrawal.model_dump(mode="json"))
            return
        from pipeline.cli.crosswalk_text import kept_names_text
        from pipeline.flow.record.record_files import what_stays

        print_text(
            f"Withdrew the approval of {done.filed.folder.name}, by {escape_text(done.withdrawal.reviewer)}.",
            f"File: {done.path}",
            *kept_names_text(done.judged, place),
            *(f"WARN {warning}." for warning in done.warnings),
            f"{what_stays(place).capitalize()}. Next: `{place.command('run')}` proposes anew.",
        )


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (review, approve, reject, withdraw, publish):
        app.command()(command)


def _answer(
    verdict: Verdict, workspace: Path, words: tuple[str, str, str], now: str | None, *, as_json: bool
) -> None:
    log = workspace / "data" / "errors.log"
    with metrics_after(workspace), handle_errors(as_json=as_json, log=log) as log_event:
        from pipeline.flow.approval.approve import DecisionInput, consent_digest, decide_proposal

        digest, reviewer, note = words
        decision_input = DecisionInput(
            verdict=verdict, digest_start=digest, reviewer=reviewer, note=note, now=past_moment(now)
        )
        with only_writer(workspace) as place:
            done = decide_proposal(place, environment_settings(), decision_input)
        log_event("decided", folder=done.filed.folder.name, **done.decision.model_dump(mode="json"))
        if as_json:
            document: dict[str, JsonValue] = done.decision.model_dump(mode="json")
            document |= {"judged": [f"{one.source}:{one.key}" for one in done.judged]}
            print_json(document | {"warnings": list(done.warnings)})
            return
        from pipeline.cli.crosswalk_text import accepted_text
        from pipeline.cli.text_output import publish_command
        from pipeline.flow.record.record_files import what_stays

        publishes = publish_command(done.filed.proposal, decision_input.now.date())
        next_step = {
            "approved": f"Next: `{publishes}`.",
            "rejected": f"{what_stays(place).capitalize()}; the next run proposes anew.",
        }

        print_text(
            f"{done.decision.verdict.value.capitalize()} {consent_digest(done.filed.proposal)[:8]} "
            f"({done.filed.folder.name}) by {escape_text(done.decision.reviewer)}.",
            *accepted_text(done.judged, place),
            *(f"WARN {warning}." for warning in done.warnings),
            next_step[done.decision.verdict.value],
        )
