"""Documents that cross a boundary are strict, closed and frozen; the policy hangs together."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from pipeline.domain.document import Document
from pipeline.domain.policy import Policy
from pipeline.domain.pool import PriceLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "policy" / "tiers.toml"
PRICE = '{"input_microusd_per_mtok":1,"output_microusd_per_mtok":2,"cache_read_microusd_per_mtok":null,'


class Sheet(Document):
    """A document with one field of each simple kind."""

    count: int
    share: float
    words: tuple[str, ...]


@pytest.mark.parametrize(
    "text",
    [
        '{"count":"1","share":0.5,"words":[]}',
        '{"count":true,"share":0.5,"words":[]}',
        '{"count":1.5,"share":0.5,"words":[]}',
        '{"count":1,"share":"0.5","words":[]}',
        '{"count":1,"share":NaN,"words":[]}',
        '{"count":1,"share":Infinity,"words":[]}',
        '{"count":1,"share":0.5,"words":"a"}',
        '{"count":1,"share":0.5,"words":[1]}',
        '{"count":1,"share":0.5,"words":[],"more":1}',
        '{"count":1,"share":0.5}',
        '{"count":null,"share":0.5,"words":[]}',
    ],
)
def test_a_document_refuses_what_is_not_exactly_its_form(text: str) -> None:
    with pytest.raises(ValidationError):
        Sheet.model_validate_json(text)


def test_a_document_of_the_form_is_taken_and_frozen() -> None:
    sheet = Sheet.model_validate_json('{"count":1,"share":0.5,"words":["a"]}')
    assert sheet == Sheet(count=1, share=0.5, words=("a",))
    with pytest.raises(ValidationError, match="frozen"):
        sheet.count = 2  # type: ignore[misc] # the test is that this fails


@pytest.mark.parametrize("sources", ['["a"],"note":""}', '["a"],"note":"","extra":1}', '"a","note":""}'])
def test_a_published_price_line_is_closed(sources: str) -> None:
    text = f'{PRICE}"sources":{sources}'
    if sources == '["a"],"note":""}':
        assert PriceLine.model_validate_json(text).sources == ("a",)
    else:
        with pytest.raises(ValidationError):
            PriceLine.model_validate_json(text)


def policy_with(path: Sequence[str], value: JsonValue) -> str:
    """The shipped policy as JSON text with one value replaced."""
    document = copy.deepcopy(tomllib.loads(SHIPPED.read_text()))
    node = document
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("format",), 3, "less than or equal to 2"),
        (("draws",), 99, "greater than or equal to 100"),
        (("bands",), {"simple": 1.0}, "bands must be simple, medium and complex"),
        (("task_mix",), [], "add up to 0"),
        (("tiers", "frugal", "evidence"), "nothing", "names 'nothing', which is not defined"),
        (("tiers", "frugal", "k"), 0, "greater than or equal to 1"),
        (("tiers", "frugal", "floor_probability"), 1.01, "less than or equal to 1"),
        (("tiers", "frugal", "lambda_usd"), 0.0, "greater than 0"),
        (("tiers", "frugal", "vendors_denied"), "openai", "valid array"),
        (("tiers", "frugal", "unknown"), 1, "Extra inputs are not permitted"),
        (("quality", "anchor_count"), 4, "greater than or equal to 5"),
        (("cost", "price_agreement"), -0.1, "greater than or equal to 0"),
        (("change", "cooldown_weeks"), -1, "greater than or equal to 0"),
    ],
)
def test_a_policy_that_does_not_hang_together_is_refused(
    path: tuple[str, ...], value: JsonValue, problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        Policy.model_validate_json(policy_with(path, value))


def test_what_a_tier_does_not_state_is_no_constraint() -> None:
    text = policy_with(("name",), "same")
    tier = Policy.model_validate_json(text).tiers["premium"]
    assert (tier.ceiling_usd_per_task, tier.ceiling_list_usd_per_mtok) == (None, None)
    assert (tier.vendors_allowed, tier.vendors_denied, tier.open_weights_only) == ((), (), False)
