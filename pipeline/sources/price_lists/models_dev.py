"""Reads models.dev, `/api.json` (MIT): third-party prices, by provider and model.

An object, provider to its models; prices are dollars per million tokens. Quirks: the same model stands
under many resellers, so the key is `provider/model`; subscriptions are listed with a cost of zero, which is
no price; `cost` may be missing; early copies have `input_modalities` in place of `modalities.input`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.ids import MODELS_DEV
from pipeline.domain.observation import Capture, PriceRole, Reading
from pipeline.sources.parsing.fields import Row, flag, part, take_field, token_count, value_text, words
from pipeline.sources.parsing.json_body import held_error, read_json
from pipeline.sources.parsing.prices import MTOK, CatalogueFacts, amount, read_keyed
from pipeline.sources.price_lists import ATTRIBUTION
from pipeline.sources.spec import SingleRequestSource, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator


_URL = "https://models.dev/api.json"


def read_catalogue(capture: Capture) -> Reading:
    """Read the models of every provider, keyed `provider/model`.

    Raises:
        SourceHeldError: Not this catalogue, or too many rows that cannot be used.
    """
    return read_keyed(capture, _rows(capture), _facts)


def _rows(capture: Capture) -> Iterator[tuple[str, object]]:
    value = read_json(capture)
    if not isinstance(value, dict):
        raise held_error(capture.source, f"no catalogue by provider, but {value_text(value)}")
    for name, provider in value.items():
        models = provider.get("models") if isinstance(provider, dict) else None
        if not isinstance(models, dict):
            raise held_error(capture.source, f"a provider {value_text(name)} without models")
        for model, row in models.items():
            yield f"{name}/{model}", row


def _facts(key: str, row: Row) -> CatalogueFacts:
    cost = part(row, "cost") if row.get("cost") is not None else {}
    return CatalogueFacts(
        provider=key.partition("/")[0],
        amounts=(
            amount(cost, "input", tokens=MTOK),
            amount(cost, "output", tokens=MTOK),
            amount(cost, "cache_read", tokens=MTOK),
        ),
        context_tokens=token_count(part(row, "limit"), "context"),
        input_modalities=_modalities(row),
        tools=flag(row, "tool_call"),
    )


def _modalities(row: Row) -> tuple[str, ...] | None:
    field = "modalities.input"
    if "modalities" in row:
        stated = take_field(part(row, "modalities"), "input")
    elif "input_modalities" in row:
        stated, field = row["input_modalities"], "input_modalities"
    else:
        return None
    return tuple(sorted(words(stated, field)))


MODELS_DEV_TABLE = SourceSpec(
    source=SingleRequestSource(
        name=MODELS_DEV,
        patterns=(
            "*models-dev-api*.json",
            "*models-dev-api*.json.gz",
            "api-json/*.json",
            "api-json/*.json.gz",
        ),
        url=_URL,
        read=read_catalogue,
    ),
    summary="optional third opinion: models.dev `/api.json`",
    attribution=ATTRIBUTION,
    price_role=PriceRole.THIRD_OPINION,
)
