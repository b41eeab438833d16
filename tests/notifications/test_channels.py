"""A webhook and a mail server hear exactly the notice; what cannot be sent says why and keeps its secret."""

from __future__ import annotations

import email
import email.policy
import shutil
import ssl
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.run import OutboundNetwork, RunNotice
from pipeline.domain.secrets import leaks
from pipeline.errors import NotificationError
from pipeline.notifications.channels import MailAccount, post_webhook, send_mail, write_body_file
from tests.notifications.servers import MailServer, Webhook, mail_server, webhook

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = RunNotice(
    subject="modelpool 2026-W33: a proposal waits", lines=("premium: 1 enters <@here>.", "Read it.")
)
PASSWORD = "pass-word-of-a-test-0815"  # noqa: S105 - of no account


def account(port: int, *, user: str = "", scheme: str = "smtp") -> MailAccount:
    return MailAccount(
        server=f"{scheme}://{user}localhost:{port}",
        sender="modelpool <modelpool@example.org>",
        recipients="one@example.org, two@example.org",
    )


def test_a_webhook_is_posted_as_slack_reads_it_and_no_text_is_markup() -> None:
    with webhook(Webhook()) as hook:
        post_webhook(NOTICE, hook.url, OutboundNetwork())
    assert hook.posts == [
        {"text": "modelpool 2026-W33: a proposal waits\npremium: 1 enters &lt;@here&gt;.\nRead it."}
    ]


def test_a_redirection_is_not_followed() -> None:
    with webhook(Webhook()) as other, webhook(Webhook(status=307)) as hook:
        hook.location = other.url
        with pytest.raises(NotificationError, match=r"127\.0\.0\.1 answered 307"):
            post_webhook(NOTICE, hook.url, OutboundNetwork())
    assert len(hook.posts) == 1
    assert other.posts == []


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_webhook_that_refuses_says_its_status_and_not_its_token(status: int) -> None:
    with webhook(Webhook(status=status)) as hook:
        with pytest.raises(NotificationError, match=f"answered {status}") as error:
            post_webhook(NOTICE, hook.url, OutboundNetwork())
        assert not leaks(f"{error.value} {error.value.hint}", hook.url.rpartition("/")[2])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://hooks.example.org/services/secret-0815", "without encryption"),
        ("hooks.example.org/services/secret-0815", "not of the form"),
        ("ftp://hooks.example.org/secret-0815", "not of the form"),
        ("https://[::1/secret-0815", "no address"),
        ("http://127.0.0.1:9/services/secret-0815", "was not reached"),
    ],
)
def test_an_address_that_is_none_is_told_without_its_secret(address: str, said: str) -> None:
    with pytest.raises(NotificationError, match=said) as error:
        post_webhook(NOTICE, address, OutboundNetwork())
    assert "secret-0815" not in f"{error.value} {error.value.hint}"


def test_a_mail_reaches_every_recipient() -> None:
    with mail_server(MailServer()) as server:
        send_mail(NOTICE, account(server.port))
    (raw,) = server.mails
    mail = email.message_from_string(raw, policy=email.policy.default)
    assert (mail["Subject"], mail["To"]) == (NOTICE.subject, "one@example.org, two@example.org")
    assert mail.get_content().splitlines() == list(NOTICE.lines)
    assert sum(line.upper().startswith("RCPT TO") for line in server.heard) == 2


def test_no_password_is_sent_where_nothing_is_encrypted() -> None:
    with mail_server(MailServer()) as server, pytest.raises(NotificationError, match="offers no encryption"):
        send_mail(NOTICE, account(server.port, user=f"me:{PASSWORD}@"))
    assert not server.mails
    assert not [line for line in server.heard if line.upper().startswith("AUTH")]


def test_an_encryption_that_breaks_off_sends_nothing() -> None:
    broken = MailServer(breaks_off=True)
    with mail_server(broken) as server, pytest.raises(NotificationError, match="did not take it"):
        send_mail(NOTICE, account(server.port, user=f"me:{PASSWORD}@"))
    assert "STARTTLS" in server.heard
    assert not server.mails


def test_a_password_goes_through_the_encryption_that_the_server_offers(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made = (
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    )
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    files = ("-keyout", "own.key", "-out", "own.pem")
    subprocess.run(["openssl", *made, *names, *files], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607 - found above
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem", tmp_path / "own.key")
    user = account(0, user=f"me:{PASSWORD}@")
    with mail_server(MailServer(context=context)) as server:
        trusting = MailAccount(
            server=user.server.replace(":0", f":{server.port}"),
            sender=user.sender,
            recipients=user.recipients,
            authorities=tmp_path / "own.pem",
        )
        send_mail(NOTICE, trusting)
        assert len(server.mails) == 1
        assert [line for line in server.heard if line.upper().startswith("AUTH")]
        with pytest.raises(NotificationError, match="did not take it"):
            send_mail(NOTICE, account(server.port, user=f"me:{PASSWORD}@"))
    assert len(server.mails) == 1, "a certificate that nobody vouches for is not trusted"


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
def test_a_mail_server_that_refuses_says_so(word: str) -> None:
    with (
        mail_server(MailServer(refuses=word)) as server,
        pytest.raises(NotificationError, match="mail server"),
    ):
        send_mail(NOTICE, account(server.port))
    assert any(line.upper().startswith(word) for line in server.heard)
    assert not server.mails


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"server": "mail.example.org"}, "MODELPOOL_NOTIFY_SMTP"),
        ({"server": "smtp://host:port"}, "MODELPOOL_NOTIFY_SMTP"),
        ({"sender": ""}, "MODELPOOL_NOTIFY_FROM"),
        ({"recipients": "one@example.org\r\nBcc: two@example.org"}, "MODELPOOL_NOTIFY_TO"),
    ],
)
def test_a_setting_that_is_none_is_named(change: dict[str, str], said: str) -> None:
    whole = MailAccount(server="smtp://localhost:9", sender="a@example.org", recipients="b@example.org")
    with pytest.raises(NotificationError, match=said):
        send_mail(NOTICE, replace(whole, **change))  # type: ignore[arg-type] # reason: names checked at run time


def test_a_body_that_a_git_host_would_refuse_is_cut_at_a_line(tmp_path: Path) -> None:
    file = tmp_path / "body.md"
    write_body_file("short\n", file)
    assert file.read_text() == "short\n"
    write_body_file("a line\n" * 20_000, file)
    assert len(file.read_text()) < 65_536
    assert file.read_text().endswith("a line\n\nThe rest is in the proposal's folder.\n")
    with pytest.raises(NotificationError, match="was not written"):
        write_body_file("x", file / "below")
