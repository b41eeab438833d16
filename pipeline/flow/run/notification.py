"""Says elsewhere that a run waits for a person, or held a source; a channel that fails is a warning."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Final

from pipeline.domain.observation import ANSWERED, ASKED_PRICE, QUESTION
from pipeline.domain.run import OutboundNetwork, RunNotice
from pipeline.errors import PipelineError
from pipeline.flow.record.record_files import what_stays
from pipeline.review.decisions.decisions import consent
from pipeline.review.pages.proposal_view import proposal_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.domain.proposal import Proposal
    from pipeline.flow.run.run_state import RunResult
    from pipeline.settings import Settings
    from pipeline.workspace import Workspace


MOST_SECONDS: Final = 30.0
"""For one channel, all its pauses together."""


def notify(result: RunResult, workspace: Workspace, settings: Settings) -> tuple[str, ...]:
    """Use every channel that is set; a run with nothing to look at only renews the body of a pull request.

    Returns:
        A sentence for each channel that failed, without anything secret. The run stands whatever they say.
    """
    return tuple(
        f"nobody was told through {name}: {why}"
        for name, tell in _channels(result, workspace, settings)
        if (why := _why_not(tell))
    )


def notice_of(result: RunResult, workspace: Workspace) -> RunNotice:
    """Write what a person elsewhere needs to know; names of sources' models are left to the page."""
    proposal = result.proposal
    if proposal is None:
        subject = f"modelpool {result.week}: a source is held"
        if not result.held:
            subject = f"modelpool {result.week}: nothing to review; {what_stays(workspace)}"
        return RunNotice(subject=subject, lines=tuple(_held_lines(result, workspace)))
    lines = (
        proposal_view(proposal).headline,
        *_held_lines(result, workspace),
        *_counts(proposal),
        f"Digest {consent(proposal)}; valid until {proposal.pool.expires_on}.",
        f"To read it: {workspace.command('review')}",
        "No router sees any of it before a named person approves exactly these bytes.",
    )
    return RunNotice(subject=f"modelpool {result.folder.name}: a proposal waits for review", lines=lines)


def _channels(
    result: RunResult, workspace: Workspace, settings: Settings
) -> Iterator[tuple[str, Callable[[], None]]]:
    asks = result.proposal is not None or bool(result.held)
    hook, server, file = settings.notify_webhook, settings.notify_smtp, settings.notify_body_file
    if asks and hook and hook.get_secret_value().strip():
        from pipeline.notifications.channels import post_webhook

        yield (
            "the webhook",
            lambda: post_webhook(
                notice_of(result, workspace),
                hook.get_secret_value(),
                OutboundNetwork(proxy=settings.proxy_address(), authorities=settings.authorities()),
            ),
        )
    if asks and server and server.get_secret_value().strip():
        from pipeline.notifications.channels import MailAccount, send_mail

        yield (
            "e-mail",
            lambda: send_mail(
                notice_of(result, workspace),
                MailAccount(
                    server=server.get_secret_value(),
                    sender=settings.notify_from,
                    recipients=settings.notify_to,
                    authorities=settings.authorities(),
                ),
            ),
        )
    if file is not None and str(file).strip(". "):
        from pipeline.notifications.channels import write_body_file

        def write() -> None:
            workspace.refuse_own_file("MODELPOOL_NOTIFY_BODY_FILE", file)
            write_body_file(_markdown(result, workspace), file)

        yield "the body of a pull request", write


def _why_not(send: Callable[[], None]) -> str:
    """Send by one channel, within a time limit, and return why it failed: a server may drip for hours."""
    failures: list[str] = []
    work = Thread(target=lambda: failures.append(_attempt(send)), daemon=True)
    work.start()
    work.join(MOST_SECONDS)
    return failures[0] if failures else f"it had not ended after {MOST_SECONDS:g} seconds"


def _attempt(send: Callable[[], None]) -> str:
    try:
        send()
    except (PipelineError, OSError) as error:
        return str(error)
    except ValueError as error:  # e.g. a host name that IDNA refuses; its text may hold the address
        return f"its address cannot be used ({type(error).__name__})"
    return ""


def _markdown(result: RunResult, workspace: Workspace) -> str:
    """Return the proposal as its page in Markdown; a line where there is none."""
    if result.proposal is None:
        return f"{notice_of(result, workspace).text}\n"
    return (result.folder / "proposal.md").read_text("utf-8")


def _held_lines(result: RunResult, workspace: Workspace) -> Iterator[str]:
    names = sorted({finding.subject for finding in result.held})
    if names:
        why = workspace.command("sources")
        yield f"Held: {', '.join(names)}. `{why}` says why, and what is used instead."


def _counts(proposal: Proposal) -> Iterator[str]:
    """Count what else waits for an answer, and what is not asked again."""
    counted = {
        "prices asked": ASKED_PRICE,
        "members missing from the data": QUESTION,
        "answered changes not asked again": ANSWERED,
    }
    found = {
        words: sum(finding.kind == kind for finding in proposal.findings) for words, kind in counted.items()
    }
    if any(found.values()):
        yield "; ".join(f"{count} {words}" for words, count in found.items() if count) + "."
