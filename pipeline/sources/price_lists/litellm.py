"""Reads LiteLLM's price map (MIT): third-party prices, and dates of deprecation.

A flat object, id to row; prices are dollars per token. Quirks: the first key, `sample_spec`, documents the
fields with text in place of numbers; zero means that nobody filled the price in; an id need not start with
its provider, so the provider is kept beside it; models past their own `deprecation_date` stay listed; some
150 fields come and go, so only those read here are watched; a `*` in an id makes it a pattern, not a model;
the file is edited by hand, and an id has stood in it twice with two prices (2026-03-14).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.ids import LITELLM_PRICES
from pipeline.domain.observation import Capture, PriceRole, Reading
from pipeline.sources.parsing.fields import Row, end_day, flag, plain_or_none, text, token_count, value_text
from pipeline.sources.parsing.json_body import held_error, read_json
from pipeline.sources.parsing.prices import CatalogueFacts, amount, read_keyed
from pipeline.sources.price_lists import ATTRIBUTION
from pipeline.sources.spec import SingleRequestSource, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator


_URL = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
_DOCUMENTATION = "sample_spec"
_MODES = ("chat", "responses")
"""The modes that answer a chat request; the others price images, speech, embeddings."""
_INPUT, _OUTPUT = "input_cost_per_token", "output_cost_per_token"
_CACHE = "cache_read_input_token_cost"


def read_price_map(capture: Capture) -> Reading:
    """Read the models one can chat with, keyed by their id in the map.

    Raises:
        SourceHeldError: Not this map, or too many rows that cannot be used.
    """
    return read_keyed(capture, _chat_rows(capture), _facts)


def _chat_rows(capture: Capture) -> Iterator[tuple[str, object]]:
    value = read_json(capture, build=_keep_both)
    if not isinstance(value, dict) or _DOCUMENTATION not in value:
        raise held_error(capture.source, f"no price map with `{_DOCUMENTATION}`, but {value_text(value)}")
    for key, row in value.items():
        if key != _DOCUMENTATION and "*" not in key and _is_chat(row):
            yield key, row


def _keep_both(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a list of two values that stand under one key: no field may be one, so that row is refused."""
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    both: dict[str, object] = {}
    for key, value in pairs:
        both[key] = value if both.get(key, value) == value else [both[key], value]
    return both


def _is_chat(row: object) -> bool:
    """Return whether a row is of a model one can chat with; a row that is no object has to be looked at."""
    rows = row if isinstance(row, list) else [row]
    return any(not isinstance(one, dict) or one.get("mode") in _MODES for one in rows)


def _facts(_key: str, row: Row) -> CatalogueFacts:
    vision = flag(row, "supports_vision")
    return CatalogueFacts(
        provider=plain_or_none(text(row, "litellm_provider")),
        amounts=(
            amount(row, _INPUT, tokens=1),
            amount(row, _OUTPUT, tokens=1),
            amount(row, _CACHE, tokens=1),
        ),
        context_tokens=token_count(row, "max_input_tokens") if "max_input_tokens" in row else None,
        input_modalities=None if vision is None else ("image", "text") if vision else ("text",),
        tools=flag(row, "supports_function_calling"),
        retires_on=end_day(row, "deprecation_date"),
    )


LITELLM_TABLE = SourceSpec(
    source=SingleRequestSource(
        name=LITELLM_PRICES,
        patterns=(
            "*litellm-prices*.json",
            "*litellm-prices*.json.gz",
            "model-prices/*.json",
            "model-prices/*.json.gz",
        ),
        url=_URL,
        read=read_price_map,
    ),
    summary="optional third opinion: LiteLLM's `model_prices_and_context_window.json`",
    attribution=ATTRIBUTION,
    price_role=PriceRole.THIRD_OPINION,
)
