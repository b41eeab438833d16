"""Reading the policy: strict, and each refusal says which key, where, what was seen and expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.document import sha256_hex
from pipeline.errors import UsageError
from pipeline.policy.load import load_policy

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "policy" / "tiers.toml"
TEXT = SHIPPED.read_text()


def refused(tmp_path: Path, text: str) -> str:
    """The message about a broken policy, without the folder."""
    path = tmp_path / "tiers.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_policy(path)
    assert caught.value.exit_code == 2
    assert str(path) in caught.value.hint
    return str(caught.value).removeprefix(f"{tmp_path}/")


def line_with(text: str, start: str) -> int:
    """The number of the first line that starts so."""
    return next(n for n, line in enumerate(text.split("\n"), start=1) if line.startswith(start))


def test_the_shipped_policy_is_read_with_the_digest_of_its_bytes() -> None:
    policy, digest = load_policy(SHIPPED)
    assert digest == sha256_hex(SHIPPED.read_bytes())
    assert policy.routes == ("litellm", "openrouter")
    assert [kind.name for kind in policy.task_mix] == ["chat", "extraction", "long-context"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("draws = 2000", 'draws = "2000"', "draws is '2000'; expected a valid integer"),
        ("draws = 2000", "draws = 2000.5", "draws is 2000.5; expected a valid integer"),
        ("draws = 2000", "draws = 10", "draws is 10; expected greater than or equal to 100"),
        ("draws = 2000", "draws = inf", "draws is inf; expected a valid integer"),
        ("draws = 2000", "draws = true", "draws is True; expected a valid integer"),
        ('name = "starter"', "name = 2026-01-01", "name is {'date': '2026-01-01'}; expected a valid str"),
        ("min_r2 = 0.5", "min_r2 = 1.5", "quality.min_r2 is 1.5; expected less than or equal to 1"),
        ("min_r2 = 0.5", "min_r2 = nan", "quality.min_r2 is nan; expected a finite number"),
        ("needs_tools = false", 'needs_tools = "no"', "tiers.frugal.needs_tools is 'no'; expected"),
        ("xhigh = 13.0", "xhigh = 0", "cost.effort_ladder.xhigh is 0; expected greater than 0"),
        ("lambda_usd = 0.05\n", "lambda_usd = 0\n", "tiers.balanced.lambda_usd is 0; expected greater than"),
        ("tokens_in = 6000.0", "tokens_in = -1", "task_mix[2].tokens_in is -1; expected greater than 0"),
        (
            '["litellm", "openrouter"]',
            '["portkey"]',
            "routes is ['portkey']; expected one or both of litellm",
        ),
        ('["litellm", "openrouter"]', "[]", "routes is []; expected one or both of litellm, openrouter"),
        ('"aa/coding"', '"aa/maths"', "evidence.coding.index is 'aa/maths'; expected one of aa/intelligence"),
        ('"aa/coding"', '"arena-text/math"', "evidence.coding.index is 'arena-text/math'; expected one of"),
        ('"arena-webdev/overall"', '"aa/agentic"', "evidence.coding.arena is 'aa/agentic'; expected e.g."),
        ('"arena-webdev/overall"', '"webdev"', "no source publishes 'webdev'"),
        ("[tiers.premium]", "[tiers.Premium]", "tiers.Premium is not a tier's name; expected lower-case"),
        ("[tiers.premium]", '[tiers."a/b"]', "tiers.a/b is not a tier's name; expected lower-case letters"),
    ],
)
def test_a_value_of_another_form_is_named_by_line_key_value_and_form(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert TEXT.count(old) >= 1
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    assert refused(tmp_path, TEXT.replace(old, new, 1)).startswith(f"tiers.toml:{line}: {problem}")


@pytest.mark.parametrize(
    ("old", "new", "table", "problem"),
    [
        ("2b = 0.65", "2c = 0.65", "[cost.log_sd]", "cost.log_sd has the keys ['1', '2a', '2c', "),
        ("xhigh = 13.0", "xxl = 13.0", "[cost.effort_ladder]", "cost.effort_ladder has the keys ['def"),
        ("simple = 0.3", "easy = 0.3", "[bands]", "bands must be simple, medium and complex, are ['"),
        ("share = 0.1", "share = 0.4", "[[task_mix]]", "the shares of task_mix add up to 1.2"),
        ('name = "extraction"', 'name = "chat"', "[[task_mix]]", "task_mix names ['chat', 'chat', 'lo"),
    ],
)
def test_a_rule_over_several_keys_names_their_table(
    tmp_path: Path, old: str, new: str, table: str, problem: str
) -> None:
    assert old in TEXT
    line = line_with(TEXT, table)
    assert refused(tmp_path, TEXT.replace(old, new, 1)).startswith(f"tiers.toml:{line}: {problem}")


def test_an_unknown_key_is_refused_with_the_keys_there_are(tmp_path: Path) -> None:
    text = TEXT.replace("k = 3", "kk = 3\nk = 3", 1)
    message = refused(tmp_path, text)
    line = line_with(text, "kk")
    assert message.startswith(
        f"tiers.toml:{line}: tiers.frugal.kk is not a key of this file; expected one of"
    )
    assert ", k, lambda_usd, licences_allowed, min_context_tokens, " in message


def test_an_unknown_table_is_refused_with_the_tables_there_are(tmp_path: Path) -> None:
    message = refused(tmp_path, f"{TEXT}\n[extra]\na = 1\n")
    assert "extra is not a key of this file; expected one of bands, change, concentration, cost, " in message


def test_a_missing_key_is_named_with_the_line_of_its_table(tmp_path: Path) -> None:
    text = TEXT.replace("retirement_days = 60", "", 1)
    line = line_with(text, "[tiers.frugal]")
    assert refused(tmp_path, text).startswith(
        f"tiers.toml:{line}: tiers.frugal.retirement_days is missing; expected a value: integer at least 0"
    )


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    text = TEXT[: TEXT.index("[tiers.frugal]")]
    assert refused(tmp_path, text).startswith("tiers.toml: tiers is missing; expected a value: table")
    assert "at least one tier" in refused(tmp_path, f"{text}\n[tiers]\n")


def test_a_tier_must_name_evidence_that_is_defined(tmp_path: Path) -> None:
    text = TEXT.replace('evidence = "general"', 'evidence = "generla"', 1)
    line = line_with(text, 'evidence = "generla"')
    assert refused(tmp_path, text).startswith(f"tiers.toml:{line}: tiers.frugal.evidence names 'generla'")


def test_several_problems_are_counted(tmp_path: Path) -> None:
    text = TEXT.replace("draws = 2000", "draws = 1").replace("seed = 20260815", "seed = -1")
    assert refused(tmp_path, text).endswith("(1 more after this one)")
