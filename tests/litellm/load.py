"""Clients that ask a proxy as fast as it answers, and what they got."""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

MASTER_KEY = "sk-made-for-this-test-0123456789abcdef"
_LONG_ENOUGH = 60
_MOST_ERRORS = 100
"""A proxy that answers none of so many requests in a row has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One answer: its code, the version and member in its headers, and the member in its body."""

    code: int
    version: str | None
    header: str | None
    body: str | None


@dataclass(slots=True)
class Load:
    """Clients on connections of their own, each asking again when it is answered."""

    url: str
    body: dict[str, object]
    clients: int = 4
    served: list[Served] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def run(self, enough: Callable[[int], bool]) -> None:
        """Ask until `enough` says so of the number of answers, or the proxy has ended."""
        threads = [threading.Thread(target=self._ask, args=(enough,)) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, enough: Callable[[int], bool]) -> None:
        at = urlsplit(self.url)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=_LONG_ENOUGH)
        headers = {"Authorization": f"Bearer {MASTER_KEY}", "Content-Type": "application/json"}
        in_a_row = 0
        while in_a_row < _MOST_ERRORS and not enough(len(self.served)):
            try:
                connection.request("POST", "/v1/chat/completions", json.dumps(self.body), headers)
                answer = connection.getresponse()
                text = answer.read()
                self.served.append(_served(answer, text))
                in_a_row = 0
            except (OSError, http.client.HTTPException) as error:
                self.errors.append(repr(error))
                in_a_row += 1
                connection.close()
        connection.close()


def _served(answer: http.client.HTTPResponse, text: bytes) -> Served:
    whole = answer.headers.get_content_type() == "application/json"
    lines = [text] if whole else [line[6:] for line in text.splitlines() if line.startswith(b"data: {")]
    named = [found for line in lines if (found := json.loads(line).get("brainModel"))]
    return Served(
        code=answer.status,
        version=answer.getheader("x-pool-version"),
        header=answer.getheader("x-brain-model"),
        body=named[-1] if named else None,
    )
