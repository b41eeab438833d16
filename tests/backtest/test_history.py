"""A history is read as it was known in its weeks, or refused with file and line."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from pipeline.backtest.history import clip_weeks, read_history
from pipeline.domain.calendar import Week
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "week,date,model,score,ci_low,ci_high,votes,input_price,output_price,price_known_at,backfilled"
LINE = "2026-01-05,2026-01-08,a,1300,1290,1311,500,2,10,2026-01-01,0"


def written(folder: Path, *lines: str, head: str = HEAD) -> Path:
    file = folder / "history.csv"
    file.write_text("\n".join((head, *lines)) + "\n")
    return file


def test_a_line_becomes_a_row_with_its_interval_and_price(tmp_path: Path) -> None:
    row = read_history(written(tmp_path, LINE)).tables[0].rows["a"]
    assert (row.score, row.half_width, row.votes) == (1300, 10.5, 500)
    assert row.price is not None
    assert row.price.blended_usd_per_mtok == 4


def test_gzip_is_fine_whatever_the_name(tmp_path: Path) -> None:
    file = tmp_path / "history"
    file.write_bytes(gzip.compress(f"{HEAD}\n{LINE}\n".encode()))
    assert read_history(file) == read_history(written(tmp_path, LINE))


@pytest.mark.parametrize(
    "late",
    [
        LINE.replace("2026-01-01,0", "2026-01-09,0"),
        LINE.replace("2026-01-01,0", "2026-01-01,1"),
        LINE.replace("2026-01-01,0", ",1.0"),
    ],
)
def test_a_price_known_later_is_used_only_when_asked_for(tmp_path: Path, late: str) -> None:
    file = written(tmp_path, late)
    assert read_history(file).tables[0].rows["a"].price is None
    assert read_history(file, backfilled_prices=True).tables[0].rows["a"].price is not None


@pytest.mark.parametrize("price", ["2,", ",10", "0,10", "2,0", ","])
def test_a_price_that_is_zero_or_half_stated_is_unknown(tmp_path: Path, price: str) -> None:
    file = written(tmp_path, LINE.replace("2,10", price))
    assert read_history(file, backfilled_prices=True).tables[0].rows["a"].price is None


def test_columns_that_are_absent_are_not_invented(tmp_path: Path) -> None:
    row = (
        read_history(written(tmp_path, "2026-01-05,2026-01-08,a,1300", head="week,date,model,score"))
        .tables[0]
        .rows["a"]
    )
    assert (row.low, row.votes, row.price, row.index) == (None, None, None, None)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (LINE.replace("1300", "fast"), "fast"),
        (LINE.replace("1300", "nan"), "score is nan"),
        (LINE.replace("1300", ""), "without a model or a score"),
        (LINE.replace("1290", "1301"), "outside"),
        (LINE.replace("2026-01-05", "2026-01-06"), "Monday"),
        (LINE.replace("2026-01-08", "yesterday"), "yesterday"),
        (LINE.replace("2,10", "-2,10"), "price"),
        (LINE + ",1", "12 cells under 11 columns"),
        (LINE.replace(",500,", ",5,").replace("2026-01-08", "2026-01-09"), "has the days"),
        (LINE, "lists a twice"),
    ],
)
def test_a_broken_line_is_named_with_file_and_line(tmp_path: Path, line: str, found: str) -> None:
    file = written(tmp_path, LINE, line)
    with pytest.raises(UsageError, match=found) as refused:
        read_history(file)
    assert f"{file}:3" in str(refused.value)


def test_a_file_that_is_no_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column score"):
        read_history(written(tmp_path, head="week,date,model"))
    with pytest.raises(UsageError, match="cannot be read"):
        read_history(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="no weeks"):
        read_history(written(tmp_path))
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"\x1f\x8bnonsense")
    with pytest.raises(UsageError, match="cannot be read"):
        read_history(broken)


def test_weeks_without_a_table_and_a_frozen_feed_are_named(tmp_path: Path) -> None:
    later = LINE.replace("2026-01-05,2026-01-08", "2026-01-26,2026-01-29")
    again = LINE.replace("2026-01-05,2026-01-08", "2026-02-02,2026-02-05").replace("1300", "1301")
    past = read_history(written(tmp_path, LINE, later, again))
    assert past.holes == ((Week("2026-W02"), Week("2026-W05"), 2),)
    assert past.repeated == (Week("2026-W05"),)


def test_a_span_keeps_its_weeks_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    later = LINE.replace("2026-01-05,2026-01-08", "2026-01-12,2026-01-15")
    past = read_history(written(tmp_path, LINE, later))
    assert [t.week for t in clip_weeks(past, Week("2026-W03"), None).tables] == ["2026-W03"]
    assert [t.week for t in clip_weeks(past, None, Week("2026-W02")).tables] == ["2026-W02"]
    with pytest.raises(UsageError, match="no week"):
        clip_weeks(past, Week("2026-W04"), None)


def test_the_order_of_the_lines_does_not_matter(tmp_path: Path) -> None:
    lines = [LINE, LINE.replace(",a,", ",b,"), LINE.replace("2026-01-05,2026-01-08", "2026-01-12,2026-01-15")]
    assert read_history(written(tmp_path, *lines)) == read_history(written(tmp_path, *reversed(lines)))
