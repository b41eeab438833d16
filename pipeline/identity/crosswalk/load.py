"""Reads the crosswalk's three files as variants, judgements and judged prices, or as one body of bytes.

The digest of those bytes is the crosswalk's.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pipeline.domain.crosswalk import Crosswalk, JudgedPrice, Judgement
from pipeline.domain.document import sha256_hex
from pipeline.domain.ids import (
    ARTIFICIAL_ANALYSIS,
    LMARENA_TEXT,
    LMARENA_WEBDEV,
    SourceKey,
    SourceModelName,
    SourceName,
    VariantId,
)
from pipeline.identity.crosswalk.csv_reader import csv_rows, read_csv_bytes
from pipeline.identity.crosswalk.variants import read_variants

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date
    from pathlib import Path


FILES: Final = ("variants.csv", "judgements.csv", "prices.csv")
_DATED: Final = {
    "variants.csv": (("id",), None),
    "judgements.csv": ((), "decided_on"),
    "prices.csv": (("release", "valid_from"), "valid_from"),
}
"""By file: the columns by which a line that stood is not replaced, and the column with a line's date."""


def pack(bodies: Mapping[str, bytes]) -> bytes:
    """Join the files, each below its name and length, so that no line can wander unseen into the next."""
    return b"".join(f"{name} {len(bodies[name])}\n".encode() + bodies[name] for name in FILES)


def unpack(body: bytes) -> dict[str, bytes]:
    """Take the files apart again.

    Raises:
        ValueError: Not a body that `bound` made.
    """
    found: dict[str, bytes] = {}
    rest = body
    for name in FILES:
        head, line_end, rest = rest.partition(b"\n")
        word, _, length = head.decode().partition(" ")
        if word != name or not line_end or len(rest) < int(length):
            raise ValueError(f"{name} was expected, found {head[:40]!r}")
        found[name], rest = rest[: int(length)], rest[int(length) :]
    return found


def crosswalk_bytes(folder: Path) -> bytes:
    """Read the three files as one body.

    Raises:
        UsageError: One is missing or cannot be read.
    """
    return pack({name: read_csv_bytes(folder / name) for name in FILES})


def known_on(day: date, *, then: bytes | None, now: bytes) -> bytes:
    """Return the crosswalk as it stood at the end of a day on which no run kept it.

    Args:
        day: Lines that are dated later do not count.
        then: What the last run before that day used: all of it counts, whatever was edited since.
        now: What is written now. Beyond `then`, its judgements decided by that day count, its prices of other
            releases or days that held by then, and its other variants: they mean nothing without a judgement.
    """
    held, written = unpack(then) if then else dict.fromkeys(FILES, b""), unpack(now)
    return pack({name: _lines_known_on(held[name], written[name], *_DATED[name], day) for name in FILES})


def cut_back(now: bytes, sha256: str) -> bytes | None:
    """Take the latest judgements away, line by line, until the crosswalk has a digest; None if it never has.

    Judgements are only ever added at the end, so this finds an earlier crosswalk that nobody kept, as long as
    the other two files are as they were.
    """
    files = unpack(now)
    judgements = files["judgements.csv"]
    while judgements:
        body = pack({**files, "judgements.csv": judgements})
        if sha256_hex(body) == sha256:
            return body
        judgements = judgements[: judgements[:-1].rfind(b"\n") + 1]
    return None


def _lines_known_on(held: bytes, written: bytes, key: tuple[str, ...], dated: str | None, day: date) -> bytes:
    old, new = _lines(held), _lines(written)
    header = next(csv.reader(new[:1]))
    kept = next(csv.reader(old[:1]), header)
    seen, keys = set(old), {_key_of(_cells(line, kept), key) for line in old[1:]}
    added = []
    for line in new if not old else new[1:]:
        cells = _cells(line, header)
        late = dated is not None and line != new[0] and cells.get(dated, "") > day.isoformat()
        if line not in seen and not late and (not key or _key_of(cells, key) not in keys):
            added.append(line if kept == header else _line(cells, kept))
    return "".join(f"{line}\n" for line in (*old, *added)).encode()


def _key_of(cells: Mapping[str, str], columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cells.get(column, "") for column in columns)


def _line(cells: Mapping[str, str], header: list[str]) -> str:
    """Write a line below the header of the file as it stood: columns that came later are not known there."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([cells.get(column, "") for column in header])
    return text.getvalue()


def _lines(body: bytes) -> list[str]:
    return body.decode("utf-8-sig").splitlines()


def _cells(line: str, header: list[str]) -> dict[str, str]:
    return dict(zip(header, next(csv.reader([line]), []), strict=False))


SCORE_SOURCES: Final = (LMARENA_TEXT, LMARENA_WEBDEV, ARTIFICIAL_ANALYSIS)
"""The sources whose names need a judgement; catalogues are named in columns of variants.csv."""

OPEN_AGAIN: Final = "?"
"""In the column variant: an earlier judgement is withdrawn, and the name is asked again."""

JUDGEMENT_COLUMNS: Final = ("source", "key", "name", "variant", "decided_on", "decided_by", "reason")
PRICE_COLUMNS: Final = (
    "release", "input_usd_per_mtok", "output_usd_per_mtok", "cache_read_usd_per_mtok",
    "valid_from", "source_url", "decided_by", "reason",
)  # fmt: skip
DATED_PRICE_COLUMNS: Final = (*PRICE_COLUMNS, "valid_until")
"""With the last day of each price; an empty cell, like the shorter header, leaves the usual end."""

_WEB_PAGE = re.compile(r"https?://[^\s/]+[^\s]*")


def load_crosswalk(folder: Path) -> Crosswalk:
    """Read variants.csv, judgements.csv and prices.csv; of two judgements of one name the later line holds.

    Of the prices of one release every line is kept: `Crosswalk.price_of` names the one that holds.

    Raises:
        UsageError: A file is missing or a line is not of the form; names file, line and column.
    """
    bodies = {name: read_csv_bytes(folder / name) for name in FILES}
    variants = read_variants(folder / "variants.csv", bodies["variants.csv"])
    releases = {variant.release for variant in variants.values()}
    last = _last_lines(folder / "judgements.csv", bodies["judgements.csv"], variants.keys())
    return Crosswalk(
        variants=variants,
        judgements={place: one.line for place, one in last.items() if not one.withdrawn},
        prices=_prices(folder / "prices.csv", bodies["prices.csv"], releases),
        sha256=sha256_hex(pack(bodies)),
        withdrawn=frozenset(place for place, one in last.items() if one.withdrawn),
        affirmed=frozenset(place for place, one in last.items() if one.affirmed),
    )


def judgement_lines(
    path: Path, body: bytes, variants: Collection[VariantId]
) -> Iterator[tuple[Judgement, bool]]:
    """Read the lines of judgements.csv in order; beside each, whether it withdraws what was judged.

    Raises:
        UsageError: A line is not of the form.
    """
    for row in csv_rows(path, body, JUDGEMENT_COLUMNS):
        variant = row.optional("variant")
        withdrawn = variant == OPEN_AGAIN
        if variant is not None and not withdrawn and variant not in variants:
            raise row.form_error("variant", "an id of variants.csv, or an empty cell for `not routed`")
        judgement = Judgement(
            source=SourceName(row.one_of("source", SCORE_SOURCES)),
            key=SourceKey(row.text("key")),
            name=SourceModelName(row.text("name")),
            variant=None if variant is None or withdrawn else VariantId(variant),
            decided_on=row.day("decided_on"),
            decided_by=row.text("decided_by", "the person who decided"),
            reason=row.text("reason", "the reason, in a few words"),
        )
        yield judgement, withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Last:
    """The last line about a name."""

    line: Judgement
    withdrawn: bool
    affirmed: bool
    """It says what the line before it said."""


def _last_lines(
    path: Path, body: bytes, variants: Collection[VariantId]
) -> dict[tuple[SourceName, SourceKey], _Last]:
    """Return the last line about each name, in the order in which the names came first."""
    last: dict[tuple[SourceName, SourceKey], _Last] = {}
    for line, withdrawn in judgement_lines(path, body, variants):
        held = last.get((line.source, line.key))
        same = held is not None and (held.line.variant, held.line.name) == (line.variant, line.name)
        affirmed = same and not withdrawn and not (held is not None and held.withdrawn)
        last[line.source, line.key] = _Last(line=line, withdrawn=withdrawn, affirmed=affirmed)
    return last


def _prices(path: Path, body: bytes, releases: Collection[str]) -> dict[str, tuple[JudgedPrice, ...]]:
    """Return every line of each release: which one holds depends on the day."""
    prices: dict[str, tuple[JudgedPrice, ...]] = {}
    dated = body.partition(b"\n")[0].strip().endswith(b",valid_until")
    for row in csv_rows(path, body, DATED_PRICE_COLUMNS if dated else PRICE_COLUMNS):
        release = row.one_of("release", releases, "a release of variants.csv")
        cached = row.cells["cache_read_usd_per_mtok"]
        price = JudgedPrice(
            release=release,
            input_microusd_per_mtok=row.microusd("input_usd_per_mtok"),
            output_microusd_per_mtok=row.microusd("output_usd_per_mtok"),
            cache_read_microusd_per_mtok=row.microusd("cache_read_usd_per_mtok") if cached else None,
            valid_from=row.day("valid_from"),
            valid_until=row.day("valid_until") if row.cells.get("valid_until") else None,
            source_url=row.like("source_url", _WEB_PAGE, "the address of the price page, https://..."),
            decided_by=row.text("decided_by", "the person who decided"),
            reason=row.text("reason", "the reason, in a few words"),
        )
        prices[release] = (*prices.get(release, ()), price)
    return prices


def valid_on(crosswalk: Crosswalk, day: date) -> Crosswalk:
    """Leave out judged prices that are not valid yet or no longer: the latest line that is valid holds."""
    valid = {
        release: tuple(line for line in lines if line.holds_on(day))
        for release, lines in crosswalk.prices.items()
    }
    return replace(crosswalk, prices={release: lines for release, lines in valid.items() if lines})
