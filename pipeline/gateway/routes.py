"""Adds the plugin's own routes to the proxy: `/modelpool/status` and `/modelpool/metrics`."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import litellm
from fastapi import Depends
from fastapi.responses import JSONResponse, PlainTextResponse
from litellm.proxy.auth.user_api_key_auth import user_api_key_auth
from litellm.router_utils.cooldown_handlers import async_get_cooldown_deployments

from pipeline.gateway.answers import StreamAnswers
from pipeline.gateway.names import read_id
from pipeline.gateway.status import ProxyFacts, metrics_text, status_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pipeline.gateway.registry import Router
    from pipeline.gateway.service import PoolService


def add_routes(app: FastAPI, service: PoolService) -> None:
    """Add both routes; both ask for a key of the proxy, where it has keys."""

    async def status() -> JSONResponse:
        found = status_of(service, await _facts(service.router), now=datetime.now(UTC))
        return JSONResponse(found, status_code=200 if service.pool else 503)

    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(metrics_text(service, now=datetime.now(UTC)))

    for path, handler in (("/modelpool/status", status), ("/modelpool/metrics", metrics)):
        app.add_api_route(path, handler, dependencies=[Depends(user_api_key_auth)], include_in_schema=False)


def tell_in_streams(app: FastAPI, service: PoolService) -> None:
    """Name the answering member in streams, also where the proxy has built its application already."""
    if app.middleware_stack is None:
        app.add_middleware(StreamAnswers, count=service.count_answer)
    else:
        app.middleware_stack = StreamAnswers(app.middleware_stack, service.count_answer)


async def _facts(router: Router | None) -> ProxyFacts:
    ids = []
    if router:
        ids = await async_get_cooldown_deployments(litellm_router_instance=router, parent_otel_span=None)
    members = [read_id(identity) for identity in ids]
    return ProxyFacts(
        litellm=version("litellm"),
        num_retries=getattr(router, "num_retries", None),
        max_fallbacks=getattr(router, "max_fallbacks", None),
        cooldown_time=getattr(router, "cooldown_time", None),
        fallbacks=tuple(router.fallbacks or ()) if router else (),
        plugins=sum(type(callback).__module__ == "pipeline.gateway.plugin" for callback in litellm.callbacks),
        cooling=frozenset(member.variant for member in members if member),
    )
