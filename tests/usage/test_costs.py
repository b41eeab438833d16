"""An operator's own usage measures a variant's verbosity, on the same kind of task and only there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.policy import MeasuredTokens, TaskKind
from pipeline.scoring.cost.task_cost import measured_verbosity
from pipeline.usage.measure import answer_costs, kind_usage, tier_spend
from pipeline.usage.record_file import keep_records, recent_files
from tests.usage.conftest import CHEAP, DEFAULT, record

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

CHAT = TaskKind(name="chat", share=0.5, tokens_in=1000.0, tokens_out=100.0, cached_share=0.0)
AGENT = TaskKind(
    name="agent", share=0.5, tokens_in=9000.0, tokens_out=300.0, cached_share=0.8, reasoning_share=0.5
)


def _measured(kind: TaskKind, tokens_out: float) -> TaskKind:
    return kind.model_copy(update={"measured": {CHEAP: MeasuredTokens(tasks=200, tokens_out=tokens_out)}})


def test_the_verbosity_bills_as_many_tokens_as_were_measured() -> None:
    mix = (_measured(CHAT, 300.0), _measured(AGENT, 500.0))
    found = measured_verbosity(CHEAP, mix)
    assert found is not None
    billed = sum(kind.share * kind.billed_out(found) for kind in mix)
    assert billed == pytest.approx(0.5 * 300 + 0.5 * 500)
    assert measured_verbosity(CHEAP, (_measured(CHAT, 250.0),)) == pytest.approx(2.5)


def test_a_mix_of_which_one_kind_is_not_measured_says_nothing() -> None:
    assert measured_verbosity(CHEAP, (_measured(CHAT, 300.0), AGENT)) is None
    assert measured_verbosity(DEFAULT, (_measured(CHAT, 300.0),)) is None


@pytest.mark.parametrize(
    ("answers", "length", "shortfall"),
    [(199, 1000, "199 answers; 200 are needed"), (200, 1600, "another kind of task"), (200, 1400, "")],
)
def test_a_kind_needs_200_answers_to_requests_as_long_as_the_mix_says(
    answers: int, length: int, shortfall: str
) -> None:
    records = [
        record(f"r{n}", CHEAP, workload="chat", tokens_in=length, tokens_out=100 + n % 2)
        for n in range(answers)
    ]
    records += [record("r0", CHEAP, 1, workload="chat", tokens_in=length, tokens_out=100)]
    (found,) = kind_usage(records, {"task_mix": (CHAT, AGENT)})
    assert (found.kind, found.tasks) == ("chat", answers)
    assert found.tokens_out == pytest.approx(100.5, abs=0.01)
    assert shortfall in found.shortfall
    assert bool(shortfall) == bool(found.shortfall)


def test_a_graded_answer_costs_once() -> None:
    records = [
        record("a", CHEAP, usd="0.01"),
        record("a", CHEAP, 1, usd="0.01"),
        record("b", CHEAP, usd="0.03"),
    ]
    (found,) = answer_costs(records)
    assert found.answers == 2
    assert found.usd_per_answer == pytest.approx(0.02)


def test_what_a_person_puts_into_the_policy_is_grade_1_in_the_next_run(example: Example) -> None:
    policy = example.folder / "data/policy/tiers.toml"
    table = '\n[task_mix.measured."deepseek-v4-flash-0424@high"]\ntasks = 412\ntokens_out = 640\n'
    text, kinds = re.subn(r"(\[\[task_mix\]\]\n(?:.+\n)+)", rf"\g<1>{table}", policy.read_text())
    assert kinds == 3
    policy.write_text(text)
    assert example.run().code == 10
    tiers = json.loads((example.folder / "reviews/2026-W33/proposal.json").read_bytes())["tiers"]
    grades = {
        name: line["cost_grade"]
        for name, tier in tiers.items()
        for line in tier["standings"]
        if line["variant"] == "deepseek-v4-flash-0424@high"
    }
    assert grades["balanced"] == "1"
    assert grades["balanced-coding"] in {"2b", "3a", "3b"}, "another mix, which nobody measured"
    assert example("replay", "2026-W33").code == 0


def test_costs_are_told_beside_what_the_pool_projects(example: Example) -> None:
    lines = [
        record(f"r{n}", "deepseek-v4-flash-0424@high", workload="chat", tokens_in=750, tokens_out=300)
        for n in range(200)
    ]
    file = example.folder / "usage.jsonl"
    file.write_text("".join(line.model_dump_json() + "\n" for line in lines))
    assert example("usage", "import", str(file)).code == 0
    told = example("usage", "costs")
    assert told.code == 0
    assert (
        "deepseek-v4-flash-0424@high: $0.001000 an answer over 200 answers; balanced projects $" in told.out
    )
    assert "tokens_out = 300.0" in told.out
    found = example("usage", "costs", "--json").json
    assert isinstance(found["realised"], list)
    assert found["realised"][0]["projected_usd_per_task"]


def test_an_answer_counts_in_each_tier_that_holds_its_variant_and_a_tier_without_answers_is_absent() -> None:
    records = [
        record("a", CHEAP, usd="0.01"),
        record("a", CHEAP, 1, usd="0.01"),
        record("b", DEFAULT, usd="0.04"),
    ]
    projected = {"low": {CHEAP: "0.02"}, "mid": {CHEAP: "0.02", DEFAULT: "0.06"}, "high": {"other@max": "1"}}
    low, mid = tier_spend(records, projected)
    assert (low.tier, low.answers, low.usd_per_answer) == ("low", 1, "0.01000000")
    assert (mid.answers, mid.usd_per_answer, mid.projected_usd_per_task) == (2, "0.02500000", "0.04000000")
    assert [one.variant for one in mid.members] == sorted([CHEAP, DEFAULT])


def test_files_are_recent_by_their_answers_and_a_name_is_no_time(tmp_path: Path) -> None:
    named = record("c", CHEAP, workload='"time":"2026-08-09T00:00:00Z"', time="2026-01-01T00:00:00Z")
    recent = keep_records(tmp_path, [record("a", CHEAP, time="2026-08-09T00:00:00Z"), record("b", CHEAP)])
    assert recent is not None
    keep_records(tmp_path, [named])
    found = recent_files(tmp_path, since="2026-08-05T00:00:00Z", until="2026-08-10T00:00:00Z")
    assert found == (recent,)
    assert recent_files(tmp_path / "nowhere", since="", until="z") == ()
