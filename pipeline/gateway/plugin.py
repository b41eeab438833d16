"""Implements the plugin of a LiteLLM proxy: it follows the pool, picks the band, says who answered."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import litellm
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy import proxy_server

from pipeline.errors import UsageError
from pipeline.gateway import answers
from pipeline.gateway.answers import EXCHANGE, Exchange
from pipeline.gateway.demo_upstreams import DemoUpstreams
from pipeline.gateway.names import is_hidden, read_id, tier_of
from pipeline.gateway.registry import CLASSES
from pipeline.gateway.registry_plan import DEFAULT_BAND, PlanOptions
from pipeline.gateway.request import Request, ask_for_usage, note_workload, read_request
from pipeline.gateway.requirements import shortfalls
from pipeline.gateway.routes import add_routes, tell_in_streams
from pipeline.gateway.service import LOG, PoolService
from pipeline.gateway.settings import read_settings

if TYPE_CHECKING:
    from pipeline.gateway.registry import Router

_CHAT_COMPLETIONS: Final = frozenset({"acompletion", "completion"})


class BandClassifier:
    """LiteLLM's classifier plugin: answers with the band that was decided when the request came in."""

    async def classify(self, context: object) -> str:  # noqa: ARG002 - LiteLLM's interface
        """Return the band in LiteLLM's words."""
        request = _request()
        return CLASSES[request.decision.choice.band if request else DEFAULT_BAND]

    def __deepcopy__(self, memo: object) -> BandClassifier:
        return self


class PoolGateway(CustomLogger):  # type: ignore[misc] # litellm is not installed where types are checked
    """Every hook that LiteLLM offers and this room needs; LiteLLM counts only those defined here itself."""

    def __init__(self, service: PoolService) -> None:
        """Serve a pool in the proxy whose event loop is running."""
        super().__init__()
        self.service = service
        self._following = asyncio.get_running_loop().create_task(service.follow(_router))
        add_routes(proxy_server.app, service)
        tell_in_streams(proxy_server.app, service)

    async def async_pre_call_hook(
        self, user_api_key_dict: object, cache: object, data: dict[str, object], call_type: str
    ) -> None:
        """Decide, before LiteLLM picks a model; the body stays as the client wrote it."""
        del cache
        exchange = EXCHANGE.get() or Exchange()
        EXCHANGE.set(exchange)
        exchange.request = None
        serving = self.service.serving
        if serving is None:
            return
        started = time.perf_counter()
        try:
            request = read_request(data, user_api_key_dict, serving)
        except UsageError as error:
            raise HTTPException(status_code=400, detail={"error": f"{error}. {error.hint}"}) from error
        if request is None:
            return
        note_workload(data, request.workload)
        tracked = proxy_server.general_settings.get("always_include_stream_usage") is not False
        if tracked and call_type in _CHAT_COMPLETIONS:
            ask_for_usage(data)
        exchange.request = request
        self.service.counts["decided",] += 1
        self.service.counts["decision_microseconds",] += round((time.perf_counter() - started) * 1e6)

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[dict[str, object]],
        messages: object,
        request_kwargs: dict[str, object] | None = None,
        parent_otel_span: object = None,
    ) -> list[dict[str, object]]:
        """Leave out members that cannot answer at all; a tier none of whose members can is passed over."""
        del messages, parent_otel_span
        request = _request()
        if request is None or not request.decision.unable or not is_hidden(model):
            return healthy_deployments
        tier = model.partition("#")[0]
        if tier_of(tier) in request.decision.closed:
            if tier not in request.passed_over:  # LiteLLM asks more than once
                request.passed_over.add(tier)
                self.service.counts["tier_up", str(tier_of(tier))] += 1
            raise litellm.ContextWindowExceededError(
                message=f"no member of {tier} can answer this: it needs {request.requirements}",
                model=tier,
                llm_provider="modelpool",
            )
        return self._able(model, healthy_deployments, request, (request_kwargs or {}).get("_target_order"))

    def _able(
        self, group: str, healthy: list[dict[str, object]], request: Request, target: object
    ) -> list[dict[str, object]]:
        plan = self.service.plan
        tier = plan.tiers.get(tier_of(group.partition("#")[0]) or "") if plan else None
        if tier is None:
            return healthy
        able = []
        for entry in healthy:
            found = read_id(_mapping(entry.get("model_info")).get("id"))
            can = tier.members.get(found.variant) if found else None
            if found and (can is None or not shortfalls(can, request.requirements)):
                able.append((found.order, entry))
        if target is None and able:
            request.first_order.setdefault(group, min(order for order, _ in able))
        elif target == request.first_order.get(group):
            return []  # LiteLLM counts up from the first of all orders, and would ask this member twice
        return [entry for _, entry in able]

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, object], call_type: object) -> None:
        """Note the member that is asked next; what it is sent stays as it is."""
        del call_type
        found = read_id(_mapping(kwargs.get("model_info")).get("id"))
        if found and (request := _request()):
            request.asked = found

    async def async_post_call_success_hook(
        self, data: dict[str, object], user_api_key_dict: object, response: object
    ) -> object:
        """Write `brainModel` into a JSON answer."""
        del user_api_key_dict
        found = answers.origin(response, data)
        if found is None:
            return response
        if request := _request():
            request.answered = found
        answers.mark(response, found.variant)
        self.service.count_answer(found)
        return response

    async def async_post_call_response_headers_hook(
        self,
        data: dict[str, object],
        user_api_key_dict: object,
        response: object,
        request_headers: dict[str, str] | None = None,
        litellm_call_info: dict[str, object] | None = None,
    ) -> dict[str, str]:
        """Name the member that answered, the pool's version and the band."""
        del user_api_key_dict, request_headers, litellm_call_info
        request = _request()
        known = (request.answered or request.asked) if request else None
        found = known or answers.origin(response, data)
        shown = found if response is not None else None
        return answers.headers_of(shown, request.steps() if request and request.explain else None)

    async def async_filter_listed_models(
        self, user_api_key_dict: object, model_names: Sequence[str]
    ) -> Sequence[str]:
        """List tiers, not the groups behind them."""
        del user_api_key_dict
        return [name for name in model_names if not is_hidden(name)]

    async def async_log_failure_event(
        self, kwargs: dict[str, object], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Count a member that failed."""
        del response_obj, start_time, end_time
        info = _mapping(_mapping(kwargs.get("litellm_params")).get("model_info"))
        if found := read_id(info.get("id")):
            self.service.counts["failed", found.variant] += 1


def _request() -> Request | None:
    exchange = EXCHANGE.get()
    return exchange.request if exchange else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _router() -> Router | None:
    found: Router | None = proxy_server.llm_router
    return found


def _takes_schema(model: str) -> bool | None:
    """Ask LiteLLM's own table; a model that it does not list, or says nothing of, is not held back."""
    listed = litellm.model_cost.get(model, {}).get("supports_response_schema")
    return listed if isinstance(listed, bool) else None


def _today() -> date:
    return datetime.now(UTC).date()


def _open() -> PoolGateway:
    settings = read_settings(os.environ)
    upstreams = settings.upstreams
    if settings.demo:
        LOG.warning("DEMONSTRATION: no provider is asked; every answer is made up on this machine")
        upstreams = DemoUpstreams().start()
    options = PlanOptions(
        environment=os.environ,
        upstreams=upstreams,
        timeout_seconds=settings.timeout_seconds,
        structured_output=_takes_schema,
    )
    return PoolGateway(PoolService(settings, options, today=_today, classifier=BandClassifier()))


pool_gateway: Final = _open()
