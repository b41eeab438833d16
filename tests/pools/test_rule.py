"""A new rule is one file and one line: it leaves out, the page explains it, and why-not relaxes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.pools.eligibility.registry import DATA, ESTIMATES, HARD, MEANINGS, RULES, STATIC
from tests.extension import Extension, extend

if TYPE_CHECKING:
    from pathlib import Path

    from tests.example import Example

NAMED = Extension(
    file="pools/eligibility/named.py",
    text='''"""Leaves out releases whose name holds `preview`."""

from pipeline.pools.eligibility.candidate_facts import Exclusion
from pipeline.pools.eligibility.rule import Rule, Stage


def check(_terms, candidate):
    release = candidate.variant.release
    if "preview" not in release:
        return None
    return Exclusion(rule="preview", detail=f"{release} is a preview.")


NAMED = Rule(
    name="preview",
    stage=Stage.HARD,
    check=check,
    meanings={"preview": "a preview that its vendor may take back"},
    relaxations={"preview": lambda case: case.setting("k", 9, ", as this test says")},
)
''',
    registry="pools/eligibility/registry.py",
    imported="from pipeline.pools.eligibility.named import NAMED",
    before="    LICENCE,\n    REGION,\n",
    line="    NAMED,",
)
WEEK = ("--week", "2026-W33", "--now", "2026-08-15T12:00:00Z")


def test_a_new_rule_is_one_file_and_one_line(tmp_path: Path, example: Example) -> None:
    package = extend(tmp_path / "extended", NAMED)
    there = ("--workspace", str(example.folder))
    captures = str(example.folder / "data/sample/2026-W33")
    done = package.modelpool("run", "--captures", captures, *WEEK, *there)
    assert done.returncode == 10, done.stderr
    folder = example.folder / "reviews/2026-W33"
    proposal = json.loads((folder / "proposal.json").read_text())
    tiers = proposal["pool"]["tiers"].values()
    members = [member["release"] for tier in tiers for member in tier["members"]]
    assert members
    assert not [release for release in members if "preview" in release], "it leaves out who is a preview"
    standings = [one for tier in proposal["tiers"].values() for one in tier["standings"]]
    left_out = [one for one in standings if one["rule"] == "preview"]
    assert left_out, "and says so"
    for page in ("proposal.md", "report.html"):
        assert "a preview that its vendor may take back" in (folder / page).read_text()
    variant = left_out[0]["variant"]
    tier = next(name for name, one in proposal["tiers"].items() if left_out[0] in one["standings"])
    told = package.modelpool("why-not", variant, "--tier", tier, *there).stdout
    assert "is a preview." in told
    assert f"tiers.{tier}.k = 9, as this test says" in told


def test_every_rule_has_a_name_of_its_own_and_each_stage_its_rules() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert [rule.name for rule in DATA] == ["no_score", "price", "unconfirmed"]
    assert [rule.name for rule in ESTIMATES] == ["task_ceiling", "floor"]
    assert STATIC + ESTIMATES == RULES, "what a draw can change is judged last"
    assert {rule.name for rule in RULES} == {rule.name for rule in (*DATA, *HARD)} | {"floor"}


def test_what_a_rule_can_lift_has_words_on_the_page() -> None:
    lifted = {name for rule in RULES for name in rule.relaxations}
    assert len(lifted) > 10
    assert lifted <= MEANINGS.keys()
