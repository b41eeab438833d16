"""The approved workload table in a real proxy: it decides, is followed hot, and spend logs name workloads."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.domain.usage import UsageRecord
from pipeline.usage.fields import decimal_of
from pipeline.usage.record_file import read_lines
from tests.gateway.conftest import approve_table, sample
from tests.litellm.gateway import next_version
from tests.litellm.upstreams import ANSWER_TOKENS, CACHED_TOKENS, PROMPT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.litellm.gateway import Gateway

pytestmark = pytest.mark.router

BANDS = sample()["tiers"]["balanced"]["bands"]
TOOLS = [
    {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
]
EXPLAINED = {"x-pool-explain": "1"}


def number_of(gateway: Gateway) -> int:
    table = gateway.status()["workloads"]["table"]
    return int(table[1:]) if table else 0


def approve(gateway: Gateway, **bands: str) -> int:
    """Approve a table, and wait until it is followed."""
    number = number_of(gateway) + 1
    approve_table(gateway.pools.with_name("workloads"), number, **bands)
    gateway.wait_for(lambda found: found["workloads"]["table"] == f"w{number:04}", f"table {number}")
    return number


@pytest.fixture
def with_table(gateway: Gateway) -> Iterator[Gateway]:
    """A table in which titles are simple and proofs complex."""
    gateway.publish(next_version(gateway))
    approve(gateway, titles="simple", proofs="complex")
    yield gateway
    approve(gateway)


@pytest.mark.parametrize("api", ["chat", "messages", "responses"])
@pytest.mark.parametrize(
    ("workload", "band"), [("titles", "simple"), ("proofs", "complex"), ("letters", "medium")]
)
def test_a_workload_takes_the_band_that_a_person_approved(
    with_table: Gateway, api: str, workload: str, band: str
) -> None:
    answer = with_table.ask(api, "balanced", headers=EXPLAINED | {"x-pool-workload": workload})
    assert answer.headers["x-pool-band"] == band
    assert with_table.upstreams.hits == [BANDS[band][0]]
    steps = json.loads(answer.headers["x-pool-explain"])
    assert steps["band_by"] == ("default" if workload == "letters" else "workload")
    assert (steps["workload"], steps["workload_by"], steps["chars"]) == (workload, "x-pool-workload", 4)
    assert steps["table"] == f"w{number_of(with_table):04}"


def test_a_declared_band_goes_before_the_table(with_table: Gateway) -> None:
    sent = {"x-pool-workload": "titles", "x-pool-band": "complex"}
    assert with_table.ask("chat", "balanced", headers=sent).headers["x-pool-band"] == "complex"


def test_a_program_that_declares_nothing_is_known_by_its_prompt(with_table: Gateway) -> None:
    turns = [{"role": "system", "content": "You name chats."}, {"role": "user", "content": "A chat of cats."}]
    answer = with_table.ask("chat", "balanced", headers=EXPLAINED, messages=turns)
    workload = json.loads(answer.headers["x-pool-explain"])["workload"]
    assert workload.startswith("prompt-")
    approve(with_table, **{workload: "simple"})
    assert with_table.ask("chat", "balanced", messages=turns).headers["x-pool-band"] == "simple"


@pytest.mark.parametrize("damage", ["garbage", "tampered", "older"])
def test_a_table_that_may_not_be_served_changes_nothing_and_raises_an_alarm(
    with_table: Gateway, damage: str
) -> None:
    number, folder = number_of(with_table), with_table.pools.with_name("workloads")
    newest = folder / f"w{number:04}.json"
    whole = newest.read_bytes()
    match damage:
        case "garbage":
            (folder / f"w{number + 1:04}.json").write_text("garbage")
        case "tampered":
            newest.write_bytes(whole.replace(b"proofs", b"titles"))
        case _:
            approve_table(folder, number - 1, titles="complex")
            newest.unlink()
    status = with_table.wait_for(lambda found: found["workloads"]["alarm"], f"an alarm for {damage}")
    assert (status["alarm"], status["workloads"]["table"]) == (None, newest.stem)
    answer = with_table.ask("chat", "balanced", headers={"x-pool-workload": "titles"})
    assert answer.headers["x-pool-band"] == "simple"
    assert "modelpool_workload_alarm 1" in with_table.get("/modelpool/metrics").text
    (folder / f"w{number + 1:04}.json").unlink(missing_ok=True)
    newest.write_bytes(whole)
    with_table.wait_for(lambda found: found["workloads"]["alarm"] is None, "the alarm to end")


def test_a_workload_that_is_no_name_is_refused(gateway: Gateway) -> None:
    answer = gateway.ask("chat", "balanced", metadata={"pool_workload": "two\nlines"})
    assert answer.status == 400
    assert "1 to 200 printable ASCII characters" in answer.text


def lines_of(gateway: Gateway, workload: str, *, wanted: int) -> list[dict[str, Any]]:
    """Wait until the spend log holds the lines of a workload."""
    deadline = time.monotonic() + 30
    found: list[dict[str, Any]] = []
    while time.monotonic() < deadline and len(found) < wanted:
        text = gateway.spend_log.read_text() if gateway.spend_log and gateway.spend_log.exists() else ""
        found = [json.loads(line) for line in text.splitlines() if f'"{workload}' in line.replace("\\", "")]
        time.sleep(0.1)
    return found


def dollars_of(record: UsageRecord, *, cached: int) -> str:
    """Price an answer by the pool's own list."""
    (member,) = [
        each for each in sample()["tiers"]["balanced"]["members"] if each["variant"] == record.variant
    ]
    price = member["routes"]["litellm"]["price"]
    tokens_in, tokens_out = record.tokens_in or 0, record.tokens_out or 0
    micro = (tokens_in - cached) * price["input_microusd_per_mtok"]
    micro += tokens_out * price["output_microusd_per_mtok"]
    cache_read = price["cache_read_microusd_per_mtok"]
    micro += cached * (price["input_microusd_per_mtok"] if cache_read is None else cache_read)
    return decimal_of(Decimal(micro).scaleb(-12))


@pytest.mark.parametrize("api", ["chat", "messages", "responses"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_the_import_finds_the_workload_in_the_spend_log(gateway: Gateway, api: str, *, stream: bool) -> None:
    gateway.publish(next_version(gateway))
    workload = f"log-{api}-{stream}"
    answer = gateway.ask(api, "balanced", stream=stream, headers={"x-pool-workload": workload})
    (line,) = lines_of(gateway, workload, wanted=1)
    ((_, record),) = read_lines([json.dumps(line)], {})
    assert isinstance(record, UsageRecord), record
    assert (record.workload, record.tools, record.chars) == (workload, 0, 4)
    assert record.variant == answer.headers["x-brain-model"] == BANDS["medium"][0]
    assert record.usd == dollars_of(record, cached=CACHED_TOKENS if api == "chat" else 0)
    assert (record.tokens_in or 0) > 0
    sent = json.dumps(gateway.upstreams.bodies[record.variant])
    assert workload not in sent, "a provider was sent the workload"


@pytest.mark.parametrize("asked", [None, {"include_usage": False}, {"include_usage": True}])
def test_a_stream_is_recorded_with_its_tokens_and_tells_them_only_to_who_asks(
    gateway: Gateway, asked: dict[str, bool] | None
) -> None:
    gateway.publish(next_version(gateway))
    workload = f"log-usage-{asked and asked['include_usage']}"
    more = {} if asked is None else {"stream_options": asked}
    answer = gateway.ask("chat", "balanced", stream=True, headers={"x-pool-workload": workload}, **more)
    told = [event for event in answer.events if event.get("usage")]
    assert len(told) == (asked == {"include_usage": True})
    (line,) = lines_of(gateway, workload, wanted=1)
    assert (line["prompt_tokens"], line["completion_tokens"]) == (PROMPT_TOKENS, ANSWER_TOKENS)
    assert line["spend"] > 0


def test_after_a_failure_the_log_names_who_answered_and_counts_the_tools(gateway: Gateway) -> None:
    gateway.publish(next_version(gateway))
    first, second, _ = BANDS["medium"]
    gateway.upstreams.failing[first] = 500
    gateway.ask("chat", "balanced", headers={"x-pool-workload": "log-failover"}, tools=TOOLS)
    ((_, record),) = read_lines(map(json.dumps, lines_of(gateway, "log-failover", wanted=1)), {})
    assert isinstance(record, UsageRecord), record
    assert (record.variant, record.tools) == (second, 1)
