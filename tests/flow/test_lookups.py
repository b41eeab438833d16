"""An id of any source finds its variant, and one that stands for several names them."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.flow.questions.identifier_lookup import known_variant
from pipeline.flow.record.config import read_config
from pipeline.workspace import Workspace
from tests.example import ROOT

RULES = read_config(Workspace(ROOT))


@pytest.mark.parametrize("name", ["moonshotai/kimi-k3", "moonshot/kimi-k3", "moonshotai:kimi-k3"])
def test_an_id_that_several_efforts_share_names_them(name: str) -> None:
    with pytest.raises(UsageError, match="stands for 2 variants") as told:
        known_variant(name, RULES)
    assert told.value.hint == "Name one of them: kimi-k3@low, kimi-k3@max."


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("kimi-k3@low", "kimi-k3@low"),
        ("512d17ef-13d2-4f65-bf9b-154b0dec7e8d", "kimi-k3@low"),
        ("Kimi K3 (low)", "kimi-k3@low"),
        ("kimi-k3-max", "kimi-k3@max"),
        ("openai/gpt-5.3-chat", "gpt-5.3-chat@none"),
    ],
)
def test_an_id_that_one_variant_has_is_that_variant(name: str, variant: str) -> None:
    assert known_variant(name, RULES) == variant


def _found(name: str) -> str:
    try:
        return known_variant(name, RULES)
    except UsageError as several:
        return several.hint


def test_every_id_of_every_variant_finds_it_or_names_it() -> None:
    ids = [
        (name, one.id)
        for one in RULES.crosswalk.variants.values()
        for name in (*one.models.values(), one.genai_prices)
        if name
    ]
    assert len(ids) > 500
    assert [(name, variant) for name, variant in ids if variant not in _found(name)] == []


def test_a_name_that_nobody_has_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="no variant 'kimi-k3@maximal'") as told:
        known_variant("kimi-k3@maximal", RULES)
    assert "kimi-k3@max" in told.value.hint
