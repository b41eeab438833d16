"""Adds the plugin's own routes to the proxy: `/modelpool/status` and `/modelpool/metrics`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import Depends
from fastapi.responses import JSONResponse, PlainTextResponse
from litellm.proxy.auth.user_api_key_auth import user_api_key_auth

from pipeline.gateway.status import metrics_text, status_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pipeline.gateway.service import PoolService


def add_routes(app: FastAPI, service: PoolService) -> None:
    """Add both routes; both ask for a key of the proxy, where it has keys."""

    async def status() -> JSONResponse:
        found = status_of(service, now=datetime.now(UTC))
        return JSONResponse(found, status_code=200 if service.pool else 503)

    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(metrics_text(service, now=datetime.now(UTC)))

    for path, handler in (("/modelpool/status", status), ("/modelpool/metrics", metrics)):
        app.add_api_route(path, handler, dependencies=[Depends(user_api_key_auth)], include_in_schema=False)
