"""After a run the channels that are set hear of it; one that fails is a warning and changes nothing else."""

from __future__ import annotations

import re
from threading import Event
from typing import TYPE_CHECKING

from pipeline.domain.secrets import leaks
from pipeline.flow.run import notification
from pipeline.settings import known_secrets
from tests.notifications.servers import MailServer, Webhook, mail_server, webhook

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.example import Example

KEY, PASSWORD = "aa-key-of-a-test-0815-4711", "pass-word-of-a-test-0815"
_PUBLISHES = re.compile(
    r"publish(?!ed pool stays)|automatic|deploy|in effect|live now|went out", re.IGNORECASE
)


def test_every_channel_hears_of_a_proposal_and_of_no_secret(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = tmp_path / "body.md"
    with webhook(Webhook()) as hook, mail_server(MailServer()) as server:
        monkeypatch.setenv("MODELPOOL_AA_KEY", KEY)
        monkeypatch.setenv("MODELPOOL_NOTIFY_WEBHOOK", hook.url)
        monkeypatch.setenv("MODELPOOL_NOTIFY_SMTP", f"smtp://localhost:{server.port}")
        monkeypatch.setenv("MODELPOOL_NOTIFY_FROM", "modelpool@example.org")
        monkeypatch.setenv("MODELPOOL_NOTIFY_TO", "you@example.org")
        monkeypatch.setenv("MODELPOOL_NOTIFY_BODY_FILE", str(body))
        ran = example.run()
    assert ran.code == 10
    assert "nobody was told" not in ran.out
    text = hook.posts[0]["text"]
    digest = example.digest()
    assert text.startswith("modelpool 2026-W33: a proposal waits for review\n")
    assert digest[:16] in text
    assert "before a named person approves exactly these bytes" in text
    assert text.partition("\n")[0] in server.mails[0]
    assert body.read_text() == (example.folder / "reviews/2026-W33/proposal.md").read_text()
    for said in (text, server.mails[0]):
        assert not _PUBLISHES.search(said)
        assert not any(leaks(said, secret) for secret in (KEY, hook.url.rpartition("/")[2]))
    assert hook.url.rpartition("/")[2] in known_secrets(), "logs leave it out, too"


def test_a_channel_that_fails_is_a_warning_and_the_run_means_the_same(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webhook(Webhook(status=500)) as hook, mail_server(MailServer()) as server:
        monkeypatch.setenv("MODELPOOL_NOTIFY_WEBHOOK", hook.url)
        monkeypatch.setenv("MODELPOOL_NOTIFY_SMTP", f"smtp://me:{PASSWORD}@localhost:{server.port}")
        monkeypatch.setenv("MODELPOOL_NOTIFY_FROM", "modelpool@example.org")
        monkeypatch.setenv("MODELPOOL_NOTIFY_TO", "you@example.org")
        monkeypatch.setenv("MODELPOOL_NOTIFY_BODY_FILE", str(tmp_path))
        ran = example.run()
    assert ran.code == 10
    assert hook.posts, "it was asked"
    assert "WARN nobody was told through the webhook: the webhook at 127.0.0.1 answered 500." in ran.out
    assert "WARN nobody was told through e-mail: the mail server localhost offers no encryption" in ran.out
    assert "WARN nobody was told through the body of a pull request" in ran.out
    written = ran.out + ran.err + (example.folder / "data/log.jsonl").read_text()
    assert "answered 500" in (example.folder / "data/log.jsonl").read_text()
    assert not any(leaks(written, secret) for secret in (PASSWORD, hook.url.rpartition("/")[2]))
    monkeypatch.undo()
    filed = (example.folder / "reviews/2026-W33/proposal.json").read_bytes()
    assert example.run().code == 10
    assert (example.folder / "reviews/2026-W33/proposal.json").read_bytes() == filed


def test_an_address_that_cannot_be_used_is_a_warning(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPOOL_NOTIFY_WEBHOOK", f"https://xn--/{PASSWORD}")
    monkeypatch.setenv("MODELPOOL_NOTIFY_SMTP", f"smtp://me:{PASSWORD}@a..b:25")
    monkeypatch.setenv("MODELPOOL_NOTIFY_FROM", "modelpool@example.org")
    monkeypatch.setenv("MODELPOOL_NOTIFY_TO", "you@example.org")
    ran = example.run()
    assert ran.code == 10
    assert ran.out.count("WARN nobody was told through") == 2
    assert not leaks(ran.out + ran.err, PASSWORD)


def test_a_channel_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, over = Event(), Event()

    def drip() -> None:
        begun.set()
        over.wait()

    monkeypatch.setattr(notification, "MOST_SECONDS", 0.05)
    assert notification._why_not(drip) == "it had not ended after 0.05 seconds"
    assert begun.is_set(), "it was tried"
    over.set()


def test_a_run_with_nothing_to_review_tells_nobody_and_renews_the_body(
    ran: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    body = tmp_path / "body.md"
    with webhook(Webhook()) as hook:
        monkeypatch.setenv("MODELPOOL_NOTIFY_WEBHOOK", hook.url)
        monkeypatch.setenv("MODELPOOL_NOTIFY_BODY_FILE", str(body))
        assert ran.run().code == 0
    assert hook.posts == []
    assert body.read_text() == "modelpool 2026-W33: nothing to review; the published pool stays in force\n"
