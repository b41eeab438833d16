"""Asking why: every number has its origin, what would admit was tried, and nobody writes anything."""

from __future__ import annotations

import shutil
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from pipeline.domain.ids import MetricName, TierName, VariantId
from pipeline.flow.questions import why_not as asking
from pipeline.flow.questions.explain import explain
from pipeline.flow.questions.whatif import Scenario, whatif
from pipeline.flow.replay.last_run import last_run
from pipeline.identity.crosswalk.load import valid_on
from pipeline.pools.tier_selection import select_tier
from pipeline.review.proposals import proposal_store
from pipeline.settings import Settings
from pipeline.workspace import Workspace
from tests.databases import remove_database
from tests.example import invoke

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.domain.pool import Standing
    from pipeline.domain.proposal import Proposal
    from pipeline.flow.questions.explain import Explanation
    from tests.example import Example

SETTINGS = Settings()
ASKING = (
    ("explain", "claude-opus-4.6@high"),
    ("why-not", "claude-opus-5@max", "--tier", "premium"),
    ("whatif", "--set", "tiers.balanced.lambda_usd=0.1", "--drop-source", "artificial-analysis"),
    ("crosswalk", "open", "--top", "2"),
    ("crosswalk", "suggest", "claude-opus-4-6-high", "--source", "lmarena-text"),
)


def _proposal(example: Example) -> Proposal:
    return proposal_store.read_proposal(example.folder / "reviews/2026-W33").proposal


def _explain(example: Example, variant: str, tier: str | None = None) -> Explanation:
    return explain(Workspace(example.folder), SETTINGS, variant, tier)


def _value(found: Explanation, chapter: str, what: str) -> str:
    lines = next(one.lines for one in found.chapters if one.title.startswith(chapter))
    return next(line.value for line in lines if line.what == what)


def _standings(example: Example, verdict: str) -> list[tuple[str, Standing]]:
    tiers = _proposal(example).tiers.items()
    return [(name, one) for name, tier in tiers for one in tier.standings if one.verdict == verdict]


@pytest.mark.parametrize("verdict", ["member", "candidate", "excluded"])
def test_an_explanation_says_what_the_proposal_says(ran: Example, verdict: str) -> None:
    tier, standing = next(one for one in _standings(ran, verdict) if one[1].expected_usd)
    found = _explain(ran, standing.variant, tier)
    assert found.changed == ()
    assert _value(found, "quality", "quality").startswith(standing.quality or "?")
    assert _value(found, "cost of one task", "cost per task") == f"${standing.usd_per_task}"
    assert _value(found, f"tier {tier}", "expected cost") == f"${standing.expected_usd} per task"
    assert _value(found, f"tier {tier}", "quality per dollar").startswith(
        f"{standing.acceptable_answers_per_usd} "
    )
    assert _value(found, f"tier {tier}", "probability above the floor") == standing.floor_probability
    assert _value(found, f"tier {tier}", "verdict").startswith(verdict)


def test_every_published_number_names_a_capture_of_the_run(ran: Example) -> None:
    captured = {line.sha256 for line in _proposal(ran).inputs}
    _, standing = next(one for one in _standings(ran, "member"))
    found = _explain(ran, standing.variant)
    stated = [
        line
        for chapter in found.chapters
        for line in chapter.lines
        if chapter.title == "published values" or line.what.startswith("stated price")
    ]
    assert len(stated) >= 2
    assert all(line.source and line.on and line.capture in captured for line in stated)


def test_the_kinds_of_task_add_up_to_the_cost(ran: Example) -> None:
    _, standing = next(one for one in _standings(ran, "member"))
    found = _explain(ran, standing.variant)
    lines = next(one.lines for one in found.chapters if one.title.startswith("cost of one task"))
    kinds = [float(line.value.removeprefix("$")) for line in lines[1:-2]]
    assert len(kinds) == 3
    assert sum(kinds) == pytest.approx(float(lines[-2].value.removeprefix("$")), abs=2e-6)


def test_the_interval_of_a_cost_is_that_of_the_proposal(ran: Example) -> None:
    _, standing = next(one for one in _standings(ran, "member"))
    found = _explain(ran, standing.variant)
    lines = next(one.lines for one in found.chapters if one.title.startswith("cost of one task"))
    assert lines[-1].what == "80 % interval"
    assert lines[-1].value == f"${standing.usd_per_task_low} to ${standing.usd_per_task_high}"


def test_an_explanation_says_what_cached_input_is_billed_at(ran: Example) -> None:
    said = {
        f"{line.value} {line.formula}"
        for line in chain.from_iterable(
            chapter.lines
            for name in ("deepseek-v4-flash-0424@max", "gemma-4-31b@default")
            for chapter in _explain(ran, name).chapters
        )
    }
    assert any("cached input $0.0028" in line and "flat vendor price" in line for line in said)
    assert any("of them cached at $0.0028, " in line for line in said)
    assert any("of them cached at the price of input, $" in line for line in said)


def test_the_weights_of_two_boards_add_up_and_give_theta(ran: Example) -> None:
    workspace = Workspace(ran.folder)
    board = last_run(workspace, SETTINGS).assess().scoreboards["general"]
    both = next(name for name, score in sorted(board.scores.items()) if len(score.boards) == 2)
    found = _explain(ran, both, "premium")
    scale = {
        line.what.split(" ")[2]: float(line.value.split(" ")[0])
        for chapter in found.chapters
        for line in chapter.lines
        if line.what.startswith("rating on")
    }
    weights = {
        line.what.split(" ")[2]: float(line.value)
        for chapter in found.chapters
        for line in chapter.lines
        if line.what.startswith("weight of")
    }
    assert sum(weights.values()) == pytest.approx(1, abs=0.002)
    theta = sum(weights[metric] * scale[metric] for metric in weights)
    assert theta == pytest.approx(board.scores[both].theta, abs=0.002)


def test_a_variant_on_one_board_tells_what_the_other_is_expected_to_say(ran: Example) -> None:
    board = last_run(Workspace(ran.folder), SETTINGS).assess().scoreboards["general"]
    alone = {name: score for name, score in sorted(board.scores.items()) if score.expected}
    name = next(name for name, score in alone.items() if score.expected and score.expected.siblings)
    score = alone[name]
    assert score.expected is not None
    lines = {line.what: line for chapter in _explain(ran, name, "premium").chapters for line in chapter.lines}
    assert lines["boards used"].value == score.speaking[0]
    expected = lines[f"{score.expected.metric} does not list it; expected"]
    assert all(sibling in expected.formula for sibling in score.expected.siblings)
    theta = {
        what: float(line.value.split(" ")[0]) for what, line in lines.items() if what.startswith("rating on")
    }
    share = float(lines["share of the expected board"].value)
    (said,) = theta.values()
    mean = (1 - share) * said + share * float(expected.value.split(" ")[0])
    assert mean == pytest.approx(score.theta, abs=0.002)
    between = float(lines["not known from one board"].value.split(" ")[0])
    assert between == pytest.approx(share * score.expected.sd, abs=0.0002)


def _trial(example: Example, variant: str, tier: str) -> asking._Trial:
    last = last_run(Workspace(example.folder), SETTINGS)
    assessment = last.assess()
    return asking._Trial(
        last=last,
        assessment=assessment,
        choice=select_tier(last.selection_input(assessment), TierName(tier)),
        crosswalk=valid_on(last.rules.crosswalk, last.job.now.date()),
        tier=TierName(tier),
        variant=VariantId(variant),
    )


def test_the_smallest_change_of_score_admits_and_a_tenth_less_does_not(ran: Example) -> None:
    found = asking.why_not(Workspace(ran.folder), SETTINGS, "claude-opus-5@max", "premium")
    assert found.rank is None
    assert found.score.unit == "arena points"
    assert found.score.amount is not None
    trial = _trial(ran, "claude-opus-5@max", "premium")

    def admits(points: float) -> bool:
        return trial.variant in trial.with_points(MetricName("arena-text/overall"), points).places

    assert admits(found.score.amount)
    assert not admits(found.score.amount - 0.1)
    assert not admits(0)


def test_the_smallest_change_of_price_admits_and_a_thousandth_less_does_not(ran: Example) -> None:
    found = asking.why_not(Workspace(ran.folder), SETTINGS, "gpt-5.6-sol@high", "balanced")
    assert found.rule == "ceiling"
    assert found.price.amount is not None
    trial = _trial(ran, "gpt-5.6-sol@high", "balanced")

    def admits(factor: float) -> bool:
        return trial.variant in trial.with_factor(factor).places

    assert admits(found.price.amount)
    assert not admits(found.price.amount + 0.001)


def test_where_no_change_of_price_admits_it_says_so(ran: Example) -> None:
    answer = ran("why-not", "gemini-3-pro-preview@low", "--tier", "balanced")
    assert answer.code == 0, answer.err
    assert "the rule context" in answer.out
    assert "no change of price admits it" in answer.out
    assert "no change of score admits it" in answer.out


def test_a_member_is_told_that_it_is_one(ran: Example) -> None:
    tier, standing = next(one for one in _standings(ran, "member"))
    answer = ran("why-not", standing.variant, "--tier", tier, "--json")
    members = [one.variant for one in _proposal(ran).pool.tiers[tier].members]
    assert answer.json["rank"] == members.index(standing.variant) + 1
    assert answer.json["rule"] is None


def test_a_supposition_of_nothing_is_the_proposal(ran: Example) -> None:
    found = whatif(Workspace(ran.folder), SETTINGS, Scenario())
    pool = _proposal(ran).pool
    for tier in found.tiers:
        members = [(one.variant, one.usd_per_task) for one in pool.tiers[tier.tier].members]
        assert [(one.variant, one.usd_per_task) for one in tier.supposed] == members
        assert tier.selected == tier.supposed


def test_a_vendor_that_is_dropped_is_in_no_pool(ran: Example) -> None:
    variants = last_run(Workspace(ran.folder), SETTINGS).rules.crosswalk.variants
    tiers = whatif(Workspace(ran.folder), SETTINGS, Scenario()).tiers
    vendor = variants[tiers[0].supposed[0].variant].vendor
    without = whatif(Workspace(ran.folder), SETTINGS, Scenario(vendors=(vendor,)))
    assert all(variants[one.variant].vendor != vendor for tier in without.tiers for one in tier.supposed)
    assert {one.variant for one in without.tiers[0].supposed} != {one.variant for one in tiers[0].supposed}


def test_a_setting_and_a_mix_change_the_cost(ran: Example, tmp_path: Path) -> None:
    mix = tmp_path / "mix.toml"
    kind = 'name = "long"\nshare = 1.0\ntokens_in = 90000.0\ntokens_out = 10.0\ncached_share = 0.0'
    mix.write_text(f"[[task_mix]]\n{kind}\n")
    dear = ran("whatif", "--task-mix", str(mix), "--json")
    assert dear.code == 0, dear.err
    assert dear.json["tiers"] != ran("whatif", "--json").json["tiers"]
    wide = whatif(Workspace(ran.folder), SETTINGS, Scenario(settings=("tiers.premium.k=5",)))
    (premium,) = (tier for tier in wide.tiers if tier.tier == "premium")
    assert len(premium.supposed) == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "tiers.balanced.k=0"), "tiers.balanced.k"),
        (("--set", "tiers.balanced.lambda=1"), "tiers.balanced.lambda"),
        (("--set", "tiers.balanced.lambda_usd=nan"), "tiers.balanced.lambda_usd"),
        (("--set", "tiers.balanced.lambda_usd=cheap"), "tiers.balanced.lambda_usd"),
        (("--set", "task_mix[7].share=1"), "task_mix[7]"),
        (("--set", "task_mix[0].share=0.9"), "task_mix"),
        (("--set", "seed.x=1"), "seed"),
        (("--set", "nonsense"), "KEY=VALUE"),
        (("--set", ".=1"), "KEY=VALUE"),
        (("--drop-vendor", "nobody"), "nobody"),
        (("--drop-source", "nobody"), "lmarena-text"),
        (("--task-mix", "no-such-file.toml"), "no-such-file.toml"),
    ],
)
def test_what_is_supposed_wrongly_is_a_usage_error(
    ran: Example, arguments: tuple[str, ...], words: str
) -> None:
    answer = ran("whatif", *arguments)
    assert answer.code == 2, (answer.out, answer.err)
    assert words in answer.err
    assert " hint: " in answer.err


@pytest.mark.parametrize("command", ASKING, ids=[" ".join(one[:2]) for one in ASKING])
@pytest.mark.parametrize("database", [True, False], ids=["with a database", "without a database"])
def test_asking_why_writes_nothing(
    ran: Example,
    files_below: Callable[[Path], dict[str, bytes]],
    command: tuple[str, ...],
    database: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if not database:
        remove_database(ran.folder)
    before = files_below(ran.folder)
    answer = ran(*command)
    assert answer.code == 0, answer.err
    assert files_below(ran.folder) == before
    as_json = ran(*command, "--json")
    assert as_json.code == 0
    assert as_json.json


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("explain", "claude-opus-4.6@extreme"), "claude-opus-4.6@high"),
        (("explain", "claude-opus-4.6@high", "--tier", "cheap"), "balanced"),
        (("why-not", "nothing-like-it", "--tier", "frugal"), "variants.csv"),
        (("why-not", "claude-opus-4.6@high", "--tier", "cheap"), "balanced"),
        (("why-not", "claude-opus-4.6@high"), "--tier: balanced, "),
    ],
)
def test_what_does_not_exist_is_refused_with_what_is_near(
    ran: Example, command: tuple[str, ...], words: str
) -> None:
    answer = ran(*command)
    assert answer.code == 2
    assert words in answer.err


def test_why_not_without_a_tier_needs_a_workspace_like_every_question(tmp_path: Path) -> None:
    said = invoke(["why-not", "claude-opus-4.6@high", "--workspace", str(tmp_path)])
    assert said.code == 2
    assert said.err.startswith(f"error: {tmp_path} is no workspace\n hint: Make one")


def test_without_a_run_there_is_nothing_to_explain(example: Example) -> None:
    shutil.rmtree(example.folder / "reviews/2026-W22")
    answer = example("explain", "claude-opus-4.6@high")
    assert answer.code == 30
    assert "modelpool run" in answer.err


def test_without_the_captured_bytes_it_says_what_is_missing(ran: Example) -> None:
    for name in ("data/raw", "data/sample"):
        shutil.rmtree(ran.folder / name)
    answer = ran("explain", "claude-opus-4.6@high")
    assert answer.code == 30
    assert "not on this machine" in answer.err


def test_a_changed_policy_is_named_beside_the_run(ran: Example) -> None:
    policy = ran.folder / "data/policy/tiers.toml"
    policy.write_text(policy.read_text() + "\n# a thought\n")
    assert "today's policy, changed since" in ran("explain", "claude-opus-4.6@high").out
