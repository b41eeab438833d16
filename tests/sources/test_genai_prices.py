"""The table of the installed package: deterministic bytes, peak hours, base tiers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.metadata import version

import pytest
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TimeOfDateConstraint,
)

from pipeline.domain.ids import GENAI_PRICES
from pipeline.domain.observation import Capture, Reading, Severity
from pipeline.errors import SourceHeldError
from pipeline.sources.price_lists.genai_prices import GenaiPrices
from pipeline.sources.price_lists.genai_table import prices_in_force
from tests.replica.sessions import open_session

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)


def fetch(now: datetime = NOW) -> Capture:
    with open_session(GENAI_PRICES, now=now) as session:
        (capture,) = GenaiPrices().fetch(session)
    return capture


def line(model: str, **more: object) -> dict[str, object]:
    return {
        "provider": "openai",
        "model": model,
        "note": "",
        "usd_per_input_mtok": "1.25",
        "usd_per_output_mtok": "10",
        "usd_per_cache_read_mtok": None,
        **more,
    }


def parse(lines: object, **more: object) -> Reading:
    body = json.dumps(
        {"format": 1, "package": "genai-prices", "version": "0", "prices": lines, **more}
    ).encode()
    return GenaiPrices().parse(
        [Capture(source=GENAI_PRICES, url="file:x", fetched_at=NOW, status=200, body=body)]
    )


def test_fetch_needs_no_network_and_gives_the_same_bytes_all_day() -> None:
    first = fetch()
    assert first.url == f"package:genai-prices=={version('genai-prices')}"
    assert fetch(NOW + timedelta(hours=11)).body == first.body
    assert fetch().sha256 == first.sha256


def test_the_installed_table_is_read_without_loss() -> None:
    capture = fetch()
    reading = GenaiPrices().parse([capture])
    assert len(reading.prices) == len(json.loads(capture.body)["prices"]) > 1000
    assert reading.findings == ()
    by_key = {price.key: price for price in reading.prices}
    sonnet = by_key["anthropic:claude-sonnet-4-5"]  # type: ignore[index]  # a literal is no SourceKey
    assert (sonnet.input_microusd_per_mtok, sonnet.output_microusd_per_mtok) == (3_000_000, 15_000_000)
    assert sonnet.note == "base tier"
    assert sonnet.observed_on == date(2026, 8, 11)  # the newest day up to then from which a price holds


def conditional(*prices: ConditionalPrice) -> ModelInfo:
    return ModelInfo(id="m", match=ClauseEquals("m"), prices=list(prices))


def cost(output: str) -> ModelPrice:
    return ModelPrice(input_mtok=Decimal(1), output_mtok=Decimal(output))


NIGHT = TimeOfDateConstraint(start_time=time(1, tzinfo=UTC), end_time=time(4, tzinfo=UTC))


def test_the_peak_price_is_taken_at_any_hour() -> None:
    model = conditional(ConditionalPrice(prices=cost("2")), ConditionalPrice(NIGHT, prices=cost("4")))
    for hour in (0, 2, 12):
        price, by_hour = prices_in_force(model, NOW.replace(hour=hour))
        assert (price.output_mtok, by_hour) == (Decimal(4), True)


def test_a_cheaper_hour_does_not_lower_the_price() -> None:
    model = conditional(ConditionalPrice(prices=cost("2")), ConditionalPrice(NIGHT, prices=cost("1")))
    assert prices_in_force(model, NOW)[0].output_mtok == Decimal(2)


def test_a_price_counts_from_its_first_day_and_hides_what_came_before() -> None:
    model = conditional(
        ConditionalPrice(prices=cost("9")),
        ConditionalPrice(NIGHT, prices=cost("8")),
        ConditionalPrice(StartDateConstraint(start_date=date(2026, 8, 15)), prices=cost("2")),
        ConditionalPrice(StartDateConstraint(start_date=date(2026, 8, 16)), prices=cost("3")),
    )
    assert prices_in_force(model, NOW) == (cost("2"), False)
    assert prices_in_force(model, NOW + timedelta(days=1)) == (cost("3"), False)
    assert prices_in_force(model, NOW - timedelta(days=1)) == (cost("9"), True)


def test_a_plain_price_is_in_force_and_a_future_one_alone_is_the_fallback() -> None:
    plain = ModelInfo(id="m", match=ClauseEquals("m"), prices=cost("7"))
    assert prices_in_force(plain, NOW) == (cost("7"), False)
    later = conditional(ConditionalPrice(StartDateConstraint(start_date=date(2030, 1, 1)), prices=cost("5")))
    assert prices_in_force(later, NOW) == (cost("5"), False)


def test_peak_hours_are_noted() -> None:
    reading = GenaiPrices().parse([fetch()])
    notes = {price.key: price.note for price in reading.prices}
    assert notes["deepseek:deepseek-chat"] == "peak hours"  # type: ignore[index]  # a literal is no SourceKey


def test_a_line_is_keyed_by_provider_and_model_and_null_is_unknown() -> None:
    (price,) = parse([line("gpt-5", note="peak hours")]).prices
    assert (price.key, price.name, price.note) == ("openai:gpt-5", "openai:gpt-5", "peak hours")
    assert (price.input_microusd_per_mtok, price.cache_read_microusd_per_mtok) == (1_250_000, None)


def test_a_model_with_two_different_prices_is_left_out() -> None:
    lines = [*(line(f"m{n}") for n in range(40)), line("two"), line("two", usd_per_input_mtok="2")]
    reading = parse(lines)
    (finding,) = reading.findings
    assert (finding.kind, finding.severity, finding.subject) == (
        "duplicate-name",
        Severity.WARN,
        "openai:two",
    )
    assert len(reading.prices) == 40


@pytest.mark.parametrize(
    ("lines", "more", "message"),
    [
        ([], {}, "a price table without prices"),
        ([line("a")], {"format": 2}, "`format` should be 1, is 2"),
        ([line("a")], {"format": True}, "`format` should be 1, is True"),
        ("x", {}, "no price table, but an object of 4"),
        ([{"provider": "openai"}], {}, "`model` is missing"),
        ([line("a", usd_per_input_mtok=1.25)], {}, "should be a decimal number as text"),
        ([line("a", note=1)], {}, "is not plain text"),
        ([7], {}, "a row should be an object"),
    ],
)
def test_another_schema_is_said_in_words(lines: object, more: dict[str, object], message: str) -> None:
    with pytest.raises(SourceHeldError) as held:
        parse(lines, **more)
    assert message in held.value.found
