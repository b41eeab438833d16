"""Explains why there was no whole answer: a certificate, a name, a proxy, a silence; and what helps."""

from __future__ import annotations

import re
from typing import Final

import httpx

from pipeline.sources.http.http_errors import RefusalReason
from pipeline.sources.http.transport import NO_ADDRESS

_KEPT: Final = "Nothing is replaced: the last good data is used."
_CERTIFICATE: Final = re.compile(r"certificate verify failed: ([A-Za-z0-9 ',.-]{1,120})")
_STATUS: Final = re.compile(r"[1-5]\d\d\b")


def explain_failure(error: Exception, *, backoff_seconds: float) -> RefusalReason:
    """Explain an error of the way to a source; nothing that the other side wrote is repeated."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = _CERTIFICATE.search(text)
        return RefusalReason(
            found=f"its certificate is not trusted ({why[1].strip() if why else 'it cannot be verified'})",
            hint=f"{_KEPT} Behind a company's proxy, set MODELPOOL_CA_FILE to the PEM file of its authority; "
            "else look at this machine's clock (`date -u`).",
        )
    if NO_ADDRESS in text:
        return RefusalReason(
            found=text,
            hint=f"{_KEPT} Look at this machine's network and name service, then run again.",
            wait_seconds=backoff_seconds,
        )
    if isinstance(error, httpx.ProxyError):
        status = _STATUS.match(text)
        return RefusalReason(
            found=f"the proxy refused{f' with status {status[0]}' if status else ''}",
            hint=f"{_KEPT} Look at MODELPOOL_PROXY, HTTPS_PROXY or ALL_PROXY; hosts that need no proxy go "
            "into NO_PROXY.",
            wait_seconds=backoff_seconds,
        )
    if isinstance(error, httpx.ConnectError):
        return RefusalReason(
            found=f"no connection ({type(error).__name__})",
            hint=f"{_KEPT} Look at this machine's network, then run again.",
            wait_seconds=backoff_seconds,
        )
    return RefusalReason(found=f"no whole answer ({type(error).__name__})", wait_seconds=backoff_seconds)
