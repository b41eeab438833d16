"""What is written, captured or decided later changes no earlier week."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.flow.replay.last_run import last_run
from pipeline.settings import Settings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.example import Example

THIRD = ("--week", "2026-W34", "--now", "2026-08-22T12:00:00Z")
SAY = ("--reviewer", "R. Viewer", "--note", "Read the page.")


def members(proposal: object, tier: str) -> list[str]:
    """Whom the week's data hold; a member that is only carried is not among them."""
    assert isinstance(proposal, dict)
    return [one["variant"] for one in proposal["pool"]["tiers"][tier]["members"] if not one["stale"]]


def recorded(example: Example, run: str = "2026-W33") -> object:
    return json.loads((example.folder / "reviews" / run / "proposal.json").read_bytes())


def judge(example: Example, variant: str, day: str, *, means: str = "") -> int:
    """Add one judgement for every name of a variant: known, and not routed."""
    path = example.folder / "data/crosswalk/judgements.csv"
    with path.open(newline="") as file:
        rows = [row for row in csv.reader(file) if row[3] == variant]
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([*row[:3], means, day, "A. Person", "planted"] for row in rows)
    return len(rows)


def price(example: Example, release: str, day: str) -> int:
    with (example.folder / "data/crosswalk/prices.csv").open("a") as file:
        return file.write(f"{release},900,900,,{day},https://vendor.example/prices,A. Person,planted\n")


def _capture(example: Example) -> None:
    """The same bytes are captured again under another address and moment, and a board comes in later."""
    for meta in sorted((example.folder / "data/raw").glob("*/2026-W*/*.meta.json")):
        later = meta.parents[1] / "2026-W40"
        later.mkdir(exist_ok=True)
        document = json.loads(meta.read_bytes())
        origin = example.folder / document["url"].removeprefix("file:")
        document |= {"fetched_at": "2026-10-01T00:00:00Z", "url": "https://elsewhere.example/"}
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        (later / meta.name).write_text(f"{text}\n")
        stored = later / meta.name.replace(".meta.json", ".gz")
        stored.write_bytes(gzip.compress(origin.read_bytes()))


def _judgement(example: Example) -> None:
    assert judge(example, members(recorded(example), "balanced")[0], "2026-12-01")


def _price(example: Example) -> None:
    assert price(example, members(recorded(example), "balanced")[0].partition("@")[0], "2026-12-01")


def _variant(example: Example) -> None:
    path = example.folder / "data/crosswalk/variants.csv"
    first = members(recorded(example), "balanced")[0]
    rows = [row for row in path.read_text().splitlines() if not row.startswith(f"{first},")]
    judge(example, first, "2026-12-01")
    judgements = example.folder / "data/crosswalk/judgements.csv"
    text = judgements.read_text().replace(f",{first},", ",,")
    judgements.write_text(text)
    path.write_text("\n".join(rows) + "\n")


def _policy(example: Example) -> None:
    path = example.folder / "data/policy/tiers.toml"
    before = path.read_text()
    path.write_text(before.replace("\nk = ", "\nk = 1 # was ", 1))
    assert path.read_text() != before


def _expectations(example: Example) -> None:
    path = example.folder / "data/policy/expectations.toml"
    path.write_text(path.read_text() + "# later\n")


def _acceptance(example: Example) -> None:
    """A row that the run held out is accepted; then the same run would use its new value."""
    findings = example("review", "--json").json["findings"]
    assert isinstance(findings, list)
    row = next(one["subject"] for one in findings if one["kind"] == "held-row")
    words = ("sources", "accept", row.partition(":")[0], "--row", row, "--reviewer", "R. Viewer")
    answer = example(*words, "--note", "It is so.", "--now", "2026-08-16T00:00:00Z")
    assert answer.code == 0, answer.err


def _version(example: Example) -> None:
    assert example.approve().code == 0
    assert example("publish").code == 0
    _policy(example)
    answer = example.run(None, *THIRD)
    assert answer.code == 10, answer.out
    assert example.approve().code == 0
    assert example("publish").code == 0
    assert (example.folder / "data/pools/v0003.json").exists()


PLANTED = (
    _capture, _judgement, _price, _variant, _policy, _expectations, _acceptance, _version,
)  # fmt: skip


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__[1:])
def test_no_earlier_week_changes(ran: Example, plant: Callable[[Example], None]) -> None:
    before = {path: path.read_bytes() for path in ran.folder.rglob("*") if path.is_file()}
    plant(ran)
    after = {path: path.read_bytes() for path in ran.folder.rglob("*") if path.is_file()}
    assert before != after, "something was planted"
    for run in ("2026-W33", "2026-W22"):
        answer = ran("replay", run)
        assert answer.code == 0, answer.err


def test_what_was_planted_would_change_the_week_if_it_leaked(ran: Example) -> None:
    """The control: on today's rules the same captures give another pool."""
    last = last_run(Workspace(ran.folder), Settings())
    assert last.changed == ()
    _judgement(ran)
    _policy(ran)
    assert last_run(Workspace(ran.folder), Settings()).changed == ("crosswalk", "policy")


@pytest.fixture
def unrun(ran: Example) -> Example:
    """The captures of the second week are here, and nothing was run in it."""
    shutil.rmtree(ran.folder / "reviews/2026-W33")
    return ran


def as_of(example: Example, week: str = "2026-W33") -> dict[str, object]:
    answer = example("replay", "--as-of", week, "--json")
    assert answer.code == 0, answer.out
    document = answer.json["document"]
    assert isinstance(document, dict)
    assert answer.json["same"] is None
    return document


def test_a_week_without_a_run_is_made_from_what_was_captured_by_its_end(ran: Example) -> None:
    real = recorded(ran)
    shutil.rmtree(ran.folder / "reviews/2026-W33")
    document = as_of(ran)
    assert document["as_of"] == "2026-08-16T23:59:59Z"
    assert [members(document, tier) for tier in ("frugal", "balanced", "premium")] == [
        members(real, tier) for tier in ("frugal", "balanced", "premium")
    ]
    assert not (ran.folder / "reviews/2026-W33").exists()
    said = ran("replay", "--as-of", "2026-W33").out
    assert "Nothing was run in 2026-W33" in said
    assert "modelpool approve" not in said


def test_a_capture_of_later_is_not_heard(unrun: Example) -> None:
    document = as_of(unrun, "2026-W32")
    days = [one["fetched_at"] for one in _inputs(document) if one["fetched_at"]]
    assert days
    assert max(days) < "2026-08-10"
    assert "2026-08-06T00:00:00Z" in days


@pytest.mark.parametrize(("day", "counts"), [("2026-08-20", False), ("2026-08-16", True)])
def test_a_judgement_counts_from_its_day(unrun: Example, day: str, *, counts: bool) -> None:
    first = members(as_of(unrun), "balanced")[0]
    assert judge(unrun, first, day)
    assert (first not in members(as_of(unrun), "balanced")) is counts


@pytest.mark.parametrize(("day", "counts"), [("2026-08-20", False), ("2026-08-16", True)])
def test_a_price_counts_from_its_day(unrun: Example, day: str, *, counts: bool) -> None:
    known = (unrun.folder / "data/crosswalk/prices.csv").read_text()
    document = as_of(unrun)
    first = next(one for one in members(document, "balanced") if f"\n{one.partition('@')[0]}," not in known)
    price(unrun, first.partition("@")[0], day)
    assert (first not in members(as_of(unrun), "balanced")) is counts


@pytest.mark.parametrize("plant", [_policy, _expectations], ids=lambda plant: plant.__name__[1:])
def test_the_policy_is_that_of_the_last_run_by_then(unrun: Example, plant: Callable[[Example], None]) -> None:
    before = as_of(unrun)
    plant(unrun)
    assert as_of(unrun) == before


def test_a_later_version_is_not_the_base(ran: Example) -> None:
    assert ran.approve().code == 0
    assert ran("publish").code == 0
    document = as_of(ran, "2026-W32")
    pool = document.get("pool")
    base = pool["base"]["version"] if isinstance(pool, dict) else document["base_version"]
    assert base == 1


def test_without_any_earlier_run_only_lines_dated_by_then_count(example: Example, tmp_path: Path) -> None:
    """Every shipped judgement is dated later than the embedded weeks: names join by their spelling alone."""
    for name in ("reviews/2026-W22", "data/pools"):
        for file in (example.folder / name).iterdir():
            file.unlink()
    (example.folder / "reviews/2026-W22").rmdir()
    first = str(example.folder / "data/sample/2026-W22")
    assert (
        example("run", "--captures", first, "--week", "2026-W22", "--now", "2026-05-31T12:00:00Z").code == 10
    )
    shutil.rmtree(example.folder / "reviews/2026-W22")
    assert _judged(as_of(example, "2026-W22")) == 0
    judgements = example.folder / "data/crosswalk/judgements.csv"
    judgements.write_text(judgements.read_text().replace(",2026-11-23,", ",2026-05-23,"))
    assert _judged(as_of(example, "2026-W22")) > 0


def _judged(document: dict[str, object]) -> int:
    coverage = document["coverage"]
    assert isinstance(coverage, dict)
    return int(coverage["judged"])


def _inputs(document: dict[str, object]) -> list[dict[str, str]]:
    found = document["inputs"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "words",
    [(), ("v0001", "--as-of", "2026-W33"), ("--as-of", "2026-W99"), ("--as-of", "2099-W01")],
    ids=" ".join,
)
def test_what_makes_no_sense_together_is_a_usage_error(ran: Example, words: tuple[str, ...]) -> None:
    answer = ran("replay", *words)
    assert answer.code == 2, answer.out
    assert answer.err.startswith("error: ")
