"""genai-prices: list prices from a package (MIT) that people review; it works without a network.

A capture is the table we write from the installed package (`genai_table`); a stored one reads the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar

from pipeline.domain.names import GENAI_PRICES, SourceKey, SourceModelName, SourceName
from pipeline.domain.observation import Capture, Entry, Price, Reading
from pipeline.sources.body import Stamp, held, only, read_json
from pipeline.sources.fields import FieldError, shown, take, text
from pipeline.sources.money import MTOK, from_text
from pipeline.sources.names import is_plain, plain_or_none, twins
from pipeline.sources.sieve import Sieve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.sources.client import Visit
    from pipeline.sources.fields import Row

_PACKAGE = "genai-prices"
_FORMAT = 1
_ENVELOPE = {"format", "package", "version", "prices"}
_INPUT, _OUTPUT, _CACHE = "usd_per_input_mtok", "usd_per_output_mtok", "usd_per_cache_read_mtok"
_ROW = {"provider", "model", "note", _INPUT, _OUTPUT, _CACHE}


@dataclass(frozen=True, slots=True)
class GenaiPrices:
    """The table of the installed package."""

    name: ClassVar[SourceName] = GENAI_PRICES
    patterns: ClassVar[tuple[str, ...]] = ("*genai-prices*.json", "*genai-prices*.json.gz")

    def fetch(self, visit: Visit) -> tuple[Capture, ...]:
        """Write out the installed table; nobody is visited."""
        from pipeline.sources.genai_table import table

        installed = version(_PACKAGE)
        url = f"package:{_PACKAGE}=={installed}"
        return (
            Capture(
                source=self.name, url=url, fetched_at=visit.now, status=200, body=table(installed, visit.now)
            ),
        )

    def parse(self, captures: Sequence[Capture]) -> Reading:
        """Read the prices, keyed `provider:model`.

        Raises:
            SourceHeldError: Not such a table, or too many rows that cannot be used.
        """
        capture = only(self.name, captures)
        sieve = Sieve(self.name)
        stamp = Stamp.of(capture)
        prices = _prices(_rows(capture, sieve), stamp, sieve)
        return Reading(
            source=self.name,
            scale="",
            published_on=None,
            fetched_at=capture.fetched_at,
            captures=(stamp.capture,),
            prices=tuple(prices),
            entries=tuple(
                Entry(
                    source=self.name,
                    key=p.key,
                    name=p.name,
                    organization=plain_or_none(p.key.partition(":")[0]),
                )
                for p in prices
            ),
            findings=sieve.findings(),
        )


def rewritten(url: str, now: datetime) -> bytes | None:
    """Write the table at a `package:` address out again; None where another version is installed.

    Args:
        url: Of the capture.
        now: The moment the capture bears.
    """
    installed = version(_PACKAGE)
    if url != f"package:{_PACKAGE}=={installed}":
        return None
    from pipeline.sources.genai_table import table

    return table(installed, now)


def _rows(capture: Capture, sieve: Sieve) -> list[object]:
    value = read_json(capture)
    if not isinstance(value, dict) or not isinstance(value.get("prices"), list):
        raise held(capture.source, f"no price table, but {shown(value)}")
    if value.get("format") != _FORMAT or isinstance(value["format"], bool):
        raise held(capture.source, f"`format` should be {_FORMAT}, is {shown(value.get('format'))}")
    if not value["prices"]:
        raise held(capture.source, "a price table without prices")
    sieve.drift(value.keys() - _ENVELOPE)
    rows: list[object] = value["prices"]
    return rows


def _prices(rows: list[object], stamp: Stamp, sieve: Sieve) -> list[Price]:
    prices: dict[str, Price] = {}
    repeated: set[str] = set()
    for row in rows:
        if not isinstance(row, dict):
            sieve.refuse("bad-value", shown(row), "a row should be an object")
            continue
        try:
            price = _price(row, stamp)
        except FieldError as error:
            sieve.refuse("bad-value", row.get("model"), str(error))
            continue
        sieve.drift(row.keys() - _ROW)
        if price.key in prices:
            repeated.add(price.key)
        prices[price.key] = price
    for key in repeated:
        sieve.refuse("duplicate-name", key, "it has two different prices")
        del prices[key]
    for key, other in twins((key, key) for key in prices).items():
        sieve.refuse("twin-name", key, f"it differs from {shown(other)} in case or width only")
        del prices[key]
    sieve.check(len(rows))
    return [prices[key] for key in sorted(prices)]


def _price(row: Row, stamp: Stamp) -> Price:
    provider, model = text(row, "provider"), text(row, "model")
    note = take(row, "note")
    if not isinstance(note, str) or not (
        is_plain(provider) and is_plain(model) and (not note or is_plain(note))
    ):
        raise FieldError("model", f"or its provider or note is not plain text: {shown(model)}")
    key = f"{provider}:{model}"
    return Price(
        source=GENAI_PRICES,
        key=SourceKey(key),
        name=SourceModelName(key),
        input_microusd_per_mtok=from_text(row, _INPUT, tokens=MTOK),
        output_microusd_per_mtok=from_text(row, _OUTPUT, tokens=MTOK),
        cache_read_microusd_per_mtok=from_text(row, _CACHE, tokens=MTOK),
        observed_on=stamp.observed_on,
        capture=stamp.capture,
        note=note,
    )
