"""Tells which member answered: in the body, in headers, and in a stream's last event."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.gateway.names import DeploymentId, read_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    from pipeline.gateway.request import Request

    Message = MutableMapping[str, object]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[MutableMapping[str, object], Callable[[], Awaitable[Message]], Send], Awaitable[None]]


BRAIN: Final = "brainModel"


def origin(response: object, data: Mapping[str, object]) -> DeploymentId | None:
    """Find the deployment that answered; None where it is none of ours.

    The answer itself says it; only where it carries nothing does the request's metadata count, which after a
    failover LiteLLM may still hold from the first attempt.
    """
    # LiteLLM makes a class for each stream, which an abstract class would have to get to know each time.
    hidden = response.get("_hidden_params") if isinstance(response, dict) else None
    hidden = hidden or getattr(response, "_hidden_params", None)
    found = read_id(hidden.get("model_id")) if isinstance(hidden, Mapping) else None
    if found:
        return found
    metadata = data.get("litellm_metadata")
    info = metadata.get("model_info") if isinstance(metadata, Mapping) else None
    return read_id(info.get("id")) if isinstance(info, Mapping) else None


def mark(response: object, variant: str) -> None:
    """Write `brainModel` into a body."""
    if isinstance(response, dict):
        response[BRAIN] = variant
    else:
        setattr(response, BRAIN, variant)


def headers_of(found: DeploymentId | None, steps: Mapping[str, object] | None) -> dict[str, str]:
    """Write the headers beside an answer.

    Args:
        found: Who answered; None: nobody of ours.
        steps: How that was decided, where the client asked for it.
    """
    headers = origin_headers(found) if found else {}
    if steps is not None:
        headers["x-pool-explain"] = json.dumps(steps, separators=(",", ":"))
    return headers


def origin_headers(found: DeploymentId) -> dict[str, str]:
    """Write the headers that name who answered."""
    return {
        "x-brain-model": found.variant,
        "x-pool-version": f"v{found.version:04}",
        "x-pool-band": found.band,
        "x-pool-tier": found.tier,
    }


_EVENTS: Final = b"text/event-stream"
_WHOLE: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
"""Last events of a response: each holds the response itself."""
_LAST: Final = re.compile(rb'"finish_reason": ?"|"message_stop"|"response\.(?:completed|incomplete|failed)"')
"""Stands in the last event of a stream, and in no text within one: its quotes would be escaped there."""


@dataclass(slots=True)
class Exchange:
    """One HTTP request of the proxy, as the plugin's hooks and the application around them share it."""

    request: Request | None = None
    """What was decided; None: nothing, for it asks for none of the pool's tiers."""


EXCHANGE: Final[ContextVar[Exchange | None]] = ContextVar("modelpool_exchange", default=None)


class StreamAnswers:
    """An ASGI application around the proxy's; it changes nothing but streams of the pool's members."""

    def __init__(self, app: App, count: Callable[[DeploymentId], None]) -> None:
        """Stand before an application.

        Args:
            app: The proxy's.
            count: Is called once for each stream that begins, with the member whose stream it is.
        """
        self._app = app
        self._count = count

    async def __call__(
        self, scope: MutableMapping[str, object], receive: Callable[[], Awaitable[Message]], send: Send
    ) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange()
        EXCHANGE.set(exchange)
        events: _Events | None = None

        async def told(message: Message) -> None:
            nonlocal events
            if message["type"] == "http.response.start":
                request = exchange.request
                found: Iterable[tuple[bytes, bytes]] = message.get("headers") or ()  # type: ignore[assignment]  # ASGI
                if request and (member := request.asked) and _is_stream(headers := list(found)):
                    events = _Events(request)
                    message["headers"] = _with_member_headers(headers, member)
                    self._count(member)
            elif events is not None:
                body: bytes = message.get("body") or b""  # type: ignore[assignment]  # ASGI
                message["body"] = events.rewrite(body, more=bool(message.get("more_body")))
            await send(message)

        await self._app(scope, receive, told)


class _Events:
    """Writes `brainModel` into the event that ends a stream; every other byte stays as it is."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._begun = b""

    def rewrite(self, body: bytes, *, more: bool) -> bytes:
        """Return what can be sent on: a line whose end is still to come waits for it."""
        text = self._begun + body
        self._begun = b""
        if more and not text.endswith(b"\n"):
            end = text.rfind(b"\n") + 1
            text, self._begun = text[:end], text[end:]
        if _LAST.search(text) is None:
            return text
        return b"\n".join(self._line(line) for line in text.split(b"\n"))

    def _line(self, line: bytes) -> bytes:
        member = self._request.asked
        if member is None or not line.startswith(b"data:") or _LAST.search(line) is None:
            return line
        try:
            event = json.loads(line.removeprefix(b"data:"))
        except (ValueError, RecursionError):
            return line
        if not isinstance(answer := _told_in(event), dict):
            return line
        answer[BRAIN] = member.variant
        return b"data: " + json.dumps(event, separators=(",", ":")).encode()


def _told_in(event: object) -> object:
    """Return the part of a last event that names who answered; None where it is not the last."""
    if not isinstance(event, dict):
        return None
    if event.get("type") in _WHOLE:
        return event.get("response")
    choices = event.get("choices")
    ended = event.get("type") == "message_stop" or any(
        isinstance(choice, dict) and choice.get("finish_reason")
        for choice in (choices if isinstance(choices, list) else ())
    )
    return event if ended else None


def _is_stream(headers: list[tuple[bytes, bytes]]) -> bool:
    by_name = {name.lower(): value for name, value in headers}
    readable = b"content-encoding" not in by_name and b"content-length" not in by_name
    return readable and by_name.get(b"content-type", b"").startswith(_EVENTS)


def _with_member_headers(
    headers: list[tuple[bytes, bytes]], member: DeploymentId
) -> list[tuple[bytes, bytes]]:
    ours = {name.encode(): value.encode() for name, value in origin_headers(member).items()}
    return [*((name, value) for name, value in headers if name.lower() not in ours), *ours.items()]
