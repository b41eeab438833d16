"""One request, read once: the workload table has a say where nobody else has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.gateway.registry_plan import PlanOptions, plan_registry
from pipeline.gateway.request import Request, ServiceState, ask_for_usage, note_workload, read_request
from pipeline.gateway.workload import PromptDigests
from pipeline.router.workloads import read_workloads
from tests.gateway.conftest import KEYS, approve_table

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.router.pool_model import PoolView


@pytest.fixture
def serving(view: PoolView, tmp_path: Path) -> ServiceState:
    """The embedded pool, and a table in which titles are simple."""
    approve_table(tmp_path, 1, titles="simple")
    plan = plan_registry(view, PlanOptions(environment=KEYS))
    return ServiceState(plan=plan, pool=view, table=read_workloads(tmp_path), digests=PromptDigests())


def key(**facts: object) -> object:
    return SimpleNamespace(
        **{"metadata": {}, "team_metadata": None, "key_alias": None, "api_key": "k"} | facts
    )


def data(headers: dict[str, str] | None = None, **body: object) -> dict[str, Any]:
    return {
        "model": "neo-mode/balanced",
        "messages": [{"role": "user", "content": "Name this chat."}],
        "metadata": {},
        "proxy_server_request": {"headers": headers or {}},
        **body,
    }


def read(serving: ServiceState, sent: dict[str, Any], facts: object = None) -> Request:
    found = read_request(sent, facts or key(), serving)
    assert found is not None
    return found


def test_a_workload_takes_the_band_of_its_row_and_another_one_is_medium(serving: ServiceState) -> None:
    titled = read(serving, data({"x-pool-workload": "titles"}))
    assert titled.steps() | {"cannot": {}} == {
        "tier": "balanced",
        "band": "simple",
        "band_by": "workload",
        "cannot": {},
        "tier_up": [],
        "workload": "titles",
        "workload_by": "x-pool-workload",
        "tools": 0,
        "chars": 15,
        "table": "w0001",
    }
    other = read(serving, data({"x-pool-workload": "letters"}))
    assert (other.decision.choice.band, other.decision.choice.by) == ("medium", "default")


def test_what_is_bound_or_declared_goes_before_the_table(serving: ServiceState) -> None:
    sent = data({"x-pool-workload": "titles", "x-pool-band": "complex"})
    assert read(serving, sent).decision.choice.band == "complex"
    bound = key(metadata={"pool_band": "medium"})
    assert read(serving, sent, bound).decision.choice.by == "key"


def test_a_request_for_another_model_is_none_of_ours(serving: ServiceState) -> None:
    assert read_request(data() | {"model": "own"}, key(), serving) is None


@pytest.mark.parametrize("name", ["metadata", "litellm_metadata"])
def test_the_workload_is_noted_where_litellm_logs_it_and_the_clients_metadata_stays(
    serving: ServiceState, name: str
) -> None:
    sent = data({"x-pool-workload": "titles"})
    sent[name] = {"spend_logs_metadata": {"pair": "r1"}}
    note_workload(sent, read(serving, sent).workload)
    expected = {"pair": "r1", "workload": "titles", "tools": 0, "chars": 15}
    assert sent[name]["spend_logs_metadata"] == expected
    assert sent["metadata"] == (sent[name] if name == "metadata" else {})


def test_characters_are_counted_only_where_the_bytes_might_not_fit(serving: ServiceState) -> None:
    smallest = serving.plan.smallest_context
    assert smallest is not None
    fitting = data({"content-length": str(4 * smallest)})
    assert read(serving, fitting).requirements.context_tokens == smallest
    larger = data({"content-length": str(4 * smallest + 4)})
    assert read(serving, larger).requirements.context_tokens < 10
    packed = data({"content-length": "4", "content-encoding": "gzip"})
    assert 3 <= read(serving, packed).requirements.context_tokens < 20
    long = data(
        {"content-length": str(8 * smallest)}, messages=[{"role": "user", "content": "x" * 8 * smallest}]
    )
    assert read(serving, long).requirements.context_tokens > smallest


@pytest.mark.parametrize(
    "asked", [{}, {"stream_options": None}, {"stream_options": {"include_usage": False}}]
)
def test_a_stream_is_asked_for_its_tokens_which_the_client_does_not_see(asked: dict[str, Any]) -> None:
    sent = {"stream": True, **asked}
    ask_for_usage(sent)
    assert sent["stream_options"] == {"include_usage": True}
    assert sent["_litellm_strip_stream_usage"] is True


@pytest.mark.parametrize(
    "sent", [{"stream": False}, {"stream": True, "stream_options": {"include_usage": True}}]
)
def test_no_stream_and_a_client_who_asks_stay_as_they_are(sent: dict[str, Any]) -> None:
    before = dict(sent)
    ask_for_usage(sent)
    assert sent == before
