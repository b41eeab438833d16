"""Names in LiteLLM's registry: written, read back, and hidden from clients."""

from __future__ import annotations

import pytest

from pipeline.gateway.names import DeploymentId, is_hidden, read_id, tier_of
from pipeline.router.pick import alias_of


@pytest.mark.parametrize("variant", ["gpt-6-sol@high", "a|b@none", "with space@low"])
def test_a_deployment_id_is_read_as_it_was_written(variant: str) -> None:
    identity = DeploymentId(tier="balanced-coding", band="simple", version=12, order=3, variant=variant)
    assert read_id(str(identity)) == identity
    assert identity.group == "neo-mode/balanced-coding#simple@v0012"


@pytest.mark.parametrize("text", [None, 7, "", "gpt-6", "frugal.1.openai/gpt@none", "frugal#alias"])
def test_what_is_none_of_ours_is_no_deployment_id(text: object) -> None:
    assert read_id(text) is None


def test_clients_see_aliases_and_no_groups() -> None:
    assert tier_of(alias_of("frugal")) == "frugal"
    assert tier_of("neo-mode/frugal#simple@v0001") is None
    assert tier_of("gpt-6") is None
    assert is_hidden("neo-mode/frugal#simple@v0001")
    assert not is_hidden("neo-mode/frugal")
    assert not is_hidden("someone/else#1")
