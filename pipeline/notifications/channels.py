"""Sends a notice by e-mail or to a webhook, and writes the body of a pull request."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import httpx

from pipeline import atomic_files
from pipeline.errors import NotificationError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.domain.run import OutboundNetwork, RunNotice


_MAIL_SECONDS: Final = 10.0
_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """Where mail is submitted, from whom and to whom."""

    server: str
    """`smtp://user:password@host:587` (encrypted where the server offers it) or `smtps://...` (always)."""
    sender: str
    recipients: str
    """Addresses, separated by commas."""
    authorities: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    scheme: str
    host: str
    port: int
    user: str
    password: str


def send_mail(notice: RunNotice, account: MailAccount) -> None:
    """Hand one message in for all recipients.

    Raises:
        NotificationError: An address is none, the server cannot be reached or refuses, or a password would
            go unencrypted.
    """
    server, message = _server(account.server), _message(notice, account)
    try:
        _submit(server, message, account.authorities)
    except smtplib.SMTPResponseException as error:
        raise NotificationError(f"the mail server {server.host} answered {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotificationError(
            f"the mail server {server.host} did not take it ({type(error).__name__})"
        ) from None


def _submit(server: _Server, message: EmailMessage, authorities: Path | None) -> None:
    trusted = ssl.create_default_context()
    if authorities:
        trusted.load_verify_locations(cafile=authorities)
    encrypted = server.scheme == "smtps"
    client: smtplib.SMTP = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=_MAIL_SECONDS, context=trusted)
        if encrypted
        else smtplib.SMTP(server.host, server.port, timeout=_MAIL_SECONDS)
    )
    with client:
        client.ehlo()
        if not encrypted and client.has_extn("starttls"):
            client.starttls(context=trusted)
            client.ehlo()
            encrypted = True
        if server.user:
            if not encrypted:
                raise NotificationError(
                    f"the mail server {server.host} offers no encryption, so no password is sent to it"
                )
            client.login(server.user, server.password)
        client.send_message(message)


def _server(address: str) -> _Server:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise NotificationError("MODELPOOL_NOTIFY_SMTP is not of the form smtp://user:password@host:587")
    return _Server(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _message(notice: RunNotice, account: MailAccount) -> EmailMessage:
    message = EmailMessage()
    for header, variable, text in (
        ("From", "MODELPOOL_NOTIFY_FROM", account.sender),
        ("To", "MODELPOOL_NOTIFY_TO", account.recipients),
    ):
        found = [address for _, address in getaddresses([text]) if "@" in address]
        if not found or not text.isprintable():
            raise NotificationError(f"{variable} names no e-mail address")
        message[header] = text.strip()
    message["Subject"] = notice.subject
    message.set_content("\n".join(notice.lines) + "\n")
    return message


_WEBHOOK_SECONDS: Final = 10.0
_MARKS: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""What Slack reads as markup: without them no text names a channel or a link."""
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def post_webhook(notice: RunNotice, address: str, way: OutboundNetwork) -> None:
    """Post once; the answer's body is not read and no redirection is followed.

    Args:
        notice: What to say.
        address: Of the webhook; whoever knows it can post, so no message holds more than its host.
        way: The operator's proxy and authorities.

    Raises:
        NotificationError: It is no address, not encrypted, cannot be reached, or refuses.
    """
    url = _url(address)
    proxy = way.proxy if way.proxy and way.proxy.serves(url.host) else None
    try:
        trusted = ssl.create_default_context()
        if way.authorities:
            trusted.load_verify_locations(cafile=way.authorities)
        auth = (proxy.user, proxy.password) if proxy and (proxy.user or proxy.password) else None
        with (
            httpx.Client(
                verify=trusted,
                proxy=httpx.Proxy(proxy.url, auth=auth) if proxy else None,
                trust_env=False,
                timeout=_WEBHOOK_SECONDS,
            ) as client,
            client.stream("POST", url, json={"text": notice.text.translate(_MARKS)}) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, OSError) as error:
        raise NotificationError(
            f"the webhook at {url.host} was not reached ({type(error).__name__})"
        ) from None
    if not httpx.codes.is_success(status):
        raise NotificationError(f"the webhook at {url.host} answered {status}")


def _url(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip())
    except (httpx.InvalidURL, ValueError):
        raise NotificationError("MODELPOOL_NOTIFY_WEBHOOK is no address") from None
    if not url.host or url.scheme not in {"http", "https"}:
        raise NotificationError("MODELPOOL_NOTIFY_WEBHOOK is not of the form https://host/path")
    if url.scheme == "http" and url.host not in _HERE:
        raise NotificationError(f"the webhook at {url.host} is not asked without encryption: use https")
    return url


_LONGEST: Final = 60_000
"""Characters: GitHub takes 65,536, GitLab far more."""
_CUT: Final = "\n\nThe rest is in the proposal's folder.\n"


def write_body_file(markdown: str, file: Path) -> None:
    """Replace the file, whole or not at all.

    Raises:
        NotificationError: It cannot be written.
    """
    cut = markdown if len(markdown) <= _LONGEST else markdown[:_LONGEST].rpartition("\n")[0] + _CUT
    try:
        atomic_files.replace_file(file, cut.encode())
    except OSError as error:
        raise NotificationError(f"{file} was not written ({error.strerror})") from None
