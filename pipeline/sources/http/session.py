"""Makes HTTP requests to one source, within one deadline: bounded answers, few retries, a name of our own.

A key travels in one header to the host it was meant for: keyed requests follow no redirect, and others only
to the hosts their source names. No cookie and no netrc is used. What was asked before is asked with its own
validators, so that an unchanged answer costs nobody anything. httpx is loaded where somebody is asked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.domain.observation import Capture
from pipeline.domain.secrets import leaks
from pipeline.errors import SourceHeldError
from pipeline.sources.http.bounded_read import CutError, ForeignError, read_body, read_excerpt
from pipeline.sources.http.http_errors import (
    RefusalReason,
    RefusedRequest,
    explain_refusal,
    foreign_answer,
    has_expected_type,
)
from pipeline.sources.http.request import (
    Deadline,
    HttpConfig,
    Mirrors,
    Request,
    Response,
    host_of,
    integer_header,
    join_url,
    validator,
)
from pipeline.sources.parsing.json_body import held_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    from pydantic import SecretStr

    from pipeline.domain.ids import SourceName


ATTEMPTS = 3

_OK, _NOT_MODIFIED = 200, 304
_HOPS = 3
_BACKOFF_SECONDS = 0.5
_SHORTEST_ECHO = 8
"""A shorter password may stand in an honest answer by chance."""


class _RefusedError(Exception):
    def __init__(self, refusal: RefusalReason) -> None:
        super().__init__(refusal.found)
        self.refusal = refusal


class SourceSession:
    """The requests to one source, in `with closing(SourceSession(...))`; its deadline runs from here."""

    def __init__(
        self,
        source: SourceName,
        http: HttpConfig,
        *,
        now: datetime,
        known: tuple[Capture, ...] = (),
        asked_today: int = 0,
    ) -> None:
        """Prepare the session; nothing is sent yet.

        Args:
            source: Who is asked.
            http: How to connect: limits, proxy, certificates, mirrors.
            now: The moment that captures bear.
            known: Captures of the last good answer, for conditional questions.
            asked_today: How many captures of this source bear today's date already.
        """
        self.source = source
        self.now = now
        self.asked_today = asked_today
        self.deadline = Deadline(http.seconds)
        self.clock_errors: dict[str, timedelta] = {}
        """How far this machine's clock is ahead of each server that was asked, by its nearest answer."""
        self._addresses = Mirrors(http.mirrors)
        self._known = {capture.url: capture for capture in known if capture.etag or capture.last_modified}
        self._http = http

    @cached_property
    def _client(self) -> httpx.Client:
        """Made by the first request: httpx is not loaded for a source that is not asked."""
        from pipeline.sources.http.transport import client

        return client(self._http, self.deadline)

    def close(self) -> None:
        """Close every connection."""
        if "_client" in self.__dict__:
            self._client.close()

    def ask(self, ask: Request) -> Response:
        """Ask one question, again where that may help, and return the whole answer.

        Raises:
            SourceHeldError: There is no whole answer with status 200 (or an unchanged one) in time.
        """
        import stamina

        ask = replace(ask, url=self._addresses.of(ask.url))
        tries, client = 0, self._client
        try:
            for attempt in stamina.retry_context(on=self._wait, attempts=ATTEMPTS, timeout=None):
                with attempt:
                    tries = attempt.num
                    return self._ask_once(
                        client, ask, backoff_seconds=_BACKOFF_SECONDS * 2 ** (attempt.num - 1)
                    )
        except _RefusedError as error:
            again = f" (asked {tries} times)" if tries > 1 else ""
            raise SourceHeldError(
                self.source, f"{error.refusal.found}{again}", hint=error.refusal.hint
            ) from None
        raise held_error(self.source, "it was not asked")  # stamina returns or raises

    def _wait(self, error: Exception) -> float | bool:
        """Say how long to wait before asking again; False where it cannot help or no time is left."""
        wait = error.refusal.wait_seconds if isinstance(error, _RefusedError) else None
        return False if wait is None or wait >= self.deadline.seconds_left() else max(wait, 0.001)

    def _ask_once(self, client: httpx.Client, ask: Request, *, backoff_seconds: float) -> Response:
        """Ask once, following the redirects that are allowed."""
        import httpx

        url = ask.url
        try:
            for _ in range(_HOPS):
                with client.stream("GET", url, headers=self._headers(ask)) as response:
                    if url == ask.url:
                        self._compare_clocks(url, response)
                    if not (response.has_redirect_location and ask.hosts and ask.key is None):
                        return self._answer(ask, response, backoff_seconds)
                    url = self._next_address(ask, url, response)
        except (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError) as e:
            raise _RefusedError(self._explain(e, backoff_seconds)) from None
        except CutError as e:
            raise _RefusedError(RefusalReason(found=str(e), wait_seconds=backoff_seconds)) from None
        except ForeignError as e:
            raise _RefusedError(RefusalReason(found=str(e))) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as e:
            raise _RefusedError(RefusalReason(found=f"no answer ({type(e).__name__})")) from None
        raise held_error(self.source, f"more than {_HOPS} redirects")

    def _compare_clocks(self, url: str, response: httpx.Response) -> None:
        """Note how far this machine's clock, not `now`, is from the server's; of several, the nearest."""
        error, host = clock_error(response.headers, now=datetime.now(UTC)), host_of(url)
        if error is not None:
            self.clock_errors[host] = min(error, self.clock_errors.get(host, error), key=abs)

    def _explain(self, error: Exception, backoff_seconds: float) -> RefusalReason:
        from pipeline.sources.http.connection_errors import explain_failure

        reason = explain_failure(error, backoff_seconds=backoff_seconds)
        if self.deadline.seconds_left():
            return reason
        late = f"no whole answer within {self.deadline.seconds:g} seconds ({type(error).__name__})"
        return replace(reason, found=late, wait_seconds=None)

    def _headers(self, ask: Request) -> dict[str, str]:
        headers = {} if ask.key is None else {"x-api-key": ask.key.get_secret_value()}
        known = self._known.get(ask.url)
        if known and known.etag:
            headers["if-none-match"] = known.etag
        if known and known.last_modified:
            headers["if-modified-since"] = known.last_modified
        return headers

    def _answer(self, ask: Request, response: httpx.Response, backoff_seconds: float) -> Response:
        headers = {name: text for name, text in response.headers.items() if not self._repeats(ask.key, text)}
        known = self._known.get(ask.url)
        if response.status_code == _NOT_MODIFIED and known:
            return Response(capture=replace(known, fetched_at=self.now), headers=headers)
        if response.status_code != _OK:
            refused = RefusedRequest(
                status=response.status_code,
                headers=headers,
                excerpt=self._mask_key(ask.key, read_excerpt(response)),
            )
            said = ask.explain(refused) if ask.explain else None
            raise _RefusedError(
                said or explain_refusal(refused, now=self.now, backoff_seconds=backoff_seconds)
            )
        if not has_expected_type(headers, page=ask.page):
            raise _RefusedError(foreign_answer(self._mask_key(ask.key, read_excerpt(response)), headers))
        body = read_body(response, self.deadline)
        if self._repeats(ask.key, body.decode(errors="replace")):
            raise held_error(self.source, "an answer that repeats a key or password; it is not kept")
        capture = Capture(
            source=self.source,
            url=ask.url,
            fetched_at=self.now,
            status=_OK,
            body=body,
            etag=validator(headers.get("etag")),
            last_modified=validator(headers.get("last-modified")),
        )
        return Response(capture=capture, headers=headers)

    def _next_address(self, ask: Request, url: str, response: httpx.Response) -> str:
        target = join_url(url, response.headers.get("location", ""))
        if not self._addresses.allows(target, ask.url, ask.hosts):
            raise held_error(
                self.source, f"a redirect to the host {host_of(target)!r}, which is not one of its own"
            )
        return target

    def _repeats(self, key: SecretStr | None, text: str) -> bool:
        """Return whether a source sends back a secret, or a part of it, in any form: it is not kept."""
        secrets = {key.get_secret_value()} if key else set()
        secrets.update(one for one in self._http.secrets if len(one) >= _SHORTEST_ECHO)
        return any(leaks(text, secret) for secret in secrets)

    def _mask_key(self, key: SecretStr | None, excerpt: bytes) -> bytes:
        return b"" if self._repeats(key, excerpt.decode(errors="replace")) else excerpt


def clock_error(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Say by how much a clock differs from the server that sent these headers.

    An answer from a cache may bear the moment at which it was stored, and says in `Age` how long ago that
    was: any moment between the two may be the server's, so only what lies outside differs.

    Args:
        headers: Lower-case names.
        now: What the clock said when the answer came.

    Returns:
        How far the clock is ahead, negative where it is behind; None where the answer bears no date.
    """
    try:
        dated = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):  # a date may be anything
        return None
    if dated.tzinfo is None:
        return None
    ahead = now - dated.astimezone(UTC)
    age = timedelta(seconds=integer_header(headers, "age") or 0)
    return min(ahead, timedelta(0)) or max(ahead - age, timedelta(0))
