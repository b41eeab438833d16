"""Corrects the headers of a stream that another member took over before its first event.

LiteLLM asks its hooks for headers when a stream is opened, and then waits for the first event. Where the
stream ends before it, the next member's takes its place: LiteLLM renews its own headers then, but not those
of the hooks. So ours are read again from LiteLLM's, when the answer begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.gateway.answers import origin_headers
from pipeline.gateway.names import read_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Message = MutableMapping[str, object]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[MutableMapping[str, object], Callable[[], Awaitable[Message]], Send], Awaitable[None]]

_DEPLOYMENT: Final = b"x-litellm-model-id"
_EVENTS: Final = b"text/event-stream"
_OURS: Final = b"x-brain-model"


class StreamHeaders:
    """An ASGI application around the proxy's; it changes nothing but our own headers of streams."""

    def __init__(self, app: App) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(
        self, scope: MutableMapping[str, object], receive: Callable[[], Awaitable[Message]], send: Send
    ) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def corrected(message: Message) -> None:
            if message["type"] == "http.response.start":
                found: Iterable[tuple[bytes, bytes]] = message.get("headers") or ()  # type: ignore[assignment]  # ASGI
                message["headers"] = corrected_headers(found)
            await send(message)

        await self._app(scope, receive, corrected)


def corrected_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer, ours of a stream as LiteLLM's own name its deployment."""
    found = list(headers)
    by_name = {name.lower(): value for name, value in found}
    if _OURS not in by_name or not by_name.get(b"content-type", b"").startswith(_EVENTS):
        return found
    deployment = read_id(by_name.get(_DEPLOYMENT, b"").decode("latin-1"))
    if deployment is None or deployment.variant.encode() == by_name[_OURS]:
        return found
    ours = {name.encode(): value.encode() for name, value in origin_headers(deployment).items()}
    return [(name, ours.get(name.lower(), value)) for name, value in found]
