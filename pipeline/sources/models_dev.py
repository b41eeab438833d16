"""models.dev, `/api.json` (MIT): a third opinion on prices, by provider and model.

An object, provider to its models; prices are dollars per million tokens. Quirks: the same model stands
under many resellers, so the key is `provider/model`; subscriptions are listed with a cost of zero, which is
no price; `cost` may be missing; early copies have `input_modalities` in place of `modalities.input`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pipeline.domain.names import MODELS_DEV, SourceName
from pipeline.sources.abilities import flag, token_count, words
from pipeline.sources.asking import Ask
from pipeline.sources.body import held, only, read_json
from pipeline.sources.fields import part, shown, take
from pipeline.sources.keyed import Facts, amount, read_keyed
from pipeline.sources.money import MTOK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.domain.observation import Capture, Reading
    from pipeline.sources.client import Visit
    from pipeline.sources.fields import Row

_URL = "https://models.dev/api.json"


@dataclass(frozen=True, slots=True)
class ModelsDev:
    """The whole catalogue."""

    name: ClassVar[SourceName] = MODELS_DEV
    patterns: ClassVar[tuple[str, ...]] = (
        "*models-dev-api*.json",
        "*models-dev-api*.json.gz",
        "api-json/*.json",
        "api-json/*.json.gz",
    )

    def fetch(self, visit: Visit) -> tuple[Capture, ...]:
        """Ask for the catalogue.

        Raises:
            SourceHeldError: No complete answer with status 200.
        """
        return (visit.ask(Ask(url=_URL)).capture,)

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read the models of every provider, keyed `provider/model`.

        Raises:
            SourceHeldError: Not this catalogue, or too many rows that cannot be used.
        """
        capture = only(self.name, captures)
        return read_keyed(capture, _rows(capture), _facts)


def _rows(capture: Capture) -> Iterator[tuple[str, object]]:
    value = read_json(capture)
    if not isinstance(value, dict):
        raise held(capture.source, f"no catalogue by provider, but {shown(value)}")
    for name, provider in value.items():
        models = provider.get("models") if isinstance(provider, dict) else None
        if not isinstance(models, dict):
            raise held(capture.source, f"a provider {shown(name)} without models")
        for model, row in models.items():
            yield f"{name}/{model}", row


def _facts(key: str, row: Row) -> Facts:
    cost = part(row, "cost") if row.get("cost") is not None else {}
    return Facts(
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
        stated = take(part(row, "modalities"), "input")
    elif "input_modalities" in row:
        stated, field = row["input_modalities"], "input_modalities"
    else:
        return None
    return tuple(sorted(words(stated, field)))
