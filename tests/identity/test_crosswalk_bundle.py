"""The crosswalk as one body of bytes, and as far as it stood on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.document import sha256_hex
from pipeline.identity.crosswalk.load import crosswalk_bytes, cut_back, known_on, load_crosswalk, pack, unpack
from tests.example import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 8, 16)
VARIANTS = b"id,vendor\na@high,x\n"
JUDGEMENTS = b"source,key,name,variant,decided_on,decided_by,reason\ns,k,K,a@high,2026-12-01,P,seen\n"
PRICES = (
    b"release,input_usd_per_mtok,output_usd_per_mtok,cache_read_usd_per_mtok,valid_from\na,1,2,,2026-01-01\n"
)


def volume(variants: bytes = VARIANTS, judgements: bytes = JUDGEMENTS, prices: bytes = PRICES) -> bytes:
    return pack({"variants.csv": variants, "judgements.csv": judgements, "prices.csv": prices})


def stood(now: bytes, then: bytes | None) -> tuple[bytes, bytes, bytes]:
    files = unpack(known_on(DAY, then=then, now=now))
    return files["variants.csv"], files["judgements.csv"], files["prices.csv"]


def test_the_body_is_what_the_digest_is_of() -> None:
    folder = ROOT / "data/crosswalk"
    body = crosswalk_bytes(folder)
    assert sha256_hex(body) == load_crosswalk(folder).sha256
    assert unpack(body) == {
        name: (folder / name).read_bytes() for name in ("variants.csv", "judgements.csv", "prices.csv")
    }


@pytest.mark.parametrize("body", [b"", b"variants.csv 9\nshort", b"other.csv 0\n", b"variants.csv x\n"])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"variants\.csv|invalid literal"):
        unpack(body)


@pytest.mark.parametrize("added", [0, 1, 7])
def test_an_earlier_crosswalk_is_found_below_judgements_added_since(added: int) -> None:
    line = b"s,k,K,,2026-12-02,P,changed\n"
    assert cut_back(volume(judgements=JUDGEMENTS + added * line), sha256_hex(volume())) == volume()


def test_an_edited_crosswalk_is_not_taken_for_an_earlier_one() -> None:
    wanted = sha256_hex(volume())
    assert cut_back(volume(judgements=JUDGEMENTS.replace(b"seen", b"corrected")), wanted) is None
    assert cut_back(volume(prices=PRICES + b"b,1,2,,2026-01-01\n"), wanted) is None


def test_a_line_of_the_last_run_counts_whatever_its_date() -> None:
    assert stood(volume(), volume()) == (VARIANTS, JUDGEMENTS, PRICES)


def test_without_an_earlier_run_a_line_counts_from_its_date() -> None:
    early = b"s,early,E,a@high,2026-08-16,P,seen\n"
    header = JUDGEMENTS.partition(b"\n")[0] + b"\n"
    now = volume(judgements=JUDGEMENTS + early, prices=PRICES + b"a,9,9,,2026-08-17\n")
    assert stood(now, None) == (VARIANTS, header + early, PRICES)


def test_lines_added_since_count_if_they_are_dated_by_the_day_and_keep_their_order() -> None:
    early, late = b"s,k,K,,2026-08-16,P,changed\n", b"s,k,K,,2026-08-17,P,changed\n"
    now = volume(VARIANTS + b"b@low,x\n", JUDGEMENTS + late + early, PRICES + b"b,1,2,,2026-08-16\n")
    assert stood(now, volume()) == (
        VARIANTS + b"b@low,x\n",
        JUDGEMENTS + early,
        PRICES + b"b,1,2,,2026-08-16\n",
    )


def test_a_price_from_another_day_is_added_and_one_of_the_same_day_replaces_nothing() -> None:
    another, edited, late = b"a,3,6,,2026-08-16\n", b"a,7,7,,2026-01-01\n", b"a,9,9,,2026-08-17\n"
    now = volume(prices=PRICES + another + edited + late)
    assert stood(now, volume()) == (VARIANTS, JUDGEMENTS, PRICES + another)


def test_what_was_edited_since_stays_as_it_was() -> None:
    now = volume(
        VARIANTS.replace(b",x", b",y"),
        JUDGEMENTS.replace(b"seen", b"corrected"),
        PRICES.replace(b",1,", b",5,"),
    )
    assert stood(now, volume()) == (VARIANTS, JUDGEMENTS, PRICES)


def test_the_shipped_files_stand_as_they_are(tmp_path: Path) -> None:
    body = crosswalk_bytes(ROOT / "data/crosswalk")
    for name, text in unpack(known_on(DAY, then=body, now=body)).items():
        (tmp_path / name).write_bytes(text)
    assert load_crosswalk(tmp_path).sha256 == sha256_hex(body)


def test_a_line_added_below_an_older_header_has_the_older_columns() -> None:
    header, _, rest = VARIANTS.partition(b"\n")
    wider = header + b",sent\n" + rest.replace(b",x\n", b",x,high\n") + b'"b@low","y, z",low\n'
    assert stood(volume(wider), volume())[0] == VARIANTS + b'b@low,"y, z"\n'
