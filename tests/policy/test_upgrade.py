"""A policy of format 1 becomes one of format 2: keys that are gone, keys that are new, nothing else."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline import atomic_files
from pipeline.policy.load import load_policy
from pipeline.policy.upgrade import upgrade_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.example import Example

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "policy" / "tiers.toml"
GONE = """# An outsider is admitted unless somebody beats it.
admissible_joint = 0.75
# Inside it most swaps were noise.
challenge_joint = 1.0
# Or places two and three drift.
worst_margin_elo = 60.0
# Elo below the best.
reach_elo = 200.0
# Elo of a decade of price.
price_weight_elo = 50.0
# More make it large.
voluntary_swaps = 1
# Off until asked for.
cost_swaps = false
"""


def of_format_1(text: str) -> str:
    """The shipped policy as format 1 would have it."""
    worth = re.search(r"# What a router asks.*?\n\n(?=# When a pool)", text, re.DOTALL)
    swaps = re.search(r"(?:#[^\n]*\n)+swap_intervals = 1.0\n", text)
    least = re.search(r"(?:#[^\n]*\n)+least_gain_per_100 = 0.1\n", text)
    assert worth
    assert swaps
    assert least
    old = text.replace(worth[0], "").replace(swaps[0], GONE).replace(least[0], "")
    assert "format = 2" in old
    return old.replace("format = 2", "format = 1").replace("lambda_usd = 0.05", "lambda_usd = 0.08 # ours")


@pytest.fixture
def old(example: Example) -> Example:
    policy = example.folder / "data/policy/tiers.toml"
    policy.write_text(of_format_1(policy.read_text()))
    return example


def test_what_comes_out_differs_from_the_shipped_policy_only_where_the_operator_did() -> None:
    shipped = SHIPPED.read_text()
    new = upgrade_text(of_format_1(shipped), shipped)
    assert sorted(new.replace("lambda_usd = 0.08 # ours", "lambda_usd = 0.05").split("\n")) == sorted(
        shipped.split("\n")
    )


def test_an_upgraded_policy_is_upgraded_already() -> None:
    shipped = SHIPPED.read_text()
    assert upgrade_text(shipped, shipped) == shipped
    once = upgrade_text(of_format_1(shipped), shipped)
    assert upgrade_text(once, shipped) == once


def test_a_command_on_an_old_policy_names_the_command_that_upgrades_it(old: Example) -> None:
    answer = old.run()
    assert answer.code == 2
    assert f"modelpool policy upgrade --workspace {old.folder}" in answer.err


def test_a_dry_run_shows_the_difference_and_writes_nothing(old: Example) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    before = policy.read_bytes()
    answer = old("policy", "upgrade", "--dry-run")
    assert answer.code == 0
    assert "-admissible_joint = 0.75" in answer.out
    assert "+swap_intervals = 1.0" in answer.out
    assert "Nothing was written." in answer.out
    assert policy.read_bytes() == before


def test_after_the_upgrade_the_week_runs_and_its_proposal_is_large(old: Example) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    before = policy.read_bytes()
    answer = old("policy", "upgrade")
    assert answer.code == 0, answer.err
    assert "lambda_usd = 0.08 # ours" in policy.read_text()
    assert policy.with_name("tiers.toml.format-1").read_bytes() == before
    assert old.run().code == 10
    assert old("policy", "upgrade").out.strip().endswith("nothing was changed.")


def test_a_policy_that_would_not_be_read_afterwards_stays_as_it_is(old: Example) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    broken = policy.read_text().replace("k = 3", "k = 0", 1)
    policy.write_text(broken)
    answer = old("policy", "upgrade")
    assert answer.code == 2
    assert policy.read_text() == broken
    assert not policy.with_name("tiers.toml.format-1").exists()


WAYS_TO_WRITE_IT = {
    "a comment after the header": ("[change]", "[change] # ours"),
    "spaces in the header": ("[change]", "[ change ]"),
    "a quoted key": ("format = 1", '"format" = 1'),
    "a comment after the number": ("format = 1", "format = 1 # ours"),
    "line ends of Windows": ("\n", "\r\n"),
}


@pytest.mark.parametrize(("plain", "written"), WAYS_TO_WRITE_IT.values(), ids=WAYS_TO_WRITE_IT.keys())
def test_a_policy_is_upgraded_however_it_is_written(old: Example, plain: str, written: str) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    before = policy.read_text().replace(plain, written).encode()
    policy.write_bytes(before)
    answer = old("policy", "upgrade")
    assert answer.code == 0, answer.err
    after = policy.read_bytes()
    assert written.replace("1", "2").encode() in after
    assert (b"\r" in after) is (b"\r" in before)
    assert after.count(b"\r") in {0, after.count(b"\n")}
    load_policy(policy)
    assert policy.with_name("tiers.toml.format-1").read_bytes() == before


CANNOT_BE_UPGRADED = {
    "a later format": (
        lambda text: text.replace("format = 1", "format = 3"),
        "this file is of format 3, newer",
    ),
    "an empty file": (lambda _: "", "is missing"),
    "a key over two lines": (
        lambda text: text.replace("reach_elo = 200.0", "reach_elo = [\n200.0]"),
        "cannot be upgraded",
    ),
    "a key out of range": (lambda text: text.replace("k = 3", "k = 0", 1), "cannot be upgraded"),
}


@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["written", "dry run"])
@pytest.mark.parametrize(("edit", "complaint"), CANNOT_BE_UPGRADED.values(), ids=CANNOT_BE_UPGRADED.keys())
def test_what_cannot_be_upgraded_is_refused_and_stays(
    old: Example, edit: Callable[[str], str], complaint: str, more: tuple[str, ...]
) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    before = edit(policy.read_text()).encode()
    policy.write_bytes(before)
    answer = old("policy", "upgrade", *more)
    assert answer.code == 2, answer.out
    assert complaint in answer.err
    assert policy.read_bytes() == before
    assert not policy.with_name("tiers.toml.format-1").exists()


def test_the_file_before_is_kept_before_the_policy_is_replaced(
    old: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = atomic_files.replace_file

    def noted(target: Path, body: bytes, *, mode: int | None = None) -> None:
        written.append(target.name)
        write(target, body, mode=mode)

    monkeypatch.setattr(atomic_files, "replace_file", noted)
    assert old("policy", "upgrade").code == 0
    assert [name for name in written if name.startswith("tiers")] == ["tiers.toml.format-1", "tiers.toml"]


def test_the_permissions_of_the_policy_stay(old: Example) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    policy.chmod(0o640)
    assert old("policy", "upgrade").code == 0
    assert stat.S_IMODE(policy.stat().st_mode) == 0o640


def test_a_policy_of_a_later_format_is_not_read(old: Example) -> None:
    policy = old.folder / "data/policy/tiers.toml"
    policy.write_text(SHIPPED.read_text().replace("format = 2", "format = 3"))
    answer = old.run()
    assert answer.code == 2
    assert "this file is of format 3, newer than this modelpool reads" in answer.err
